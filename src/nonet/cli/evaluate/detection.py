"""``nonet evaluate detection``: the figures of a detector on a data set."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nonet.cli.evaluate.options import AsJson, Split
from nonet.cli.evaluate.overlays import Overlays

if TYPE_CHECKING:
    from nonet.datasets import DataSet
    from nonet.evaluate import Predictions

__all__ = ["detection"]


def detection(
    data: Annotated[Path, typer.Argument(exists=True, help="A data set: Fetus Framework, COCO or YOLO txt.")],
    *,
    split: Split = None,
    bundle: Annotated[
        list[Path] | None,
        typer.Option(
            help="Folder of a model bundle; by default the one shipped. Of several, each runs on unseen frames."
        ),
    ] = None,
    overlays: Annotated[
        Overlays, typer.Option(help="Evaluate frames with all that is drawn on them masked, or as they are.")
    ] = Overlays.MASK,
    predictions: Annotated[
        Path | None, typer.Option(help="Write the predictions to this CSV file.", dir_okay=False)
    ] = None,
    from_predictions: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Evaluate such a file; no detector is run.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Evaluate a detector on the boxed frames of a data set: figures with 95 % intervals."""
    from nonet.cli.data_sets import load_data
    from nonet.evaluate import evaluate_detection, evaluation_json, read_predictions, write_predictions

    if predictions and not predictions.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {predictions.parent}")
    data_set = load_data(data)
    part = data_set.split(split) if split else data_set
    found = read_predictions(from_predictions) if from_predictions else _detect(part.boxed(), bundle, overlays)
    if predictions:
        write_predictions(found, predictions)
    evaluation = evaluate_detection(part, found)
    if json:
        sys.stdout.write(evaluation_json(evaluation, data_set.form, split or "all", overlays))
        return
    from rich.console import Console

    from nonet.evaluate.detection.detection_tables import render

    Console().print(render(evaluation, split or "all"))


def _detect(data: DataSet, folders: list[Path] | None, overlays: Overlays) -> Predictions:
    from nonet.bundle import DEFAULT_BUNDLE, Bundle
    from nonet.cli.progress import watched
    from nonet.evaluate import run_unseen

    bundles = [Bundle(folder) for folder in folders or [DEFAULT_BUNDLE]]
    mask = overlays is Overlays.MASK
    return run_unseen(data, bundles, lambda images: watched(images, "detecting"), mask=mask)
