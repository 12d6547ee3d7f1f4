"""``nonet deidentify``: DICOM images in; the same without what names a patient, a report and contact sheets out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nonet.deidentify.key import Key
    from nonet.deidentify.report import Report
    from nonet.errors import Failure

__all__ = ["deidentify"]

_SOME_FAILED = 1
_INTERRUPTED = 130


def deidentify(
    source: Annotated[
        Path, typer.Argument(metavar="IN", exists=True, help="A DICOM file or a folder.", show_default=False)
    ],
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="A folder that is empty or not there yet.", show_default=False)
    ],
    key: Annotated[
        Path | None,
        typer.Option(
            help="Key file, made if it is not there: the same key gives the same pseudonyms and UIDs. Keep it."
        ),
    ] = None,
    dates: Annotated[
        Literal["remove", "shift"],
        typer.Option(help="Remove dates, or shift all dates of a patient by the same number of days."),
    ] = "remove",
    confirm_no_regions: Annotated[
        bool,
        typer.Option(
            "--confirm-no-regions",
            help="Also write images without calibrated regions: you looked at each, and none names the patient.",
        ),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the report as JSON, not a summary.")] = False,
) -> None:
    """Remove what names a patient from DICOM ultrasound, in tags and pixels. Then look at every picture."""
    from nonet.cli.progress import watched
    from nonet.deidentify import Dates, Options
    from nonet.deidentify import deidentify as deidentified

    if source.is_dir() and source.resolve() == out.resolve():
        raise typer.BadParameter("OUT must be another folder than IN")
    if key is not None and key.resolve().is_relative_to(out.resolve()):
        raise typer.BadParameter("--key must lie outside OUT, which is passed on; who has the key can find the patient")
    secret, where = _key(key)

    def watch(files: Sequence[Path]) -> Iterator[Path]:
        return watched(files, "de-identifying")

    options = Options(secret, Dates(dates), confirm_no_regions)
    try:
        report = deidentified(source, out, options, key=where, watch=watch, fail=_print_failure)
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted: what was written is kept and reported; name another folder to start again.\n")
        raise typer.Exit(_INTERRUPTED) from None
    sys.stdout.write(report.to_json() if json else _summary(report))
    sys.stderr.write(f"{len(report.cleaned)} of {len(report.cleaned) + len(report.failed)} files written to {out}\n")
    if report.failed or not report.cleaned:
        raise typer.Exit(_SOME_FAILED)


def _key(path: Path | None) -> tuple[Key, str]:
    from nonet.deidentify.key import Key

    if path is None:
        sys.stderr.write(
            "nonet: no --key, so a fresh one is used and not kept: a later run gives this patient another pseudonym\n"
        )
        return Key.random(), "random, not kept"
    key, made = Key.open_or_make(path)
    if made:
        sys.stderr.write(f"nonet: made the key file {path}; keep it secret and apart from the images\n")
    return key, "a key file"


def _print_failure(failure: Failure) -> None:
    from nonet.outputs.phrases import printable

    sys.stderr.write(f"nonet: {printable(f'{failure.name}: {failure.error}')}\n")


def _summary(report: Report) -> str:
    """What was done, in lines: how much was removed and blanked, what to look at."""
    if not report.cleaned:
        return "No image was written.\n"
    removed = sorted({name for one in report.cleaned for name in one.removed})
    frames = sum(one.frames for one in report.cleaned)
    outside = sum(one.blanked_outside * one.frames for one in report.cleaned) / frames
    overlay = sum(one.blanked_overlay * one.frames for one in report.cleaned) / frames
    lines = [
        f"{len(report.cleaned)} files with {frames} frames de-identified",
        f"removed: {len(removed)} attributes, among them {', '.join(removed[:6])}" if removed else "removed: none",
        f"blanked: {outside:.1%} of the pixels outside the image, {overlay:.1%} as overlay inside it",
        f"dates: {'shifted' if report.dates == 'shift' else 'removed'}; key: {report.key}",
    ]
    for words in sorted({words for one in report.cleaned for words in one.warnings}):
        number = sum(words in one.warnings for one in report.cleaned)
        lines.append(f"warning, {number} files: {words}")
    if report.left_alone:
        lines.append(f"{report.left_alone} files that are no images were left alone")
    lines.append(f"Look at every picture before it leaves the hospital: {', '.join(report.contact_sheets)}")
    return "\n".join(lines) + "\n"
