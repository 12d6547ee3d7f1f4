"""``nonet read``: files and folders in; readings, pictures, a CSV, a page and a table out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nonet.outputs.folder import NamedReading, OutputFolder

__all__ = ["read"]

_SOME_FAILED = 1
_INTERRUPTED = 130
_FEW = 3
"""Up to this many frames get a full table each."""


def read(
    paths: Annotated[list[Path], typer.Argument(help="Images, DICOM files, or folders.", show_default=False)],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for the results.")] = Path("out"),
    json: Annotated[bool, typer.Option("--json", help="Print the readings as a JSON array, not a table.")] = False,
    spacing: Annotated[
        str | None, typer.Option(help="Millimetres per pixel, X or X,Y, for files that do not say.")
    ] = None,
    bundle: Annotated[Path | None, typer.Option(help="Folder of a model bundle; by default the one shipped.")] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Tell the features to which each probability owes most.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Read finished files again.")] = False,
) -> None:
    """Read images: find the nine structures of the fetal head and write what was found."""
    from nonet.bundle import DEFAULT_BUNDLE, Bundle
    from nonet.cli.progress import watched
    from nonet.frames import find_files
    from nonet.outputs.folder import OutputFolder
    from nonet.reader import Reader
    from nonet.reading import Settings

    settings = Settings(_spacing(spacing), explain)
    files = find_files(_apart(paths, out), skip=out)
    batch = OutputFolder(Reader(Bundle(bundle or DEFAULT_BUNDLE), settings), files, out)
    out.mkdir(parents=True, exist_ok=True)
    show = _print_json if json else _print_table
    try:
        show(_read_all(batch, again=again))
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted: what was read is kept; the same command goes on from there.\n")
        raise typer.Exit(_INTERRUPTED) from None
    finally:
        batch.close(lambda entries: watched(entries, "writing the page"))
    _report(batch)


def _read_all(batch: OutputFolder, *, again: bool) -> Iterator[NamedReading]:
    from nonet.cli.progress import watched

    for path, name in watched(list(batch.names().items()), "reading"):
        kept = [] if again else batch.finished(path, name)
        yield from kept or batch.read(path, name)


def _print_json(readings: Iterator[NamedReading]) -> None:
    """One JSON array, whole even if the batch is interrupted."""
    separator = "[\n"
    try:
        for named in readings:
            sys.stdout.write(separator + named.reading.to_json().rstrip("\n"))
            separator = ",\n"
    finally:
        sys.stdout.write("[]\n" if separator == "[\n" else "\n]\n")


def _print_table(readings: Iterator[NamedReading]) -> None:
    from rich.console import Console

    from nonet.outputs import terminal as table

    console = Console()
    rows = [(named.name, named.reading) for named in readings]
    for name, reading in rows if len(rows) <= _FEW else []:
        console.print(table.render_one(name, reading))
    if len(rows) > _FEW:
        console.print(table.render(rows))


def _report(batch: OutputFolder) -> None:
    from nonet.outputs.folder import CSV_NAME, PAGE_NAME

    for failure in batch.failures:
        sys.stderr.write(f"nonet: {failure.rule}. Found: {failure.found}. {failure.remedy}.\n")
    unread = {failure.name for failure in batch.failures} & set(batch.names().values())
    read_files = len(batch.files) - len(unread)
    sys.stderr.write(f"{read_files} of {len(batch.files)} files read; see {batch.out / PAGE_NAME}, {CSV_NAME}\n")
    if batch.failures or not batch.files:
        raise typer.Exit(_SOME_FAILED)


def _apart(paths: list[Path], out: Path) -> list[Path]:
    """The paths, if the results will not land among them."""
    if any(path.is_dir() and path.resolve() == out.resolve() for path in paths):
        raise typer.BadParameter(f"--out must be another folder than the ones that are read; found {out} for both")
    return paths


def _spacing(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 2) or not all(0.001 <= number <= 10 for number in numbers):
        raise typer.BadParameter(f"--spacing is X or X,Y in mm per pixel, each from 0.001 to 10; found {text!r}")
    return numbers[0], numbers[-1]
