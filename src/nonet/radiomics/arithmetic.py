"""Sums that the formulas are written in: typed, over floats, and NaN instead of an exception where undefined."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Reals", "dot", "shannon", "summed", "total"]

Reals = NDArray[np.float64]

_AT_ONCE = 8192
"""Products that are summed at a time: of more than 10,000, OpenBLAS gives each core a part, waits long for a busy one,
and sums in an order that depends on their number."""


def summed(terms: Reals) -> Reals:
    """Sum over the last axis, ``float64[..., k]`` to ``float64[...]``."""
    result: Reals = np.add.reduce(terms, axis=-1)
    return result


def total(terms: Reals) -> np.float64:
    """Sum over all axes."""
    return np.float64(np.add.reduce(terms, axis=None))


def dot(a: Reals, b: Reals) -> np.float64:
    """Sum of the products of two arrays of one shape, the same on any number of cores."""
    if a.size <= _AT_ONCE:
        return np.float64(np.vdot(a, b))
    first, other = a.ravel(), b.ravel()
    parts = [np.vdot(first[at : at + _AT_ONCE], other[at : at + _AT_ONCE]) for at in range(0, a.size, _AT_ONCE)]
    return np.float64(sum(parts))


def shannon(probabilities: Reals) -> Reals:
    """Entropy in bits over the last axis; empty cells count nothing."""
    return -summed(probabilities * np.log2(probabilities + (probabilities == 0)))
