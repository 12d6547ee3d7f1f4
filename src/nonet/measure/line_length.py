"""The length of a bright line, from end to end: the nasal bone's.

The line is followed through the detected box and past its ends. Its length is that of an even line with as much echo:
the sum of what stands less than a stated drop below what the line reaches. Machines show the logarithm of an echo, so
that a drop of grey is a ratio of echoes, however dark the tissue is that the line lies on. The drop is a share of what
the line reaches above black, so that a brighter picture of the same line is measured much alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nonet.measure.bright_line import find_bright_line
from nonet.measure.span import Span, distance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.measure.bright_line import BrightLine
    from nonet.measure.patch import HeadPicture, Patch
    from nonet.reading import Box

    Grey = NDArray[np.float64]
    Point = tuple[float, float]

__all__ = ["LineSearch", "flattened", "inside_box", "measure_line", "plateau", "unflattened"]

_ALONG_ROWS = 3.0
"""Smoothing of a line's rows along it, pixels."""
_WHITE, _WHITEST = 256.0, 252.0
"""A grey map flattens towards white as a hyperbolic tangent does; what is brighter than the second counts as it."""
_LEAST_GREY = 8.0
"""What is darker than this is no line."""
_LEAST_KNOWN = 0.5
"""Share of the line that is picture and not drawn over, at least."""
_PLATEAU_CENTILE = 75
"""What a line reaches: this centile of its grey inside the box."""
_LEAST_LENGTH_PX = 4.0


@dataclass(frozen=True, slots=True)
class LineSearch:
    """How a line is looked for.

    Attributes
    ----------
    beside
        How far past the box the line is followed, in widths of the box.
    above
        The same above and below, in heights of the box.
    drop, drop_low, drop_high
        How far below what the line reaches an echo still counts in part, as a share of that, both above black on an
        unflattened grey map. A longer line is called by a greater drop.
    least_contrast
        How much brighter the line is than what lies below, at least, as a share of its grey: bone casts a shadow.
    """

    beside: float
    above: float
    drop: float = 0.47
    drop_low: float = 0.37
    drop_high: float = 0.57
    least_contrast: float = 0.25


def measure_line(picture: HeadPicture, box: Box, search: LineSearch) -> Span | None:
    """Measure the line in a box; None where nothing there stands out as one.

    Parameters
    ----------
    picture
        The head frame.
    box
        Of the structure in the head frame.
    search
        The structure's.
    """
    return picture.once((measure_line, box, search), lambda: _measured(picture, box, search))


def _measured(picture: HeadPicture, box: Box, search: LineSearch) -> Span | None:
    patch = picture.patch(box, search.beside * box.width, search.above * box.height)
    line = find_bright_line(patch)
    if line is None:
        return None
    inside = inside_box(patch, line)
    reached = plateau(line, inside)
    contrast = 1 - float(np.median(line.below[inside])) / max(reached, _LEAST_GREY)
    if reached < _LEAST_GREY or contrast < search.least_contrast or line.known[inside].mean() < _LEAST_KNOWN:
        return None
    rows = ndimage.gaussian_filter1d(line.rows.astype(np.float64), _ALONG_ROWS)
    start, end = _ends(line, rows, reached, search.drop)
    low, high = (distance(*_ends(line, rows, reached, drop)) for drop in (search.drop_low, search.drop_high))
    length = distance(start, end)
    if length < _LEAST_LENGTH_PX:
        return None
    return Span(patch.to_head(*start), patch.to_head(*end), length, low, high)


def inside_box(patch: Patch, line: BrightLine) -> NDArray[np.intp]:
    """The columns of a line that lie in the detected box."""
    width = len(line.rows)
    first = min(max(int(patch.box.x1), 0), width - 1)
    return np.arange(first, min(max(int(np.ceil(patch.box.x2)), first + 1), width))


def plateau(line: BrightLine, inside: NDArray[np.intp]) -> float:
    """The grey that a line reaches inside the box."""
    return float(np.percentile(line.grey[inside], _PLATEAU_CENTILE))


def _ends(line: BrightLine, rows: Grey, reached: float, drop: float) -> tuple[Point, Point]:
    """The ends of an even line with as much echo as what stands less than ``drop`` below what the line reaches."""
    share = np.clip((unflattened(line.grey) / unflattened(reached) - 1) / drop + 1, 0, 1) * (line.known > 0)
    columns = np.arange(len(rows))
    along = float(share.sum())
    middle = float(share @ columns) / max(along, 1e-6)
    both = np.array([middle - along / 2, middle + along / 2])
    left, right = np.interp(both, columns, rows)
    return (float(both[0]), float(left)), (float(both[1]), float(right))


def unflattened(grey: Grey | float) -> Grey:
    """Grey with the flattening of a machine's grey map towards white undone."""
    return np.arctanh(np.minimum(grey, _WHITEST) / _WHITE)


def flattened(value: Grey) -> Grey:
    """The grey of a value of `unflattened`."""
    return np.asarray(_WHITE * np.tanh(value), np.float64)
