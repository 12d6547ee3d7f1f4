"""Two bright lines with a dark gap between them, followed along a patch by dynamic programming over pairs of borders.

In each column a pair of borders is a row and a thickness; a pair is good where grey falls steeply at the upper border
and rises steeply at the lower one, and the gap is darker than what lies beyond both. The best pairs that change little
from column to column are a path (Viterbi). All is in pixels of the patch; what was drawn over the picture is no
evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.float64]

__all__ = ["LinePair", "find_line_pair", "smoothed"]

_STEEP_CENTILE = 98
"""Slopes are held against the steepest ones of the patch."""
_BEYOND = 2
"""How far beyond a border its line is looked for, pixels."""
_TURN = 0.6
"""What a change of row or thickness by one pixel a column costs, against a good border's 1."""
_OFF_CENTRE = 1.2
"""What lying half a box off the middle of the patch costs."""
_NEVER = -1e9


@dataclass(frozen=True, slots=True)
class LinePair:
    """The borders of a dark gap along a patch.

    Attributes
    ----------
    columns
        ``int[C]``: the columns that were looked at.
    upper, lower
        ``int[C]``: rows of the borders.
    strength
        ``float[C]``: how steep the weaker of both borders is, as a share of the patch's steepest.
    """

    columns: NDArray[np.intp]
    upper: NDArray[np.intp]
    lower: NDArray[np.intp]
    strength: Grey


def smoothed(grey: Grey, known: NDArray[np.bool_], sigma: tuple[float, float]) -> tuple[Grey, Grey]:
    """A Gaussian filter in which only known pixels take part, and how much of its weight is known."""
    weight = ndimage.gaussian_filter(known.astype(np.float64), sigma)
    filtered = ndimage.gaussian_filter(np.where(known, grey, 0.0), sigma)
    return filtered / np.maximum(weight, 1e-3), weight


def find_line_pair(
    grey: Grey, known: NDArray[np.bool_], thickness: tuple[int, int], half_box: float
) -> LinePair | None:
    """The best pair of borders along a patch; None where the patch is too small for one.

    Parameters
    ----------
    grey
        ``float64[H, W]``.
    known
        ``bool[H, W]``: False where something was drawn over the picture.
    thickness
        Least and greatest distance of the borders.
    half_box
        Half the height of the box that the patch surrounds.
    """
    height, width = grey.shape
    least, most = thickness[0], min(thickness[1], height - 2 * _BEYOND - 1)
    if most < least or width < 3:
        return None
    picture, weight = smoothed(grey, known, (0.7, 1.5))
    slope = np.gradient(picture, axis=0)
    steepest = max(float(np.percentile(np.abs(slope), _STEEP_CENTILE)), 1e-6)
    border = np.clip(slope / steepest, -1, 1) * np.clip(2 * weight - 1, 0, 1)
    scores = _scores(picture, border, least, most, half_box)
    path = _best_path(scores)
    upper = path[:, 1]
    lower = upper + path[:, 0] + least
    columns = np.arange(width)
    strength = np.minimum(-border[upper, columns], border[lower, columns])
    return LinePair(columns, upper, lower, strength)


def _scores(picture: Grey, border: Grey, least: int, most: int, half_box: float) -> Grey:
    """How good each pair is: ``float64[W, thicknesses, H]`` by the row of the upper border."""
    height, width = picture.shape
    sums = np.vstack([np.zeros((1, width)), np.cumsum(picture, axis=0)])
    contrast = max(float(np.ptp(np.percentile(picture, (5, 95)))), 1e-6)
    scores = np.full((width, most - least + 1, height), _NEVER)
    for place, gap in enumerate(range(least, most + 1)):
        upper = np.arange(height - gap)
        lower = upper + gap
        inside = (sums[lower + 1] - sums[upper]) / (gap + 1)
        beyond = np.minimum(picture[np.maximum(upper - _BEYOND, 0)], picture[np.minimum(lower + _BEYOND, height - 1)])
        off = (upper + gap / 2 - (height - 1) / 2) / half_box
        good = border[lower] - border[upper] + np.clip((beyond - inside) / contrast, -1, 1)
        scores[:, place, : height - gap] = (good - _OFF_CENTRE * (off / 2)[:, None] ** 2).T
    return scores


def _best_path(scores: Grey) -> NDArray[np.intp]:
    """Places of thickness and upper row in each column, ``int[W, 2]``, of the path with the greatest sum.

    What a move costs is a sum over both, so that the best move of the row is found first, then that of the thickness.
    """
    width, gaps, height = scores.shape
    best, moved = (np.full((width, gaps + 2, height + 2), _NEVER) for _ in range(2))
    best[0, 1:-1, 1:-1] = scores[0]
    for column in range(1, width):
        before, turned, after = best[column - 1], moved[column], best[column, 1:-1, 1:-1]
        _from_neighbours(before[1:-1, :-2], before[1:-1, 1:-1], before[1:-1, 2:], turned[1:-1, 1:-1])
        _from_neighbours(turned[:-2, 1:-1], turned[1:-1, 1:-1], turned[2:, 1:-1], after)
        after += scores[column]
    path = np.empty((width, 2), np.intp)
    path[-1] = np.unravel_index(int(best[-1, 1:-1, 1:-1].argmax()), (gaps, height))
    for column in range(width - 1, 0, -1):
        gap, row = (int(each) for each in path[column])
        gap += _move(moved[column, gap : gap + 3, row + 1])
        row += _move(best[column - 1, gap + 1, row : row + 3])
        path[column - 1] = gap, row
    return path


def _from_neighbours(before: Grey, own: Grey, after: Grey, out: Grey) -> None:
    """The best of each place and its two neighbours, these at a cost."""
    np.maximum(before, after, out=out)
    out -= _TURN
    np.maximum(out, own, out=out)


def _move(three: Grey) -> int:
    """Which of a place and its two neighbours was the best: -1, 0 or 1."""
    before, own, after = three.tolist()
    if max(before, after) - _TURN <= own:
        return 0
    return 1 if after > before else -1
