"""The length of a bright line, from end to end: the nasal bone's.

The line is followed through the detected box and past its ends. Each end is where the line has fallen a stated share of
the way from what it reaches inside to the darkest grey beyond that end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nonet.measure.bright_line import find_bright_line
from nonet.measure.span import Span

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.measure.bright_line import BrightLine
    from nonet.measure.patch import HeadPicture, Patch
    from nonet.reading import Box

    Grey = NDArray[np.float64]
    Point = tuple[float, float]

__all__ = ["LineSearch", "inside_box", "measure_line", "plateau"]

_ALONG, _ALONG_ROWS = 1.0, 3.0
"""Smoothing along the line of its grey and of its rows, pixels."""
_LEAST_GREY = 8.0
"""What is darker than this is no line."""
_LEAST_KNOWN = 0.5
"""Share of the line that is picture and not drawn over, at least."""
_PLATEAU_CENTILE = 75
"""What a line reaches: this centile of its grey inside the box."""


@dataclass(frozen=True, slots=True)
class LineSearch:
    """How a line is looked for.

    Attributes
    ----------
    beside
        How far past the box the line is followed, in widths of the box.
    above
        The same above and below, in heights of the box.
    end, end_low, end_high
        Where the line ends: the share of its height over the grey beyond that is left. A longer line is called by a
        lower share.
    least_contrast
        How much brighter the line is than what lies below, at least, as a share of its grey: bone casts a shadow.
    """

    beside: float
    above: float
    end: float = 0.6
    end_low: float = 0.7
    end_high: float = 0.5
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
    patch = picture.patch(box, search.beside * box.width, search.above * box.height)
    line = find_bright_line(patch)
    if line is None:
        return None
    inside = inside_box(patch, line)
    reached = plateau(line, inside)
    contrast = 1 - float(np.median(line.below[inside])) / max(reached, _LEAST_GREY)
    if reached < _LEAST_GREY or contrast < search.least_contrast or line.known[inside].mean() < _LEAST_KNOWN:
        return None
    profile = ndimage.gaussian_filter1d(line.grey, _ALONG)
    rows = ndimage.gaussian_filter1d(line.rows.astype(np.float64), _ALONG_ROWS)
    start, end = _ends(profile, rows, inside, reached, search.end)
    low, high = (
        _distance(*_ends(profile, rows, inside, reached, share)) for share in (search.end_low, search.end_high)
    )
    if start[0] >= end[0]:
        return None
    return Span(patch.to_head(*start), patch.to_head(*end), _distance(start, end), low, high, min(contrast, 1.0))


def inside_box(patch: Patch, line: BrightLine) -> NDArray[np.intp]:
    """The columns of a line that lie in the detected box."""
    width = len(line.rows)
    first = min(max(int(patch.box.x1), 0), width - 1)
    return np.arange(first, min(max(int(np.ceil(patch.box.x2)), first + 1), width))


def plateau(line: BrightLine, inside: NDArray[np.intp]) -> float:
    """The grey that a line reaches inside the box."""
    return float(np.percentile(line.grey[inside], _PLATEAU_CENTILE))


def _ends(profile: Grey, rows: Grey, inside: NDArray[np.intp], reached: float, share: float) -> tuple[Point, Point]:
    """Where the line ends on either side, looked for from its brightest part outward."""
    peak = int(inside[np.argmax(profile[inside])])
    columns = peak - _fall(profile[peak::-1], reached, share), peak + _fall(profile[peak:], reached, share)
    left, right = np.interp(columns, np.arange(len(rows)), rows)
    return (columns[0], float(left)), (columns[1], float(right))


def _fall(outward: Grey, reached: float, share: float) -> float:
    """How many steps outward grey falls to ``share`` of its way from the darkest beyond to what the line reaches."""
    floor = float(outward.min())
    wanted = floor + share * (reached - floor)
    under = np.flatnonzero(outward < wanted)
    if not under.size:
        return float(len(outward) - 1)
    at = int(under[0])
    return at - 1 + float((outward[at - 1] - wanted) / (outward[at - 1] - outward[at])) if at else 0.0


def _distance(start: Point, end: Point) -> float:
    return float(np.hypot(end[0] - start[0], end[1] - start[1]))
