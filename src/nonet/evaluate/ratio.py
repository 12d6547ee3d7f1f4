"""A ratio in every resample, where some have nothing to count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64] | NDArray[np.int32] | NDArray[np.int64]

__all__ = ["ratio"]


def ratio(above: Numbers, below: Numbers) -> NDArray[np.float64]:
    """One over the other, ``float64[R]`` each; NaN where ``below`` is not above 0."""
    found: NDArray[np.float64] = np.divide(above, below, out=np.full(len(below), np.nan), where=below > 0)
    return found
