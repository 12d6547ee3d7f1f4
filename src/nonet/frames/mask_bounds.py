"""The rows and columns that a mask covers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["mask_bounds"]


def mask_bounds(mask: NDArray[np.bool_]) -> tuple[slice, slice]:
    """The rows and columns of a mask ``bool[H, W]`` from the first to the last that hold anything; something must."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
