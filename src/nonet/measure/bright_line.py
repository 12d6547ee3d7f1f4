"""One bright line along a patch, followed by dynamic programming, and where it begins and ends.

In each column a row is good where it is brighter than what lies above and below. The path of the best rows that changes
little from column to column is the line. All is in pixels of the patch; what was drawn over the picture is no evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nonet.measure.line_pair import smoothed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.measure.patch import Patch

    Grey = NDArray[np.float64]

__all__ = ["BrightLine", "find_bright_line"]

_SMOOTH = (0.8, 1.2)
_BEYOND = 0.5
"""How far above and below a line what surrounds it is looked at, in heights of the box: a box holds its line's whole
width."""
_TURN = 0.25
"""What a change of row by one pixel a column costs, against a contrast of 1."""
_OFF_CENTRE = 0.6
"""What lying half a box above or below the middle of the box costs."""


@dataclass(frozen=True, slots=True)
class BrightLine:
    """A line along a patch.

    Attributes
    ----------
    rows
        ``int[W]``: its row in each column.
    grey
        ``float64[W]``: how bright it is.
    below
        ``float64[W]``: how bright what lies below is.
    known
        ``float64[W]``: how much of what was looked at there is picture, 0 to 1.
    """

    rows: NDArray[np.intp]
    grey: Grey
    below: Grey
    known: Grey


def find_bright_line(patch: Patch) -> BrightLine | None:
    """The best line along a patch; None where it is too small for one."""
    height, width = patch.grey.shape
    beyond = max(round(_BEYOND * patch.box.height), 1)
    if height < 2 * beyond or width < 3:
        return None
    picture, weight = smoothed(patch.grey, patch.known, _SMOOTH)
    rows = np.arange(height)
    below = picture[np.minimum(rows + beyond, height - 1)]
    around = np.maximum(picture[np.maximum(rows - beyond, 0)], below)
    contrast = max(float(np.ptp(np.percentile(picture, (5, 98)))), 1e-6)
    off = (rows - patch.box.centre[1]) / (patch.box.height / 2)
    scores = np.clip((picture - around) / contrast, -1, 1) * np.clip(weight, 0, 1) - _OFF_CENTRE * (off**2)[:, None]
    path = _best_path(scores)
    columns = np.arange(width)
    return BrightLine(path, picture[path, columns], below[path, columns], np.clip(weight[path, columns], 0, 1))


def _best_path(scores: Grey) -> NDArray[np.intp]:
    """The row in each column of the path with the greatest sum, ``int[W]``."""
    height, width = scores.shape
    moves = np.zeros((width, height), np.int8)
    best = np.full(height + 2, -np.inf)
    own = best[1:-1]
    own[:] = scores[:, 0]
    for column in range(1, width):
        later = best[2:] > best[:-2]
        either = np.where(later, best[2:], best[:-2]) - _TURN
        moved = either > own
        np.multiply(moved, 2 * later.view(np.int8) - 1, out=moves[column], casting="unsafe")
        own[:] = np.where(moved, either, own) + scores[:, column]
    path = np.empty(width, np.intp)
    path[-1] = int(np.argmax(own))
    for column in range(width - 1, 0, -1):
        path[column - 1] = path[column] + moves[column, path[column]]
    return path
