"""How much pixel boxes overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["iou"]


def iou(one: ArrayLike, other: ArrayLike) -> NDArray[np.float64]:
    """Intersection over union of boxes ``[..., 4]`` (x1, y1, x2, y2), 0 to 1; shapes broadcast.

    It is 0 where neither box has an area, and NaN where an edge is.

    Examples
    --------
    >>> float(iou((0, 0, 2, 1), (1, 0, 3, 1)))
    0.3333333333333333
    """
    a, b = np.asarray(one, np.float64), np.asarray(other, np.float64)
    sides = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    shared = sides.clip(0).prod(axis=-1)
    union = (a[..., 2:] - a[..., :2]).prod(axis=-1) + (b[..., 2:] - b[..., :2]).prod(axis=-1) - shared
    found: NDArray[np.float64] = np.divide(shared, union, out=np.zeros_like(union), where=union != 0)
    return found
