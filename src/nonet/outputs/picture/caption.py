"""What a picture says besides its boxes: whose work it is, the pixel size, a scale bar, what was not seen."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from nonet.anatomy import Grade
from nonet.outputs.palette import MARKS
from nonet.outputs.phrases import (
    age_text,
    comparison_text,
    criteria_not_met,
    grade_text,
    own_warnings,
    plane_text,
    printable,
    spacing_text,
)
from nonet.outputs.picture.line_art import CHIP, DIM, INK, font, outlined_chip

if TYPE_CHECKING:
    from PIL import ImageDraw

    from nonet.anatomy import Structure
    from nonet.frame import Spacing
    from nonet.outputs.burnt_in import BurntIn
    from nonet.outputs.picture.enlarged_view import View
    from nonet.reading import Reading

__all__ = ["HEADER", "footer", "footer_height", "header", "scale_bar"]

HEADER = 46
"""Height of the strip above the frame, pixels."""

_EDGE = 16
_LINE = 30
_COLUMN = 220
_ACROSS = 3
_BARS_MM = (50, 20, 10, 5, 2, 1, 0.5)
_LONGEST_SHARE = 0.3
_SHORTEST = 12


def header(pen: ImageDraw.ImageDraw, width: int, reading: Reading) -> None:
    """Write whose work this is, and which models spoke."""
    bundle = f"{reading.bundle.name} {reading.bundle.version}"
    pen.text((_EDGE, HEADER / 2), "AI, research use. Not a diagnosis.", fill=INK, font=font(20), anchor="lm")
    pen.text((width - _EDGE, HEADER / 2), f"Nonet, bundle {printable(bundle)}", fill=DIM, font=font(17), anchor="rm")


def scale_bar(pen: ImageDraw.ImageDraw, view: View, spacing: Spacing | None) -> None:
    """Draw a bar of a round number of millimetres below the view, where the pixel size is known."""
    if spacing is None:
        return
    lengths = [(millimetres, millimetres / spacing.x_mm * view.scale) for millimetres in _BARS_MM]
    fitting = [pair for pair in lengths if _SHORTEST <= pair[1] <= _LONGEST_SHARE * view.width]
    if not fitting:
        return
    millimetres, length = fitting[0]
    left, right, y = view.left, view.left + length, view.bottom + 16
    for ends in ((left, y, right, y), (left, y - 5, left, y + 5), (right, y - 5, right, y + 5)):
        pen.line(ends, fill=INK, width=2)
    pen.text((right + 10, y), f"{millimetres} mm", fill=INK, font=font(17), anchor="lm")


def footer_height(reading: Reading, burnt_in: BurntIn) -> int:
    """Height that :func:`footer` needs, pixels."""
    rows = ceil(len(_missing(reading)) / _ACROSS)
    return _LINE * (len(_sentences(reading, burnt_in)) + 1 + rows)


def footer(pen: ImageDraw.ImageDraw, left: int, top: int, reading: Reading, burnt_in: BurntIn) -> None:
    """Write the pixel size, the plane, the warnings, what is burnt in, and the structures that are not visible."""
    missing = _missing(reading)
    lines = [*_sentences(reading, burnt_in), "not visible" if missing else "all nine structures visible"]
    for index, line in enumerate(lines):
        pen.text((left, top + (index + 0.5) * _LINE), line, fill=INK, font=font(19), anchor="lm")
    for index, structure in enumerate(missing):
        x = left + index % _ACROSS * _COLUMN
        y = top + (len(lines) + index // _ACROSS + 0.5) * _LINE
        outlined_chip(pen, x, y, MARKS[structure])
        pen.text((x + CHIP + 8, y), structure.label, fill=DIM, font=font(18), anchor="lm")


def _sentences(reading: Reading, burnt_in: BurntIn) -> list[str]:
    spacing = spacing_text(reading.spacing)
    lines = [f"pixel size {spacing}" if reading.spacing else f"{spacing}, so no millimetres"]
    if reading.plane_quality.label is not None:
        lines.append(f"plane quality {plane_text(reading.plane_quality)}")
    if failed := criteria_not_met(reading.plane_quality):
        lines.append(f"not met: {failed}")
    lines += map(printable, _ungraded(reading))
    if age := age_text(reading.settings):
        lines.append(f"norms at {age}")
        lines += _centiles(reading)
    if count := len(own_warnings(reading)):
        lines.append(f"{count} {'warning' if count == 1 else 'warnings'}, see the reading")
    return [*lines, burnt_in.words]


def _ungraded(reading: Reading) -> list[str]:
    """Where some structures are graded, the numbers of the visible ones that are not, a line for each reason."""
    if all(finding.grading.grade is Grade.NOT_ASSESSED for finding in reading.findings):
        return []
    reasons: dict[str, list[str]] = {}
    for finding in reading.findings:
        if finding.visible and finding.grading.grade is Grade.NOT_ASSESSED:
            reasons.setdefault(grade_text(finding), []).append(str(MARKS[finding.structure].number))
    return [f"{' '.join(numbers)}: {reason}" for reason, numbers in reasons.items()]


def _centiles(reading: Reading) -> list[str]:
    """Each measurement with its centile by each norm, a line for each."""
    return [
        printable(f"{finding.structure.label} {each.name.replace('_', ' ')}, {words}")
        for finding in reading.findings
        for each in finding.measurements
        for one in each.norms
        if (words := comparison_text(one))
    ]


def _missing(reading: Reading) -> list[Structure]:
    return [finding.structure for finding in reading.findings if not finding.visible]
