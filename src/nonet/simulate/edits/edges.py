"""Borders of a dark gap and ends of a bright line, by a method of its own: second derivatives and steepest slopes.

It shares no code and no constant with ``nonet.measure``: the size that an edit starts from, and what it moves, must
not come from a ruler that is held against the edit afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from nonet.simulate.edits.window import FloatArray

__all__ = ["Bar", "Gap", "find_bar", "find_gap", "strongest_gap"]

_ALONG = 4.0
"""Smoothing along a line, pixels."""
_OFF_MIDDLE = 0.8
"""What lying half a box above or below the middle of the box costs, against the strongest valley's 1."""
_TURN = 0.05
"""What a change of row by one pixel costs."""
_STEADY = 9
_ENDS, _CLEAR, _GREATEST = 0.1, 0.6, 96
"""Share of a gap at each end that says nothing of its size; how steep its borders are at least, of the steepest; which
centile of its size is the greatest."""
_STEEP_FROM, _STEEP_TO = 0.2, 0.95
"""Where a border is looked for, in sizes of the gap from its middle."""
_SCALES, _APART = 7, 0.35
"""How many sizes are tried, and how far in logarithm what is found may well lie from what was looked for."""
_SPREAD = 0.22
"""How far from where it is expected a border may well lie, in sizes of the gap."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A dark gap between two lines.

    Attributes
    ----------
    upper, lower
        ``float64[W]``: rows of its borders in each column of the window; held beyond the box.
    lean
        ``float64[W]``: cosine of its slope.
    size
        Its greatest size across, pixels.
    strength
        How steep the weaker border is on average, grey levels a pixel.
    """

    upper: FloatArray
    lower: FloatArray
    lean: FloatArray
    size: float
    strength: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A short bright line.

    Attributes
    ----------
    x, y
        Its middle, pixels of the window.
    angle
        Of its axis, radians, clockwise on the screen.
    length
        Between the steepest slopes at its ends, pixels.
    grey
        What it reaches.
    """

    x: float
    y: float
    angle: float
    length: float
    grey: float


def find_gap(grey: FloatArray, edges: tuple[float, float, float, float], size: float) -> Gap:
    """The gap of about a size that runs through a box.

    Parameters
    ----------
    grey
        ``float64[H, W]``, the window.
    edges
        x1, y1, x2, y2 of the box in it.
    size
        What is expected, pixels.
    """
    x1, y1, x2, y2 = edges
    first, last = max(int(x1), 0), min(int(np.ceil(x2)), grey.shape[1] - 1)
    scale = max(0.4 * size, 1.0)
    valley = ndimage.gaussian_filter(grey, (scale, _ALONG), order=(2, 0))[:, first : last + 1]
    middle = _path(valley, (y1 + y2) / 2, (y2 - y1) / 2)
    middle = ndimage.gaussian_filter1d(middle, _ALONG)
    slope = np.gradient(ndimage.gaussian_filter1d(middle, 3 * _ALONG, mode="nearest"))
    lean = np.cos(np.arctan(slope))
    steep = ndimage.gaussian_filter(grey, (1.0, _ALONG), order=(1, 0))[:, first : last + 1]
    (upper, rise), (lower, other) = (_border(steep, middle, sign, size / lean) for sign in (-1, 1))
    across = ndimage.gaussian_filter1d((lower - upper) * lean, 2.0)
    weaker = ndimage.gaussian_filter1d(np.maximum(np.minimum(rise, other), 0), _ALONG)
    place = np.linspace(0, 1, len(middle))
    clear = (np.abs(place - 0.5) <= 0.5 - _ENDS) & (weaker >= _CLEAR * np.percentile(weaker, 90))
    clear = clear if clear.any() else np.ones_like(clear)
    upper, lower, lean = (_held(one, first, grey.shape[1]) for one in (upper, lower, lean))
    return Gap(
        upper,
        lower,
        lean,
        size=float(np.percentile(across[clear], _GREATEST)),
        strength=float(weaker[clear].sum() / len(weaker)),
    )


def strongest_gap(grey: FloatArray, edges: tuple[float, float, float, float], sizes: tuple[float, float]) -> Gap:
    """Of the gaps of many sizes in a box, that with the steepest borders whose size is the one looked for.

    Parameters
    ----------
    grey, edges
        As for `find_gap`.
    sizes
        The least and the greatest size that is looked for, pixels.
    """
    best, found = -np.inf, None
    for size in np.geomspace(*sizes, _SCALES):
        gap = find_gap(grey, edges, float(size))
        gap = find_gap(grey, edges, float(np.clip(gap.size, *sizes)))
        score = gap.strength * np.exp(-((np.log(max(gap.size, 1e-3) / size) / _APART) ** 2) / 2)
        if score > best:
            best, found = score, gap
    assert found is not None
    return found


def find_bar(grey: FloatArray, edges: tuple[float, float, float, float]) -> Bar:
    """The bright line that runs through a box.

    Parameters
    ----------
    grey, edges
        As for `find_gap`.
    """
    x1, y1, x2, y2 = edges
    beside = 0.35 * (x2 - x1)
    first, last = max(int(x1 - beside), 0), min(int(np.ceil(x2 + beside)), grey.shape[1] - 1)
    scale = max(0.2 * (y2 - y1), 1.0)
    ridge = -ndimage.gaussian_filter(grey, (scale, 1.5), order=(2, 0))[:, first : last + 1]
    path = ndimage.gaussian_filter1d(_path(ridge, (y1 + y2) / 2, (y2 - y1) / 2), 2.0)
    columns = np.arange(first, last + 1, dtype=np.float64)
    along = ndimage.map_coordinates(ndimage.gaussian_filter(grey, (1.0, 1.5)), [path, columns], order=1)
    start, end = _steepest_ends(along, columns, x1, x2)
    inside = (columns >= start) & (columns <= end)
    slope, offset = np.polyfit(columns[inside], path[inside], 1) if inside.sum() > 2 else (0.0, float(path.mean()))
    x = (start + end) / 2
    length = (end - start) * float(np.hypot(1, slope))
    reached = float(np.percentile(along[inside], 75)) if inside.any() else float(along.max())
    return Bar(x, float(offset + slope * x), float(np.arctan(slope)), length, reached)


def _steepest_ends(along: FloatArray, columns: FloatArray, x1: float, x2: float) -> tuple[float, float]:
    """Where grey rises and falls most, each in its half, near the ends of the box rather than far from them."""
    slope = np.gradient(along)
    middle, spread = (x1 + x2) / 2, 0.3 * (x2 - x1)
    half = (x2 - x1) / 2
    left = np.where(columns < middle, slope * np.exp(-(((columns - middle + 0.8 * half) / spread) ** 2) / 2), -np.inf)
    right = np.where(columns > middle, -slope * np.exp(-(((columns - middle - 0.8 * half) / spread) ** 2) / 2), -np.inf)
    return float(columns[int(np.argmax(left))]), float(columns[int(np.argmax(right))])


def _path(strength: FloatArray, middle: float, half: float) -> FloatArray:
    """The row in each column of the path of the greatest strength that turns little."""
    height, width = strength.shape
    rows = np.arange(height)
    scores = np.clip(strength / max(float(np.percentile(strength, 98)), 1e-6), -1, 1)
    scores = scores - _OFF_MIDDLE * np.minimum(((rows - middle) / max(half, 1.0)) ** 2, 9.0)[:, None]
    best, moves = scores[:, 0].copy(), np.zeros((width, height), np.intp)
    three = np.full((3, height), -np.inf)
    for column in range(1, width):
        three[0, 1:], three[1], three[2, :-1] = best[:-1] - _TURN, best, best[1:] - _TURN
        moves[column] = three.argmax(axis=0) - 1
        best = three.max(axis=0) + scores[:, column]
    path = np.empty(width, np.float64)
    row = int(best.argmax())
    for column in range(width - 1, -1, -1):
        path[column] = row
        row += int(moves[column, row]) if column else 0
    return path


def _border(steep: FloatArray, middle: FloatArray, sign: int, size: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The row of the steepest rise from the gap outward in each column, near half the gap's size, and how steep."""
    steps = np.arange(0, max(int(np.ceil(_STEEP_TO * size.max())), 3), 0.5)[:, None]
    columns = np.arange(len(middle), dtype=np.float64)
    rise = sign * ndimage.map_coordinates(
        steep, [middle + sign * steps, np.broadcast_to(columns, (len(steps), len(middle)))], order=1, mode="nearest"
    )
    expected = np.exp(-(((steps - size / 2) / (_SPREAD * size)) ** 2) / 2)
    allowed = (steps >= _STEEP_FROM * size) & (steps <= _STEEP_TO * size)
    place = np.where(allowed, rise * expected, -np.inf).argmax(axis=0)
    found = steps[place, 0]
    steady = ndimage.gaussian_filter1d(ndimage.median_filter(found, _STEADY, mode="nearest"), _ALONG)
    return np.asarray(middle + sign * steady), rise[place, np.arange(len(place))]


def _held(values: FloatArray, first: int, width: int) -> FloatArray:
    """Values of some columns as those of all: the outermost hold beyond."""
    return np.asarray(np.interp(np.arange(width), first + np.arange(len(values)), values))
