"""The thickness of a fluid space between two bright lines: their perpendicular distance, inner border to inner border.

The lines are followed in the head frame at half its resolution; each border is then found at full resolution, where
grey has risen a stated share of the way from the gap to the line. Where the gap is taken, and how far around the box
the lines are looked for, is each structure's protocol: a `GapSearch`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nonet.measure.line_pair import find_line_pair, smoothed
from nonet.measure.span import Span

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.measure.line_pair import LinePair
    from nonet.measure.patch import HeadPicture, Patch
    from nonet.reading import Box

    Grey = NDArray[np.float64]

__all__ = ["GapSearch", "measure_gap"]

_HALF = 2
_REACH = 8
"""How far past a border its line is looked for, pixels of the head frame."""
_RUN = 4
_LEAST_STRENGTH = 0.15


@dataclass(frozen=True, slots=True)
class GapSearch:
    """How the gap of a structure is looked for.

    Attributes
    ----------
    margin
        Of the box's height, above and below it, that belongs to the patch: boxes of slanting lines are tight.
    ends
        Share of the width at each end of the patch where the lines are followed but not measured.
    most
        The greatest gap, in heights of the box.
    strong
        Borders count from this share of what most of the path reaches: where a line fades, nothing is measured.
    least_px
        The least gap, pixels of the head frame: less is seen as one line.
    border, border_low, border_high
        Where a line begins: the share of its rise from the gap. A calliper whose crossbar merges with the line stands a
        little past half of it; the two others bound what may be called its inner border.
    """

    margin: float
    ends: float
    most: float = 1.0
    strong: float = 0.4
    least_px: int = 4
    border: float = 0.6
    border_low: float = 0.5
    border_high: float = 0.7


def measure_gap(picture: HeadPicture, box: Box, search: GapSearch) -> Span | None:
    """Measure the gap inside a box where it is widest; None where no two borders support it.

    Parameters
    ----------
    picture
        The head frame.
    box
        Of the structure in the head frame.
    search
        The structure's.
    """
    patch = picture.patch(box, 0, search.margin * box.height)
    pair = _followed(patch, search)
    if pair is None:
        return None
    columns = np.asarray(pair.columns * _HALF + (_HALF - 1) / 2, np.float64)
    strength = ndimage.uniform_filter1d(pair.strength, _RUN)
    run = _longest_run(strength, columns / max(columns[-1], 1), search)
    span = _widest(patch, pair, columns, run, search) if run.any() else None
    return span if span is not None and span.length >= search.least_px else None


def _followed(patch: Patch, search: GapSearch) -> LinePair | None:
    """The two borders along the patch at half its resolution; None where there are none."""
    small, known = _halved(patch.grey), _halved(patch.known.astype(np.float64)) > 0.99
    if not min(small.shape, default=0):
        return None
    limits = (search.least_px // _HALF, int(search.most * patch.box.height / _HALF))
    pair = find_line_pair(small, known, limits, patch.box.height / (2 * _HALF))
    return pair if pair is not None and pair.strength.max() >= _LEAST_STRENGTH else None


def _widest(patch: Patch, pair: LinePair, columns: Grey, run: NDArray[np.bool_], search: GapSearch) -> Span:
    """The greatest perpendicular distance of the borders, among the columns of a run."""
    middle = ndimage.gaussian_filter1d((pair.upper + pair.lower) / 2 * _HALF + (_HALF - 1) / 2, 5)
    slope = np.gradient(middle, columns)
    lean = np.cos(np.arctan(slope))
    grey, _ = smoothed(patch.grey, patch.known, (0.7, 2.0))
    own, *others = _borders(grey, pair, (search.border, search.border_low, search.border_high))
    across, low, high = (ndimage.uniform_filter1d((lower - upper) * lean, _RUN) for upper, lower in (own, *others))
    widest = int(np.flatnonzero(run)[np.argmax(across[run])])
    upper, lower = (float(border[widest]) for border in own)
    normal = np.array([-np.sin(np.arctan(slope[widest])), lean[widest]])
    centre = np.array(patch.to_head(columns[widest], (upper + lower) / 2))
    half = float(across[widest]) / 2
    (x1, y1), (x2, y2) = (centre - half * normal).tolist(), (centre + half * normal).tolist()
    return Span((x1, y1), (x2, y2), 2 * half, float(low[widest]), float(high[widest]))


def _halved(values: Grey) -> Grey:
    """Means of two by two pixels, odd ends left out."""
    height, width = values.shape[0] // _HALF, values.shape[1] // _HALF
    cells: Grey = values[: height * _HALF, : width * _HALF].reshape(height, _HALF, width, _HALF).mean(axis=(1, 3))
    return cells


def _longest_run(strength: Grey, place: Grey, search: GapSearch) -> NDArray[np.bool_]:
    """The columns in a row whose borders are strong, of all such runs the one with the greatest sum."""
    least, ends = search.strong * np.percentile(strength, 90), search.ends
    strong = (strength >= least) & (strength > 0) & (place >= ends) & (place <= 1 - ends)
    runs, count = ndimage.label(strong)
    if not count:
        return np.zeros(len(strength), np.bool_)
    sums = ndimage.sum_labels(strength, runs, np.arange(1, count + 1))
    chosen: NDArray[np.bool_] = runs == 1 + int(np.argmax(sums))
    return chosen


def _borders(grey: Grey, pair: LinePair, levels: tuple[float, ...]) -> list[tuple[Grey, Grey]]:
    """Rows, with fractions, where both lines begin in each column: each level of their rise from the gap's darkest."""
    upper, lower = pair.upper * _HALF, pair.lower * _HALF
    middle = (upper + lower) // 2
    rows = np.arange(len(grey))[:, None]
    seen = grey[:, pair.columns * _HALF]
    floor = np.where((rows >= upper) & (rows <= lower), seen, np.inf).min(axis=0)
    up, down = _outward(seen, middle, -1, middle - upper + _REACH), _outward(seen, middle, 1, lower - middle + _REACH)
    return [
        (_steady(middle - _crossings(up, floor, level)), _steady(middle + _crossings(down, floor, level)))
        for level in levels
    ]


def _steady(border: Grey) -> Grey:
    """A border without the jumps of single columns."""
    steady: Grey = ndimage.median_filter(border, 7)
    return steady


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
