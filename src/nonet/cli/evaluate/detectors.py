"""``nonet evaluate detectors``: several detectors beside each other on the same frames."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from nonet.cli.evaluate.options import AsJson, Split

__all__ = ["detectors"]


def detectors(
    data: Annotated[Path, typer.Argument(exists=True, help="A data set: Fetus Framework, COCO or YOLO txt.")],
    *,
    bundle: Annotated[
        list[Path],
        typer.Option(
            exists=True, help="Folder of a model bundle, once for each; the first is what others are held to."
        ),
    ],
    split: Split = None,
    json: AsJson = False,
) -> None:
    """Compare detectors on the boxed frames of a data set: figures, differences frame by frame, and times."""
    from nonet.bundle import Bundle
    from nonet.cli.data_sets import load_data
    from nonet.cli.progress import watched
    from nonet.evaluate import compare_detectors, comparison_json, run_side_by_side

    if len(bundle) < 2:
        raise typer.BadParameter("give --bundle twice or more", param_hint="--bundle")
    data_set = load_data(data)
    part = data_set.split(split) if split else data_set
    runs = run_side_by_side(
        part.boxed(), [Bundle(folder) for folder in bundle], lambda images: watched(images, "detecting")
    )
    compared = compare_detectors(part, runs)
    if json:
        sys.stdout.write(comparison_json(compared, data_set.form, split or "all"))
        return
    from rich.console import Console

    from nonet.evaluate.detection.detection_tables import render_comparison

    Console().print(render_comparison(compared, split or "all"))
