"""Find small bright marks at the sides of a frame, such as the dots and ticks of a ruler."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Marks = NDArray[np.float64]

__all__ = ["side_marks"]

_SIDES = (0.25, 0.72)
"""A ruler stands left of the first share of the width or right of the second."""
_ABOVE = 3
"""Rows up and down in which a mark has ended."""
_BESIDE = (4, 9)
"""Columns left and right in which a dot, and a tick, has ended."""
_LEAST_CONTRAST = 12
_LEAST_PEAK = 16
_LARGEST = (5, 16)
"""Rows and columns of the largest mark."""


def side_marks(grey: NDArray[np.int16]) -> Marks:
    """Marks that end on all four sides within a few pixels.

    Parameters
    ----------
    grey
        ``int16[H, W]``.

    Returns
    -------
    ``float64[N, 3]``: row and column of the middle, and by how many grey levels the mark stands out.
    """
    width = grey.shape[1]
    left, right = int(_SIDES[0] * width), int(_SIDES[1] * width)
    margin = max(_BESIDE)
    sides = [_marks(grey[:, : left + margin]), _marks(grey[:, right - margin :])]
    sides[1][:, 1] += right - margin
    inside = [sides[0][:, 1] < left, sides[1][:, 1] >= right]
    return np.concatenate([marks[kept] for marks, kept in zip(sides, inside, strict=True)])


def _marks(grey: NDArray[np.int16]) -> Marks:
    from scipy import ndimage

    contrast = _contrast(grey)
    labels, count = ndimage.label(contrast >= _LEAST_CONTRAST)
    if not count:
        return np.empty((0, 3))
    numbers = labels[labels > 0]
    rows, columns = np.nonzero(labels)
    weights = contrast[rows, columns].astype(np.float64)
    total = np.bincount(numbers, weights, count + 1)[1:]
    middles = [np.bincount(numbers, weights * place, count + 1)[1:] / total for place in (rows, columns)]
    peak = np.zeros(count + 1)
    np.maximum.at(peak, numbers, weights)
    boxes = ndimage.find_objects(labels)
    small = [y.stop - y.start <= _LARGEST[0] and x.stop - x.start <= _LARGEST[1] for y, x in boxes]
    marks = np.column_stack([*middles, peak[1:]])
    return np.asarray(marks[np.array(small) & (peak[1:] >= _LEAST_PEAK)])


def _contrast(grey: NDArray[np.int16]) -> NDArray[np.int16]:
    """By how much each pixel is brighter than what lies above and below it, left and right of it."""
    up_and_down = grey - _brighter(grey, _ABOVE, axis=0)
    across = grey - np.minimum(*(_brighter(grey, distance, axis=1) for distance in _BESIDE))
    contrast: NDArray[np.int16] = np.minimum(up_and_down, across)
    return contrast


def _brighter(grey: NDArray[np.int16], distance: int, axis: int) -> NDArray[np.int16]:
    """The brighter of the two pixels at a distance on both sides; at the border the last pixel repeats."""
    margins = [(0, 0), (0, 0)]
    margins[axis] = (distance, distance)
    padded = np.moveaxis(np.pad(grey, margins, mode="edge"), axis, 0)
    brighter: NDArray[np.int16] = np.maximum(padded[: -2 * distance], padded[2 * distance :])
    return np.moveaxis(brighter, 0, axis)
