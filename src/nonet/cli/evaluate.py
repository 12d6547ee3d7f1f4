"""``nonet evaluate``: the figures of a model on a data set."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nonet.datasets import DataSet
    from nonet.errors import NonetError
    from nonet.evaluate import Predictions
    from nonet.frame import Frame

__all__ = ["app"]


class Overlays(StrEnum):
    """What to do with text, callipers and whatever else a machine drew."""

    KEEP = "keep"
    MASK = "mask"


class Half(StrEnum):
    """Which exams of a set without splits."""

    ALL = "all"
    DEVELOPMENT = "development"
    REPORTED = "reported"


class Look(StrEnum):
    """How the frames look."""

    OWN = "own"
    DISGUISED = "disguised"


app = typer.Typer(no_args_is_help=True, help="Judge a model on a data set.")


@app.callback()
def _evaluate() -> None:
    """Judge a model on a data set."""


@app.command()
def detection(
    data: Annotated[Path, typer.Argument(exists=True, help="A data set: Fetus Framework, COCO or YOLO txt.")],
    *,
    split: Annotated[
        str | None, typer.Option(help="Part of the data set, such as set2; all of it if not given.")
    ] = None,
    bundle: Annotated[
        list[Path] | None,
        typer.Option(
            help="Folder of a model bundle; by default the one shipped. Of several, each judges what it has not seen."
        ),
    ] = None,
    overlays: Annotated[
        Overlays, typer.Option(help="Judge frames as they are, or with all that is drawn on them masked.")
    ] = Overlays.KEEP,
    predictions: Annotated[
        Path | None, typer.Option(help="Write the predictions to this CSV file.", dir_okay=False)
    ] = None,
    from_predictions: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Judge such a file; no detector is run.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Judge a detector on the boxed frames of a data set: figures with 95 % intervals."""
    from nonet.datasets import load
    from nonet.evaluate import evaluate_detection, evaluation_json, read_predictions, write_predictions

    if predictions and not predictions.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {predictions.parent}")
    data_set = load(data)
    judged = data_set.split(split) if split else data_set
    found = read_predictions(from_predictions) if from_predictions else _detect(judged.boxed(), bundle, overlays)
    if predictions:
        write_predictions(found, predictions)
    evaluation = evaluate_detection(judged, found)
    if json:
        sys.stdout.write(evaluation_json(evaluation, data_set.form, split or "all", overlays))
        return
    from rich.console import Console

    from nonet.evaluate.terminal import render

    Console().print(render(evaluation, split or "all"))


@app.command()
def scope(
    images: Annotated[list[Path], typer.Argument(exists=True, help="Images or folders that show none of the nine.")],
    *,
    half: Annotated[
        Half, typer.Option(help="The half to develop on, the half to report, or all; exams by the number in the name.")
    ] = Half.ALL,
    look: Annotated[
        Look, typer.Option(help="As they are, or disguised as frames of the Fetus Framework data.")
    ] = Look.OWN,
    bundle: Annotated[Path | None, typer.Option(help="Folder of a model bundle; by default the one shipped.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Count the structures that a detector reports where there are none: other anatomy, other planes."""
    from nonet.bundle import DEFAULT_BUNDLE, Bundle
    from nonet.cli.progress import watched
    from nonet.datasets.halves import exam_of, is_development
    from nonet.evaluate.scope import evaluate_scope, scope_json, scope_line
    from nonet.frames import find_files

    wanted = {Half.ALL: {True, False}, Half.DEVELOPMENT: {True}, Half.REPORTED: {False}}[half]
    paths = [path for path in find_files(images) if is_development(path.name) in wanted]
    unreadable: list[NonetError] = []
    frames = (
        (exam_of(path.name), frame)
        for path in watched(paths, "reading")
        for frame in _readable(path, look, unreadable.append)
    )
    evaluation = evaluate_scope(frames, Bundle(bundle or DEFAULT_BUNDLE))
    source = f"{', '.join(image.name for image in images)}, {half} half, {look} look"
    sys.stdout.write(scope_json(evaluation, source) if json else scope_line(evaluation, source))
    for problem in unreadable:
        sys.stderr.write(f"nonet: {problem}\n")
    raise typer.Exit(1 if unreadable else 0)


def _readable(path: Path, look: Look, failed: Callable[[NonetError], None]) -> Iterator[Frame]:
    """The frames of a file, with the look that is asked for; a file that cannot be read is told and left out."""
    from dataclasses import replace

    from nonet.errors import NonetError
    from nonet.frames import open_frames
    from nonet.simulate import disguise

    try:
        for number, frame in enumerate(open_frames(path)):
            yield frame if look is Look.OWN else replace(frame, pixels=disguise(frame.pixels, seed=number))
    except NonetError as problem:
        failed(problem)


def _detect(data: DataSet, folders: list[Path] | None, overlays: Overlays) -> Predictions:
    from nonet.bundle import DEFAULT_BUNDLE, Bundle
    from nonet.cli.progress import watched
    from nonet.evaluate import run_unseen
    from nonet.frames import hide_overlay

    bundles = [Bundle(folder) for folder in folders or [DEFAULT_BUNDLE]]
    prepare = hide_overlay if overlays is Overlays.MASK else _as_it_is
    return run_unseen(data, bundles, lambda images: watched(images, "detecting"), prepare=prepare)


def _as_it_is(frame: Frame) -> Frame:
    return frame
