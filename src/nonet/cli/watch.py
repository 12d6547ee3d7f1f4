"""``nonet watch``: read what is put into a folder, as long as the program runs."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

__all__ = ["watch"]

_SOME_FAILED = 1


def watch(
    watched: Annotated[Path, typer.Argument(metavar="IN", help="Folder to watch.", show_default=False)],
    out: Annotated[Path, typer.Argument(help="Folder for the results.", show_default=False)],
    save: Annotated[str, typer.Option(help="What to write besides the JSON of each frame, as in nonet read.")] = "csv",
    once: Annotated[bool, typer.Option("--once", help="Read what is there once it has settled, and end.")] = False,
    settle: Annotated[
        float, typer.Option(min=0, max=3600, help="Seconds for which a file must stay as it is before it is read.")
    ] = 5.0,
    bundle: Annotated[Path | None, typer.Option(help="Folder of a model bundle; by default the one shipped.")] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes, where many files arrive at once.")] = 1,
) -> None:
    """Read each image that is put into a folder, once it has stopped growing, until the program is asked to end.

    SIGTERM and Ctrl-C finish the file that is being read; the exit code is then 0. What could not be read stands in
    OUT/failures.json. A program that was killed goes on where it was.
    """
    from nonet.bundle import DEFAULT_BUNDLE, Bundle
    from nonet.outputs.folder import OutputFolder
    from nonet.outputs.registry import make_outputs
    from nonet.reading import Settings
    from nonet.serve.watch import WatchFolder

    if not watched.is_dir():
        raise typer.BadParameter(f"IN is a folder that is there; found {watched}")
    if watched.resolve() == out.resolve():
        raise typer.BadParameter(f"OUT must be another folder than IN; found {out} for both")
    stopped = _stopping_on_signals()
    outputs = make_outputs(save, out)
    folder = OutputFolder(Bundle(bundle or DEFAULT_BUNDLE), Settings(), [], out, outputs)
    watching = WatchFolder(watched, folder, settle, stopped, workers)
    sys.stderr.write(f"watching {watched}; results in {out}\n")
    try:
        for batch in watching.run(once=once):
            sys.stderr.write(f"{batch.read} files read, {batch.failed} could not be; see {out}\n")
    except BaseException:
        folder.release()
        raise
    folder.failures[:] = watching.failures
    folder.close()
    if once and len(watching.failures):
        raise typer.Exit(_SOME_FAILED)


def _stopping_on_signals() -> Callable[[], bool]:
    """A function that says whether SIGTERM or SIGINT has come since."""
    came: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        del frame
        came.append(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, note)
    return lambda: bool(came)
