"""Read the ruler beside a frame: the distance of its marks in pixels, and what that is in millimetres.

What a distance means is read from the picture, never from what a pixel size usually is. Where every second mark is
larger, the larger ones are centimetres and the distance is 5 mm. Where one mark in five is larger, or all are alike
beside a line with a bar at its end, which marks the focus and stands beside centimetre dots, it is 10 mm.
Any other ruler is not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nonet.frames.ruler.comb import find_combs
from nonet.frames.ruler.mark_sizes import Pattern, mark_pattern
from nonet.frames.ruler.marks import side_marks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.frames.ruler.comb import Comb

__all__ = ["Ruler", "read_ruler"]

_LEAST_SIDE = 64
_LEAST_ACROSS = 6
_MOST_COMBS = 4
_LEAST_SCORE, _LEAST_SCORE_ALONE, _SURE_SCORE = 3.0, 4.0, 5.0
_LARGER, _DASH_TO_DOT = 1.25, 2.0
_LEAST_ALTERNATING = 5
_HALF_CENTIMETRE_MM, _CENTIMETRE_MM = 5.0, 10.0
_LINE_LEFT_PX = (4, 40)
_LINE_ROWS = 40
_LINE_CONTRAST = 60
_BAR_HALF_PX = 4


@dataclass(frozen=True, slots=True)
class Ruler:
    """A ruler that was read.

    Attributes
    ----------
    mm_per_px
        The pixel size that it implies, along itself; a screen's pixels are square.
    relative_error
        Standard error of that, as a share: how unevenly the marks were found. It does not hold a picture that was
        stretched.
    marks
        How many marks were found.
    mark_mm
        The distance of neighbouring marks.
    because
        What in the picture says so.
    ends
        The first and the last mark found, x and y, pixels.
    """

    mm_per_px: float
    relative_error: float
    marks: int
    mark_mm: float
    because: Pattern
    ends: tuple[tuple[float, float], tuple[float, float]]


def read_ruler(pixels: NDArray[np.uint8]) -> Ruler | None:
    """Read the ruler of a frame: down its left or right side, else along its top or bottom; None where none is read.

    Parameters
    ----------
    pixels
        ``uint8[H, W]``, with everything that was drawn on it.
    """
    if min(pixels.shape) < _LEAST_SIDE:
        return None
    grey = pixels.astype(np.int16)
    if (found := _read_down(grey)) is not None:
        return found
    across = _read_down(np.ascontiguousarray(grey.T))
    if across is None or across.marks < _LEAST_ACROSS:
        return None
    first, last = across.ends
    return Ruler(
        across.mm_per_px,
        across.relative_error,
        across.marks,
        across.mark_mm,
        across.because,
        (first[::-1], last[::-1]),
    )


def _read_down(grey: NDArray[np.int16]) -> Ruler | None:
    """The ruler down a side; of several combs, none is read past one that is surely a ruler."""
    for comb in find_combs(side_marks(grey), grey.shape[0])[:_MOST_COMBS]:
        if comb.score < _LEAST_SCORE:
            return None
        if (read := _mark_mm(grey, comb)) is not None:
            mark_mm, pattern = read
            ends = ((comb.column, float(comb.rows[0])), (comb.column, float(comb.rows[-1])))
            error = comb.period_error / comb.period
            return Ruler(mark_mm / comb.period, error, len(comb.rows), mark_mm, pattern, ends)
        if comb.score >= _SURE_SCORE:
            return None
    return None


def _mark_mm(grey: NDArray[np.int16], comb: Comb) -> tuple[float, Pattern] | None:
    """The distance of neighbouring marks, millimetres, and the pattern that says so."""
    beside_line = _has_line_beside(grey, comb)
    pattern = mark_pattern(grey, comb, least_ratio=_DASH_TO_DOT if beside_line else _LARGER)
    if not beside_line and comb.score < _LEAST_SCORE_ALONE:
        return None
    if pattern is Pattern.ALTERNATING:
        return (_HALF_CENTIMETRE_MM, pattern) if len(comb.rows) >= _LEAST_ALTERNATING else None
    return (_CENTIMETRE_MM, pattern) if pattern is not None and beside_line else None


def _has_line_beside(grey: NDArray[np.int16], comb: Comb) -> bool:
    """Whether a thin bright line runs down left of the marks and ends in a bar across it."""
    near, far = _LINE_LEFT_PX
    left, right = max(round(comb.column) - far, 3), round(comb.column) - near
    if right <= left:
        return False
    strip = grey[:, left - 3 : right + 3]
    line = strip[:, 3:-3] - np.maximum(strip[:, :-6], strip[:, 6:]) >= _LINE_CONTRAST
    for column in np.flatnonzero(line.sum(axis=0) >= _LINE_ROWS):
        rows = np.flatnonzero(line[:, column])
        runs = np.split(rows, np.flatnonzero(np.diff(rows) > 2) + 1)
        longest = max(runs, key=len)
        ends = (runs[0][0], runs[-1][-1], longest[0], longest[-1])
        if len(longest) >= _LINE_ROWS // 2 and any(_is_bar(grey, int(row), left + int(column)) for row in ends):
            return True
    return False


def _is_bar(grey: NDArray[np.int16], row: int, column: int) -> bool:
    """Whether a pixel row near the end of a line is bright on both sides of it."""
    rows = slice(max(row - 3, 0), row + 4)
    patch = grey[rows, max(column - _BAR_HALF_PX, 0) : column + _BAR_HALF_PX + 1]
    bar = patch.min(axis=1)
    beyond = np.median(grey[max(row - 9, 0) : row + 10, max(column - _BAR_HALF_PX, 0)])
    return bool(bar.max() - beyond >= _LINE_CONTRAST)
