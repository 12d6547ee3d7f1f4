"""Sums that the formulas are written in: typed, over floats, and NaN instead of an exception where undefined."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Reals", "dot", "shannon", "summed", "total"]

Reals = NDArray[np.float64]


def summed(terms: Reals) -> Reals:
    """Sum over the last axis, ``float64[..., k]`` to ``float64[...]``."""
    result: Reals = np.add.reduce(terms, axis=-1)
    return result


def total(terms: Reals) -> np.float64:
    """Sum over all axes."""
    return np.float64(np.add.reduce(terms, axis=None))


def dot(a: Reals, b: Reals) -> np.float64:
    """Sum of the products of two arrays of one shape."""
    return np.float64(np.vdot(a, b))


def shannon(probabilities: Reals) -> Reals:
    """Entropy in bits over the last axis; empty cells count nothing."""
    return -summed(probabilities * np.log2(probabilities + (probabilities == 0)))
