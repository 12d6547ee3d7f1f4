"""``nonet evaluate scope``: what a detector reports where there is nothing to be found."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nonet.errors import NonetError
    from nonet.frame import Frame

__all__ = ["scope"]


class Half(StrEnum):
    """Which exams of a set without splits."""

    ALL = "all"
    DEVELOPMENT = "development"
    REPORTED = "reported"


class Look(StrEnum):
    """How the frames look."""

    OWN = "own"
    DISGUISED = "disguised"


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
    from nonet.evaluate.detection.out_of_scope import evaluate_scope, scope_json, scope_line
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
    """The frames of a file, with the look that is asked for; a file that cannot be read is reported and left out."""
    from dataclasses import replace

    from nonet.errors import NonetError
    from nonet.frames import open_frames
    from nonet.simulate import disguise

    try:
        for number, frame in enumerate(open_frames(path)):
            yield frame if look is Look.OWN else replace(frame, pixels=disguise(frame.pixels, seed=number))
    except NonetError as problem:
        failed(problem)
