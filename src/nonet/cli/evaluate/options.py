"""Arguments and options that several commands of ``nonet evaluate`` share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["AsJson", "BundleFolder", "BundleFolders", "DataFolder", "FrameCount", "PrintedReadings", "Split", "Workers"]

DataFolder = Annotated[Path, typer.Argument(exists=True, help="A data set: Fetus Framework, COCO, YOLO txt, images.")]
Split = Annotated[str | None, typer.Option(help="Part of the data set, such as set2; all of it if not given.")]
BundleFolder = Annotated[
    Path | None, typer.Option("--bundle", exists=True, help="Folder of a model bundle; by default the one shipped.")
]
BundleFolders = Annotated[
    list[Path] | None,
    typer.Option(
        "--bundle",
        exists=True,
        help="Folder of a model bundle; by default the one shipped. Of several, each takes frames it has not seen.",
    ),
]
FrameCount = Annotated[
    int | None,
    typer.Option("--frames", min=1, help="Only so many frames, drawn by their names' hashes; all if not given."),
]
PrintedReadings = Annotated[
    Path | None,
    typer.Option(
        "--readings",
        exists=True,
        dir_okay=False,
        help="CSV of printed readings; by default frames.csv in the data set's folder.",
    ),
]
Workers = Annotated[int, typer.Option(min=1, help="Number of processes.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")]
