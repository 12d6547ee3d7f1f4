"""What ``nonet read`` does with an engine of many machines, or with an object store for the results."""

from __future__ import annotations

import sys
from itertools import repeat
from typing import TYPE_CHECKING

import typer

from nonet.cli.extras import needs_extra
from nonet.cli.progress import watched
from nonet.cli.read_end import NO_IMAGE, report_drift, report_failures

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nonet.bundle import Bundle
    from nonet.errors import Failure
    from nonet.outputs.folder import FoundFile
    from nonet.outputs.store.part import Part
    from nonet.reading import Settings
    from nonet.work import Engine

__all__ = ["engine_of", "read_into_store"]

_SOME_FAILED = 1
_INTERRUPTED = 130


def engine_of(name: str, address: str | None, workers: int | None, cores: int) -> Engine:
    """The engine of a name.

    Parameters
    ----------
    name
        ``local`` or ``ray``.
    address
        Of a running Ray cluster.
    workers
        What the user asked for, if anything.
    cores
        Of this machine.

    Raises
    ------
    typer.BadParameter
        If there is no such engine, or an address is not for it.
    SettingsError
        If the extra ``ray`` is not installed.
    """
    if name not in {"local", "ray"}:
        raise typer.BadParameter(f"--engine is local or ray; found {name!r}")
    if name == "local":
        if address:
            raise typer.BadParameter("--address goes with --engine ray; found --engine local")
        from nonet.work import LocalEngine

        return LocalEngine(workers or cores)
    with needs_extra("ray"):
        from importlib.util import find_spec

        if find_spec("ray") is None:
            raise ModuleNotFoundError("no ray", name="ray")
    from nonet.work.ray_engine import RayEngine

    return RayEngine(workers, address, cores)


def read_into_store(
    files: Sequence[FoundFile],
    out: str,
    save: str,
    bundle: Bundle,
    settings: Settings,
    engine: Engine,
    workers: int,
    *,
    mask: bool,
) -> None:
    """Read the files that are not finished into a store; say on stderr what became of them.

    Raises
    ------
    typer.Exit
        With code 1 if some files could not be read, 130 if the run was interrupted.
    """
    from nonet.outputs.store.places import open_store
    from nonet.outputs.store.read_store import StoreRun, named_jobs, outputs_of_frames

    if not files:
        _end(0, 0, 0, [], out)
    run = StoreRun(bundle, settings, open_store(out), outputs_of_frames(save), mask=mask)
    kept, failed_before = 0, 0
    far: list[float] = []
    failures: list[Failure] = []
    try:
        for done in run.read_all(named_jobs(files), engine, workers, _watch):
            kept += done.kept
            failed_before += done.failed_before
            far += [share for share in done.far_out if share == share]  # noqa: PLR0124 - not NaN
            failures += done.failures
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted: parts that were finished are kept; the same command goes on from there.\n")
        raise typer.Exit(_INTERRUPTED) from None
    report_drift(far)
    _end(len(files), kept, failed_before, failures, out)


def _watch(parts: Sequence[Part]) -> Iterator[Part]:
    """The parts one by one, with progress by files."""
    files = watched(range(sum(len(part.jobs) for part in parts)), "reading")
    for part in parts:
        for _ in zip(part.jobs, files, strict=False):
            pass
        yield part
    for _ in zip(repeat(None), files, strict=False):
        pass


def _end(total: int, kept: int, failed_before: int, failures: Sequence[Failure], out: str) -> None:
    report_failures(failures)
    if failed_before:
        sys.stderr.write(f"nonet: {failed_before} files could not be read before; their rows have a failure_rule\n")
    before = f", {kept - failed_before} of them before" if kept else ""
    unread = len({failure.name for failure in failures}) + failed_before
    sys.stderr.write(f"{total - unread} of {total} files read{before}; see {out}\n")
    if not total:
        sys.stderr.write(NO_IMAGE)
    if unread or not total:
        raise typer.Exit(_SOME_FAILED)
