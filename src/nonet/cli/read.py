"""``nonet read``: files and folders in; readings, pictures, a CSV, a page and a table out."""

from __future__ import annotations

import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nonet.cli.read_end import NO_IMAGE, report_drift, report_failures
from nonet.errors import EnvironmentFailure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nonet.bundle import Bundle
    from nonet.cli.read_dicomweb import Addresses
    from nonet.outputs.folder import FoundFile, NamedReading, OutputFolder
    from nonet.outputs.read_file import Job
    from nonet.reading import Settings

__all__ = ["read"]

_SOME_FAILED = 1
_INTERRUPTED = 130
_FEW = 3
"""Up to this many frames get a full table each."""
_WORTH_WORKERS = 16
"""So many files pay for the second that a worker takes to start."""
_MOST_WORKERS = 8
_MOST_ASKED = 64
_RULER = "ruler"


def read(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="PATHS",
            help="Images, DICOM files, folders, or dicomweb://HOST:PORT/ROOT/studies/UID (or /series/UID below it).",
            show_default=False,
        ),
    ],
    out: Annotated[str, typer.Option("-o", "--out", help="Folder for the results, or s3://BUCKET/PREFIX.")] = "out",
    save: Annotated[
        str | None,
        typer.Option(
            help="What to write besides the JSON of each frame and loop: csv, picture, page, parquet, coco, yolo, "
            "cvat, sr, gsps, sc; by default csv,picture,page. With --engine ray or s3://, besides Parquet: json, "
            "picture, sr, gsps, sc.",
            show_default=False,
        ),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print the readings as a JSON array, failures after them, not a table.")
    ] = False,
    spacing: Annotated[
        str | None,
        typer.Option(
            help="Millimetres per pixel, X or X,Y, for files that have no calibration; or ruler: read from the screen."
        ),
    ] = None,
    force_spacing: Annotated[
        bool, typer.Option("--force-spacing", help="Use --spacing in place of a file's own calibration.")
    ] = False,
    crl: Annotated[
        float | None, typer.Option(help="Crown-rump length, 45 to 84 mm: gives centiles of the measurements.")
    ] = None,
    ga: Annotated[
        str | None, typer.Option(help="Gestational age, 12+3 or days: gives centiles, too; must agree with --crl.")
    ] = None,
    norms: Annotated[
        Path | None, typer.Option(help="A site's own table of norms (JSON), in place of the one shipped.")
    ] = None,
    loop: Annotated[
        bool, typer.Option("--loop", help="Read each folder of numbered stills as one loop, in the order of numbers.")
    ] = False,
    best: Annotated[
        int | None,
        typer.Option(min=1, max=100, help="Of each loop, write results of so many best frames, not of all: quicker."),
    ] = None,
    bundle: Annotated[Path | None, typer.Option(help="Folder of a model bundle; by default the one shipped.")] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="List the features that most influence each probability.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Read finished files again.")] = False,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1, max=4096, help="Processes, 64 on one machine at most; by default as many as there are cores."
        ),
    ] = None,
    engine: Annotated[str, typer.Option(help="Where files are read: local, or ray (extra nonet[ray]).")] = "local",
    address: Annotated[
        str | None,
        typer.Option(help="HOST:PORT of a running Ray cluster's head; without it Ray works on this machine."),
    ] = None,
    mask_overlay: Annotated[
        bool,
        typer.Option(
            "--mask-overlay",
            help="Blacken burnt-in text where it is found, in all that shows pixels (not in readings).",
        ),
    ] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove results whose source is gone; otherwise they are marked.")
    ] = False,
    stow: Annotated[
        bool, typer.Option("--stow", help="Store the DICOM results of --save on the DICOMweb server they are of.")
    ] = False,
    credentials: Annotated[
        str | None,
        typer.Option(help="File, or env:NAME, that holds user:password or Bearer TOKEN for the DICOMweb server."),
    ] = None,
    authority: Annotated[
        Path | None, typer.Option(help="File of certificates that a DICOMweb server's must go back to.")
    ] = None,
) -> None:
    """Read images: find the nine structures of the fetal head and write what was found."""
    from nonet.bundle import DEFAULT_BUNDLE, Bundle
    from nonet.cli.progress import watched, watched_within
    from nonet.outputs.folder import OutputFolder
    from nonet.outputs.pixel_output import mask_overlays
    from nonet.outputs.registry import DEFAULT_OUTPUTS, make_outputs
    from nonet.outputs.store.places import is_object_store

    if force_spacing and spacing is None:
        raise typer.BadParameter("--force-spacing needs --spacing; found none")

    settings = _settings(spacing, force_spacing, crl, ga, norms, explain=explain)
    opened = Bundle(bundle or DEFAULT_BUNDLE)
    if engine != "local" or address or is_object_store(out):
        _refuse_with_store({"--json": json, "--again": again, "--prune": prune, "--stow": stow, "--loop": loop})
        _read_into_store(sources, out, save or "", opened, settings, workers, engine, address, mask=mask_overlay)
        return
    if workers and workers > _MOST_ASKED:
        raise typer.BadParameter(f"--workers is at most {_MOST_ASKED} on one machine; found {workers}")
    save, target = DEFAULT_OUTPUTS if save is None else save, Path(out)
    outputs = make_outputs(save, target)
    paths, addresses = _paths_and_addresses(sources, credentials, authority)
    stored = _stored(save, stow, addresses)
    if mask_overlay:
        mask_overlays(outputs)
    found = _found_loops(paths, target) if loop else _found(paths, target)
    folder = OutputFolder(opened, settings, found, target, outputs, best=best)
    if prune:
        sys.stderr.write(f"{len(folder.prune())} results removed whose source is gone\n")
    show = _print_json if json else _print_table

    far: list[float] = []

    def watch(jobs: Sequence[Job]) -> Iterator[Job]:
        return watched(jobs, "reading")

    try:
        processes = workers or _workers(len(folder.names))
        readings = folder.read_all(
            watch,
            again=again,
            workers=processes,
            loop_workers=workers or min(_cores(), _MOST_WORKERS),
            watch_frames=lambda frames, count: watched_within(frames, count, "frames of the loop"),
        )
        if addresses:
            remote = addresses.read(folder, watch, stored=stored, again=again, workers=lambda n: workers or _workers(n))
            readings = chain(readings, remote)
        show(folder, _noting(readings, far))
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted: what was read is kept; the same command goes on from there.\n")
        folder.close(lambda entries: watched(entries, "collecting readings"))
        raise typer.Exit(_INTERRUPTED) from None
    except EnvironmentFailure:  # standard output, after all was read
        folder.close()
        raise
    except OSError:
        folder.release()
        raise
    folder.close(lambda entries: watched(entries, "collecting readings"))
    report_drift(far)
    _report(folder, outputs=save)


def _refuse_with_store(asked: Mapping[str, bool]) -> None:
    """Refuse what needs all readings of a run at once, or what is there to be changed."""
    wrong = [option for option, is_asked in asked.items() if is_asked]
    if wrong:
        raise typer.BadParameter(
            f"{', '.join(wrong)} cannot go with --engine ray or an object store: rows are added and never changed; "
            "ask the Parquet data set, or write to another place"
        )


def _read_into_store(
    sources: Sequence[str],
    out: str,
    save: str,
    bundle: Bundle,
    settings: Settings,
    workers: int | None,
    engine: str,
    address: str | None,
    *,
    mask: bool,
) -> None:
    from nonet.cli.read_store import engine_of, read_into_store
    from nonet.outputs.store.places import is_object_store

    remote = [source for source in sources if is_object_store(source)]
    if remote:
        raise typer.BadParameter(f"--engine ray and an object store for results read files; found {remote[0]}")
    cores = _cores()
    chosen = engine_of(engine, address, workers, cores)
    found = _found([Path(source) for source in sources], None if is_object_store(out) else Path(out))
    read_into_store(found, out, save, bundle, settings, chosen, workers or cores, mask=mask)


def _paths_and_addresses(
    sources: Sequence[str], credentials: str | None, authority: Path | None
) -> tuple[list[Path], Addresses | None]:
    """The files and folders, and the addresses on DICOMweb servers; None if there are none."""
    from nonet.serve.dicomweb.address import is_address

    remote = [source for source in sources if is_address(source)]
    paths = [Path(source) for source in sources if not is_address(source)]
    if not remote:
        if credentials or authority:
            raise typer.BadParameter("--credentials and --authority go with a dicomweb:// address; found none")
        return paths, None
    from nonet.cli.read_dicomweb import Addresses

    return paths, Addresses(remote, credentials, authority)


def _stored(save: str, stow: bool, addresses: Addresses | None) -> list[str]:
    """The kinds of results that go back to the server."""
    if not stow:
        return []
    from nonet.outputs.dicom.results import KINDS

    kinds = [kind for kind in KINDS if kind in {name.strip() for name in save.split(",")}]
    if not (kinds and addresses):
        raise typer.BadParameter("--stow needs a dicomweb:// address and sr, gsps or sc in --save; found none")
    return kinds


def _workers(files: int) -> int:
    """As many processes as the machine has cores for, one where there is little to do."""
    return min(_cores(), _MOST_WORKERS, files) if files >= _WORTH_WORKERS else 1


def _cores() -> int:
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _found_loops(paths: Sequence[Path], out: Path) -> list[FoundFile]:
    """The folders to read as loops: those that hold stills, at any depth of what was given; files as they are."""
    from nonet.outputs.folder import FoundFile

    found = _found(paths, out)
    folders = {one.path.parent: one.given for one in found if one.given.is_dir()}
    loops = [FoundFile(folder, given) for folder, given in folders.items()]
    return [*loops, *(one for one in found if not one.given.is_dir())]


def _found(paths: Sequence[Path], out: Path | None) -> list[FoundFile]:
    """The files to read, each once, with the argument under which it was found."""
    from nonet.frames import find_files
    from nonet.outputs.folder import FoundFile

    if out and any(path.is_dir() and path.resolve() == out.resolve() for path in paths):
        raise typer.BadParameter(f"--out must be another folder than the ones that are read; found {out} for both")
    found = {file.resolve(): FoundFile(file, path) for path in reversed(paths) for file in find_files([path], skip=out)}
    order = {path.resolve(): place for place, path in enumerate(find_files(paths, skip=out))}
    return sorted(found.values(), key=lambda file: order.get(file.path.resolve(), len(order)))


def _print_json(folder: OutputFolder, readings: Iterator[NamedReading]) -> None:
    """One JSON array, whole even if the run is interrupted: the readings, then the failures.

    All files are read even where nobody takes the output any more; then that is the error.
    """
    import json

    refused: list[OSError | EnvironmentFailure] = []

    def put(text: str) -> None:
        try:
            if not refused:
                sys.stdout.write(text)
        except (OSError, EnvironmentFailure) as problem:
            refused.append(problem)

    separator = "[\n"
    try:
        for named in readings:
            put(separator + named.reading.to_json().rstrip("\n"))
            separator = ",\n"
        for failure in folder.failures:
            put(separator + json.dumps({"failure": failure.to_dict()}, indent=2))
            separator = ",\n"
    finally:
        put("[]\n" if separator == "[\n" else "\n]\n")
    if refused:
        raise refused[0]


def _print_table(folder: OutputFolder, readings: Iterator[NamedReading]) -> None:
    from nonet.outputs import terminal

    del folder
    console = terminal.make_console()
    rows = [(named.name, named.reading) for named in readings]
    for name, reading in rows if len(rows) <= _FEW else []:
        console.print(terminal.render_one(name, reading))
    if len(rows) > _FEW:
        console.print(terminal.render(rows))


def _noting(readings: Iterator[NamedReading], far: list[float]) -> Iterator[NamedReading]:
    """The readings as they come; how far out their frames lie is noted on the way."""
    for named in readings:
        if (share := named.reading.plane_quality.as_far_out) is not None:
            far.append(share)
        yield named


def _report(folder: OutputFolder, outputs: str) -> None:
    from nonet.outputs.phrases import printable

    report_failures(folder.failures)
    for name, reason, outputs_without in folder.without():
        sys.stderr.write(f"nonet: {printable(name)}: no {', '.join(outputs_without)}: {reason}\n")
    total = len(folder.names)
    unread = {failure.name for failure in folder.failures}
    sys.stderr.write(f"{total - len(unread)} of {total} files read; see {folder.out} ({outputs or 'json'})\n")
    if not total:
        sys.stderr.write(NO_IMAGE)
    if folder.failures or not total:
        raise typer.Exit(_SOME_FAILED)


def _settings(
    spacing: str | None, force: bool, crl_mm: float | None, ga: str | None, norms: Path | None, *, explain: bool
) -> Settings:
    """The settings of a run; those that cannot be are a wrong use of the command."""
    from nonet.errors import SettingsError
    from nonet.measure.age import parse_days
    from nonet.measure.norms_in_use import chosen_norms
    from nonet.reading import Settings

    try:
        ga_days = None if ga is None else parse_days(ga)
        chosen = chosen_norms(crl_mm, ga_days, norms)
    except SettingsError as problem:
        raise typer.BadParameter(str(problem)) from problem
    ruler = spacing is not None and spacing.strip().lower() == _RULER
    return Settings(None if ruler else _spacing(spacing), explain, force, ruler, crl_mm, ga_days, chosen)


def _spacing(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    from nonet.frames.pixel_size import is_plausible

    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 2) or not all(map(is_plausible, numbers)):
        raise typer.BadParameter(
            f"--spacing is X or X,Y in mm per pixel, each from 0.001 to 10, or ruler; found {text!r}"
        )
    return numbers[0], numbers[-1]
