"""Thickness of the nuchal translucency: the greatest perpendicular gap between its two bright lines, inner to inner.

After the Fetal Medicine Foundation's protocol: callipers stand on the inner borders of the lines, their crossbars
merging with the white line, at the widest part. The lines are followed in the head frame at half its resolution; each
border is then found at full resolution, where grey has risen a stated share of the way from the gap to the line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nonet.measure.line_pair import find_line_pair, smoothed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.detect.detector import Located
    from nonet.reading import Box

    Grey = NDArray[np.float64]

__all__ = ["NuchalGap", "measure_nuchal", "measure_nuchal_of"]

_BORDER, _BORDER_LOW, _BORDER_HIGH = 0.6, 0.5, 0.7
"""Where a line begins: the share of its rise from the gap. A calliper whose crossbar merges with the line stands a
little past half of it; the two others bound what may be called its inner border."""
_DRAWN = 0.15
"""From this share on, a pixel of the head frame counts as drawn."""

_MARGIN = 0.7
"""Of the box's height, above and below it, that belongs to the patch: boxes of slanting lines are tight."""
_HALF = 2
_LEAST_PX = 4
"""Of the gap, pixels of the head frame: less is seen as one line."""
_REACH = 8
"""How far past a border its line is looked for, pixels of the head frame."""
_INNER = 0.1
"""Share of the width at each end of the patch where the lines are followed but not measured."""
_STRONG = 0.4
"""Borders count from this share of what most of the path reaches."""
_RUN = 4
_LEAST_STRENGTH = 0.15


@dataclass(frozen=True, slots=True)
class NuchalGap:
    """The gap at its widest, in pixels of the head frame.

    Attributes
    ----------
    upper, lower
        Where the callipers stand, x and y.
    thickness, low, high
        Their distance, and with borders nearer to the gap and nearer to the lines.
    strength
        How steep the weaker border is, 0 to 1, against the steepest of the patch.
    """

    upper: tuple[float, float]
    lower: tuple[float, float]
    thickness: float
    low: float
    high: float
    strength: float


def measure_nuchal_of(located: Located, box: Box) -> NuchalGap | None:
    """Measure the gap inside a box of a frame that the detector has located; see `measure_nuchal`.

    Parameters
    ----------
    located
        Its frame has its overlay hidden, or else what was drawn counts as picture.
    box
        Of the nuchal translucency, frame pixels.
    """
    drawn = located.frame.overlay
    mask = np.zeros(located.pixels.shape, np.bool_)
    if drawn is not None:
        mask = located.place.apply(drawn.astype(np.uint8) * np.uint8(255)) > 255 * _DRAWN
    (inside,) = located.place.boxes([box])
    return measure_nuchal(located.pixels, mask, inside)


def measure_nuchal(pixels: NDArray[np.uint8], drawn: NDArray[np.bool_], box: Box) -> NuchalGap | None:
    """Measure the gap inside a box of the nuchal translucency; None where no two borders support it.

    Parameters
    ----------
    pixels
        ``uint8[H, W]``: the head frame, its overlay filled.
    drawn
        ``bool[H, W]``: where something was drawn, which is no evidence.
    box
        Of the nuchal translucency in the head frame.
    """
    left, right = max(int(box.x1), 0), min(int(np.ceil(box.x2)), pixels.shape[1])
    margin = _MARGIN * box.height
    top, bottom = max(int(box.y1 - margin), 0), min(int(np.ceil(box.y2 + margin)), pixels.shape[0])
    grey = pixels[top:bottom, left:right].astype(np.float64)
    known = ~drawn[top:bottom, left:right]
    small, small_known = _halved(grey), _halved(known.astype(np.float64)) > 0.99
    limits = (_LEAST_PX // _HALF, int(box.height / _HALF))
    pair = find_line_pair(small, small_known, limits, box.height / (2 * _HALF)) if min(small.shape, default=0) else None
    if pair is None or pair.strength.max() < _LEAST_STRENGTH:
        return None
    columns = np.asarray(pair.columns * _HALF + (_HALF - 1) / 2, np.float64)
    middle = ndimage.gaussian_filter1d((pair.upper + pair.lower) / 2 * _HALF + (_HALF - 1) / 2, 5)
    lean = np.cos(np.arctan(np.gradient(middle, columns)))
    strength = ndimage.uniform_filter1d(pair.strength, _RUN)
    run = _longest_run(strength, columns / max(columns[-1], 1))
    if not run.any():
        return None
    picture, _ = smoothed(grey, known, (0.7, 2.0))
    gaps = {
        level: _borders(picture, pair.upper * _HALF, pair.lower * _HALF, pair.columns * _HALF, level)
        for level in (_BORDER, _BORDER_LOW, _BORDER_HIGH)
    }
    across = {level: ndimage.uniform_filter1d((lower - upper) * lean, _RUN) for level, (upper, lower) in gaps.items()}
    widest = int(np.flatnonzero(run)[np.argmax(across[_BORDER][run])])
    upper, lower = (float(border[widest]) for border in gaps[_BORDER])
    normal = np.array([-np.sin(np.arctan(np.gradient(middle, columns)[widest])), lean[widest]])
    centre = np.array([columns[widest] + left, (upper + lower) / 2 + top])
    half = float(across[_BORDER][widest]) / 2
    ends = (centre - half * normal, centre + half * normal)
    return NuchalGap(
        (float(ends[0][0]), float(ends[0][1])),
        (float(ends[1][0]), float(ends[1][1])),
        2 * half,
        float(across[_BORDER_LOW][widest]),
        float(across[_BORDER_HIGH][widest]),
        float(np.clip(strength[widest], 0, 1)),
    )


def _halved(values: Grey) -> Grey:
    """Means of two by two pixels, odd ends left out."""
    height, width = values.shape[0] // _HALF, values.shape[1] // _HALF
    cells: Grey = values[: height * _HALF, : width * _HALF].reshape(height, _HALF, width, _HALF).mean(axis=(1, 3))
    return cells


def _longest_run(strength: Grey, place: Grey) -> NDArray[np.bool_]:
    """The columns in a row whose borders are strong, of all such runs the one with the greatest sum."""
    strong = (
        (strength >= _STRONG * np.percentile(strength, 90)) & (place >= _INNER) & (place <= 1 - _INNER) & (strength > 0)
    )
    runs, count = ndimage.label(strong)
    if not count:
        return np.zeros(len(strength), np.bool_)
    sums = ndimage.sum_labels(strength, runs, np.arange(1, count + 1))
    chosen: NDArray[np.bool_] = runs == 1 + int(np.argmax(sums))
    return chosen


def _borders(
    picture: Grey, upper: NDArray[np.intp], lower: NDArray[np.intp], columns: NDArray[np.intp], level: float
) -> tuple[Grey, Grey]:
    """Rows, with fractions, where each line begins in each column: ``level`` of its rise from the gap's darkest."""
    middle = (upper + lower) // 2
    rows = np.arange(len(picture))[:, None]
    seen = picture[:, columns]
    floor = np.where((rows >= upper) & (rows <= lower), seen, np.inf).min(axis=0)
    up = _crossings(_outward(seen, middle, -1, middle - upper + _REACH), floor, level)
    down = _crossings(_outward(seen, middle, 1, lower - middle + _REACH), floor, level)
    steady = ndimage.median_filter(np.column_stack([middle - up, middle + down]), (7, 1))
    return steady[:, 0], steady[:, 1]


def _outward(seen: Grey, start: NDArray[np.intp], step: int, reach: NDArray[np.intp]) -> Grey:
    """Grey from a row of each column on, ``[steps, columns]``; minus infinity past its reach and past the patch."""
    steps = np.arange(int(reach.max()) + 1)[:, None]
    rows = start + step * steps
    there = (steps <= reach) & (rows >= 0) & (rows < len(seen))
    return np.where(there, seen[np.clip(rows, 0, len(seen) - 1), np.arange(seen.shape[1])], -np.inf)


def _crossings(outward: Grey, floor: Grey, level: float) -> Grey:
    """How many steps outward grey first reaches ``level`` of its way from ``floor`` to its peak, in each column."""
    places = np.arange(outward.shape[1])
    peak = outward.max(axis=0)
    wanted = floor + level * (peak - floor)
    first = np.argmax(outward >= wanted, axis=0)
    before = outward[np.maximum(first - 1, 0), places]
    step = outward[first, places] - before
    share = np.divide(wanted - before, step, out=np.ones(len(places)), where=(first > 0) & (step > 0))
    return np.where(first > 0, first - 1 + share, 0.0)
