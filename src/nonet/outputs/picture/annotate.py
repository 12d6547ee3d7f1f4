"""Boxes on a view with their labels beside it: outline, leader, number, name, how sure, and grade with its basis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.anatomy import Grade
from nonet.outputs.palette import MARKS
from nonet.outputs.phrases import bare_grade
from nonet.outputs.picture.inset import NOSE
from nonet.outputs.picture.label_places import Label, place
from nonet.outputs.picture.line_art import CHIP, DIM, INK, callipers, chip, font, leader, outline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import ImageDraw

    from nonet.outputs.picture.enlarged_view import View
    from nonet.outputs.picture.label_places import LabelColumn
    from nonet.reading import Finding

__all__ = ["GRADED_PITCH", "PITCH", "annotate", "pitch_of"]

PITCH = 46
"""Height of a label without a grade, pixels."""
GRADED_PITCH = 76
"""Height of a label with a grade and what it rests on, pixels."""

_THIN_BELOW = 22
_SPACE = 8
_ROOM = 184
"""Width of a label's words in the margins, pixels."""
_DETAIL_SIZES, _SMALL_SIZES = (16, 15, 14, 13), (13, 12, 11, 10)
"""Sizes of the letters below the name, in one line and in two: the first that fits."""
_GRADE_SIZES, _BASIS_SIZE = (16, 15, 14, 13, 12, 11, 10), 13
_CALLIPER_ARM = 5
_ALL_BUT_SURE = 0.995


def pitch_of(findings: Sequence[Finding]) -> int:
    """Height of each label of these findings: one height for all, which leaves room for grades where there are any."""
    graded = any(finding.box is not None and finding.grading.grade is not Grade.NOT_ASSESSED for finding in findings)
    return GRADED_PITCH if graded else PITCH


def annotate(
    pen: ImageDraw.ImageDraw, view: View, findings: Sequence[Finding], columns: Sequence[LabelColumn], pitch: int
) -> None:
    """Draw the boxes of visible structures on a view, and their labels in columns beside it.

    Parameters
    ----------
    pen
        Draws on the sheet that the view lies on.
    view
        Where the frame's pixels lie.
    findings
        Those to draw; one without a box is left out.
    columns
        Where labels may stand, left to right; a column left of the view is written to the left.
    pitch
        Height of a label; from `GRADED_PITCH` on it holds the grade.
    """
    drawn = {finding.structure: finding for finding in findings if finding.box is not None}
    boxes = {name: view.place(finding.box) for name, finding in drawn.items() if finding.box is not None}
    labels = place(boxes, columns, pitch, together=NOSE)
    for label in labels:
        leader(pen, label.anchor, label.end, MARKS[label.structure])
    for name, box in boxes.items():
        outline(pen, box, MARKS[name], 1 if box.height < _THIN_BELOW else 2)
    for finding in drawn.values():
        for measurement in finding.measurements:
            if measurement.place is not None:
                start, end = (view.point(*one) for one in measurement.place)
                callipers(pen, start, end, _CALLIPER_ARM)
    for label in labels:
        _write(pen, label, drawn[label.structure], label.column.x <= view.left, pitch)


def _write(pen: ImageDraw.ImageDraw, label: Label, finding: Finding, leftward: bool, pitch: int) -> None:
    x, y = label.end
    chip(pen, x - CHIP if leftward else x, y, MARKS[label.structure])
    text, anchor = (x - CHIP - _SPACE, "r") if leftward else (x + CHIP + _SPACE, "l")
    graded = pitch >= GRADED_PITCH and finding.grading.grade is not Grade.NOT_ASSESSED
    lines = _graded(pen, finding) if graded else _fitted(pen, *_detail(finding))
    top = -27 if graded else -10
    pen.text((text, y + top), label.structure.label, fill=INK, font=font(19), anchor=f"{anchor}m")
    for line, drop, size in lines:
        pen.text((text, y + drop), line, fill=DIM, font=font(size), anchor=f"{anchor}m")


def _fitted(pen: ImageDraw.ImageDraw, sure: str, sizes: str) -> list[tuple[str, int, int]]:
    """A label's second line, its drop and the size of its letters: the largest that fits, or else two small lines."""
    whole = ", ".join(filter(None, (sure, sizes)))
    for size in _DETAIL_SIZES:
        if pen.textlength(whole, font(size)) <= _ROOM:
            return [(whole, 11, size)]
    small = _size_that_fits(pen, sizes, _SMALL_SIZES) or _SMALL_SIZES[-1]
    return [(sure, 8, small), (sizes, 21, small)]


def _graded(pen: ImageDraw.ImageDraw, finding: Finding) -> list[tuple[str, int, int]]:
    """The lines below the name of a graded structure: its size, or how surely it is visible; its grade; its basis."""
    sure, sizes = _detail(finding)
    first, first_size = _first_that_fits(pen, f"{sure}, {sizes}" if sizes else sure, sizes)
    grade, grade_size = _first_that_fits(pen, f"{bare_grade(finding.grading)},", f"{finding.grading.grade.value},")
    return [(first, -7, first_size), (grade, 11, grade_size), (str(finding.grading.basis), 28, _BASIS_SIZE)]


def _first_that_fits(pen: ImageDraw.ImageDraw, words: str, fewer: str) -> tuple[str, int]:
    """The words, or else fewer, and the largest size of letters at which they fit."""
    for each in (words, fewer):
        if size := _size_that_fits(pen, each, _GRADE_SIZES):
            return each, size
    return fewer, _GRADE_SIZES[-1]


def _size_that_fits(pen: ImageDraw.ImageDraw, words: str, sizes: Sequence[int]) -> int | None:
    return next((size for size in sizes if pen.textlength(words, font(size)) <= _ROOM), None)


def _detail(finding: Finding) -> tuple[str, str]:
    """How surely it is visible, and what was measured at places that are drawn; empty where nothing was."""
    taken = [one for one in finding.measurements if one.place is not None and one.value is not None]
    names = [f"{one.name} " if len(taken) > 1 else "" for one in taken]
    values = ", ".join(f"{name}{one.value:.2g}" for name, one in zip(names, taken, strict=True))
    sizes = f"{values} {taken[0].unit}" if taken else ""
    return _sure(finding), sizes


def _sure(finding: Finding) -> str:
    """How sure it is that the structure is visible: calibrated, or else the bare score."""
    if finding.visibility is None:
        return f"score {finding.score:.2f}"
    if finding.visibility >= _ALL_BUT_SURE:
        return "visible > 99 %"
    return f"visible {100 * finding.visibility:.0f} %"
