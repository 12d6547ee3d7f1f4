"""Which output of an imported detector holds its boxes, and in which form: by the number of classes, then by trial.

A shape alone does not tell: three hundred boxes of six numbers pass for two classes, and an objectness score for
a first class. So the names say how many classes there are, the metadata what the exporter did, and what the
model gives for two images must fit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from nonet.bundle import BoxForm
from nonet.errors import BundleError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from nonet.bundle.session import Session

__all__ = ["BoxOutput", "find_box_output"]

_BOX_ROWS = 4
_SLACK = 1e-3
_LARGEST_SHARE = 2.0
"""Centres and sizes below this are shares of the sides, above it pixels."""


class BoxOutput(NamedTuple):
    """The name of the output that holds the boxes, their form, and whether a row of it is a box."""

    name: str
    form: BoxForm
    transposed: bool


def find_box_output(session: Session, classes: int, *, half: bool) -> BoxOutput:
    """The output of a detector that holds its boxes.

    Parameters
    ----------
    session
        The detector, of one input of fixed size.
    classes
        How many classes it has.
    half
        Whether its input is float16.

    Raises
    ------
    BundleError
        If no output, or more than one form, fits.
    """
    task = session.metadata.get("task", "detect")
    given = _trial(session, half=half) if task == "detect" else {}
    fitting = [
        BoxOutput(name, form, transposed)
        for name, outputs in given.items()
        for form, transposed in _forms(session, outputs[0].shape, classes)
        if all(_fits(_rows(output, transposed), form, classes) for output in outputs)
    ]
    if not fitting or len({one.form for one in fitting}) > 1:
        raise BundleError(
            "A detector gives, for each box, centre, size and a score for each class, the same with an objectness, "
            "or the edges, one score and the class",
            found=f"{session.name}: {session.outputs} for {classes} classes, task {task}; "
            f"{'more than one form fits' if fitting else 'the numbers fit none'}",
            remedy="Name all classes with --names, or export the model for detection, as YOLO exports do",
        )
    return fitting[0]


def _trial(session: Session, *, half: bool) -> dict[str, list[NDArray[np.float32]]]:
    """What the outputs of three axes are for noise and for plain grey."""
    name, shape = next(iter(session.inputs.items()))
    noise = np.random.default_rng(0).random(shape)
    images = [image.astype(np.float16 if half else np.float32) for image in (noise, np.full(shape, 0.5))]
    names = [name for name, sides in session.outputs.items() if len(sides) == 3]
    trials = [session.run({name: image}, names) for image in images] if names else []
    return {name: [np.asarray(trial[at], np.float32) for trial in trials] for at, name in enumerate(names)}


def _forms(session: Session, shape: tuple[int, ...], classes: int) -> Iterator[tuple[BoxForm, bool]]:
    """The forms that the shape allows, and whether a row of the output is a box."""
    final = session.metadata.get("end2end", "").lower() == "true"
    for form in BoxForm:
        for transposed, rows in ((False, shape[1]), (True, shape[2])):
            if rows == form.rows(classes) and (form is BoxForm.FINAL or not final):
                yield form, transposed


def _rows(output: NDArray[np.float32], transposed: bool) -> NDArray[np.float32]:
    rows: NDArray[np.float32] = output[0]
    return rows.T if transposed else rows


def _fits(rows: NDArray[np.float32], form: BoxForm, classes: int) -> bool:
    """Whether numbers ``float32[numbers, boxes]`` can be of that form."""
    boxes, scores = rows[:_BOX_ROWS], rows[_BOX_ROWS:]
    if form is BoxForm.FINAL:
        numbers = scores[1]
        are_classes = np.abs(numbers - np.rint(numbers)).max() <= _SLACK and _within(numbers, 0, classes - 1)
        in_pixels = not boxes.any() or np.abs(boxes).max() > _LARGEST_SHARE
        return bool(in_pixels and are_classes and _within(scores[0], 0, 1) and (boxes[2:] >= boxes[:2] - _SLACK).all())
    in_shares = bool(np.abs(boxes).max() <= _LARGEST_SHARE)
    return in_shares is (form is BoxForm.NORMALISED_SCORES) and _within(scores, 0, 1) and _within(boxes[2:], 0, np.inf)


def _within(numbers: NDArray[Any], low: float, high: float) -> bool:
    return bool((numbers >= low - _SLACK).all() and (numbers <= high + _SLACK).all())
