"""Bootstrap over frames, or over patients where they are known, as weights for all resamples at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["RESAMPLES", "SEED", "Figure", "figure", "frame_weights"]

RESAMPLES = 2_000
"""How many resamples an interval is made of."""

SEED = 20260
"""Seed of the resamples, the same for every figure so that differences can be paired."""

_LEVELS = (2.5, 97.5)
_NO_BOUND = 1e100
"""Stands for infinity where centiles are interpolated."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its 95 % percentile interval; None where it is not defined."""

    value: float | None
    low: float | None
    high: float | None


def frame_weights(groups: NDArray[np.int64], resamples: int = RESAMPLES, seed: int = SEED) -> NDArray[np.int32]:
    """How often each frame counts: once in row 0, and as drawn in each resample.

    Parameters
    ----------
    groups
        ``int64[N]``, numbers from 0: frames of one number are drawn together.
    resamples
        How many resamples to draw, with replacement.
    seed
        The same seed gives the same resamples.

    Returns
    -------
    ``int32[1 + resamples, N]``.
    """
    count = int(groups.max()) + 1
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=resamples)
    return np.vstack([np.ones(len(groups), np.int32), drawn[:, groups].astype(np.int32)])


def figure(samples: NDArray[np.float64]) -> Figure:
    """The figure of all frames (``samples[0]``) with the 2.5th and 97.5th centile of the resamples.

    Resamples in which the figure is not defined (NaN) are left out of the interval. Those in which it has no
    bound (infinite) count as the greatest or least; an end among them, or a figure, is None.
    """
    value, drawn = float(samples[0]), samples[1:]
    drawn = np.sort(drawn[~np.isnan(drawn)])
    if np.isnan(value) or not drawn.size:
        return Figure(_bounded(value), None, None)
    bounded = np.clip(drawn, -_NO_BOUND, _NO_BOUND)
    low, high = np.percentile(bounded, _LEVELS)
    return Figure(_bounded(value), _bounded(float(low)), _bounded(float(high)))


def _bounded(value: float) -> float | None:
    return None if np.isnan(value) or abs(value) > _NO_BOUND / 1e6 else value
