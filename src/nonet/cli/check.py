"""``nonet check``: every problem of a data set or a file at once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nonet.datasets import ImageRow
    from nonet.datasets.inspection import Inspection

__all__ = ["check"]

_STYLES = {"error": "bold red", "warning": "yellow", "note": "dim"}


def check(
    data: Annotated[
        Path, typer.Argument(exists=True, help="A data set (Fetus Framework, COCO, YOLO txt), an image, or DICOM.")
    ],
    json: Annotated[bool, typer.Option("--json", help="Print the problems as JSON.")] = False,
) -> None:
    """List every problem of a data set or a file at once; exit 1 if one of them is an error."""
    from nonet.datasets import Severity
    from nonet.datasets.inspection import inspect

    inspection = inspect(data, _watched)
    if json:
        sys.stdout.write(_document(inspection))
    else:
        _print(inspection)
    raise typer.Exit(1 if inspection.count(Severity.ERROR) else 0)


def _watched(images: Sequence[ImageRow]) -> Iterator[ImageRow]:
    from nonet.cli.progress import watched

    return watched(images, "opening images")


def _document(inspection: Inspection) -> str:
    import json
    from dataclasses import asdict

    from nonet.datasets import Severity

    counts = {f"{severity.value}s": inspection.count(severity) for severity in Severity}
    return json.dumps({**asdict(inspection), **counts}, indent=2) + "\n"


def _print(inspection: Inspection) -> None:
    from rich.text import Text

    from nonet.datasets import Severity
    from nonet.outputs.phrases import printable
    from nonet.outputs.terminal import make_console

    console = make_console()
    for problem in inspection.problems:
        words = f"{problem.file}: {problem.found}. {problem.rule}. {problem.remedy}."
        console.print(Text.assemble((f"{problem.severity}  ", _STYLES[problem.severity]), printable(words)))
    splits = f" in {', '.join(inspection.splits)}" if inspection.splits else ""
    counts = ", ".join(f"{inspection.count(severity)} {severity.value}s" for severity in Severity)
    console.print(Text(f"{inspection.form}: {inspection.images} images{splits}, {inspection.boxes} boxes. {counts}."))
