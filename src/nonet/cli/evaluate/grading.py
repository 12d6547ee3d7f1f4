"""``nonet evaluate plane``, ``visibility``, ``labels``: the figures of a bundle's graders on a data set."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nonet.cli.evaluate.options import AsJson, BundleFolder, Split
from nonet.cli.evaluate.overlays import Overlays

if TYPE_CHECKING:
    from nonet.datasets.tasks import Task

__all__ = ["labels", "plane", "visibility"]

_Data = Annotated[Path, typer.Argument(exists=True, help="A data set: Fetus Framework, COCO or YOLO txt.")]
_Overlays = Annotated[
    Overlays, typer.Option(help="Hide all that is drawn on the frames, or keep it, to see what it gives away.")
]
_Predictions = Annotated[
    Path | None, typer.Option(help="Write what was said of every row to this CSV file.", dir_okay=False)
]
_Prevalence = Annotated[
    float | None,
    typer.Option(help="Give predictive values also where so much, 0 to 1, is positive.", min=0, max=1),
]


def plane(
    data: _Data,
    *,
    split: Split = None,
    bundle: BundleFolder = None,
    overlays: _Overlays = Overlays.MASK,
    prevalence: _Prevalence = None,
    predictions: _Predictions = None,
    json: AsJson = False,
) -> None:
    """Evaluate plane quality, standard or non-standard by the folder that a frame lies in."""
    from nonet.datasets.tasks import Task

    _evaluate(Task.PLANE, data, split, bundle, overlays, predictions, prevalence, json)


def visibility(
    data: _Data,
    *,
    split: Split = None,
    bundle: BundleFolder = None,
    overlays: _Overlays = Overlays.MASK,
    prevalence: _Prevalence = None,
    predictions: _Predictions = None,
    json: AsJson = False,
) -> None:
    """Evaluate whether a structure is visible, that is, boxed, in standard frames that have boxes."""
    from nonet.datasets.tasks import Task

    _evaluate(Task.VISIBILITY, data, split, bundle, overlays, predictions, prevalence, json)


def labels(
    data: _Data,
    *,
    table: Annotated[
        Path, typer.Option("--labels", exists=True, dir_okay=False, help="CSV of image, structure and label.")
    ],
    split: Split = None,
    bundle: BundleFolder = None,
    overlays: _Overlays = Overlays.MASK,
    prevalence: _Prevalence = None,
    predictions: _Predictions = None,
    json: AsJson = False,
) -> None:
    """Evaluate the grades of a bundle that a study of a site's own labels made."""
    from nonet.datasets.tasks import Task

    _evaluate(Task.LABELS, data, split, bundle, overlays, predictions, prevalence, json, table)


def _evaluate(
    task: Task,
    folder: Path,
    split: str | None,
    bundle: Path | None,
    overlays: Overlays,
    predictions: Path | None,
    prevalence: float | None,
    json: bool,
    labels: Path | None = None,
) -> None:
    from nonet.bundle import DEFAULT_BUNDLE, Bundle
    from nonet.cli.data_sets import load_data, report_problems
    from nonet.cli.progress import watched
    from nonet.datasets.tasks import label_rows
    from nonet.evaluate.grading import grading_json, render_grading, run_grader, write_rows

    if predictions and not predictions.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {predictions.parent}")
    data = load_data(folder)
    labelled = label_rows(task, data.split(split) if split else data, labels=labels)
    if labels:
        report_problems(labelled.data)
    run = run_grader(
        task,
        labelled,
        Bundle(bundle or DEFAULT_BUNDLE),
        lambda images: watched(images, "grading"),
        mask=overlays is Overlays.MASK,
    )
    if predictions:
        write_rows([((), run.rows)], predictions)
    for one in run.unreadable:
        sys.stderr.write(f"nonet: {one.image}: {one.to_json()['reason']}\n")
    if json:
        sys.stdout.write(grading_json(run, task, data.form, split or "all", overlays, prevalence))
    else:
        from rich.console import Console

        Console().print(render_grading(run, task, split or "all", prevalence))
    raise typer.Exit(1 if run.unreadable else 0)
