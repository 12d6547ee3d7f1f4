"""Bootstrap over frames, or over patients where they are known, as weights for all resamples at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

__all__ = ["RESAMPLES", "SEED", "Figure", "figure", "frame_weights", "over_repeats"]

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


def over_repeats(samples: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """One figure from repeats of the whole procedure with other folds and seeds, ``float64[1 + R]``.

    The value is the mean over the repeats. Its resamples are their mean, resample by resample, spread about the value
    so that their variance holds that between repeats as well, ``1 + 1 / K`` times, and widened for how few ``K`` is
    (Student's distribution with Satterthwaite's degrees of freedom). On labels drawn by lot such intervals of five
    repeats hold one half about as often as they say; ``benchmarks/chance.py`` measures it.

    Parameters
    ----------
    samples
        Of each of ``K`` repeats the figure of all frames and of each resample, ``float64[1 + R]``, the same resamples
        in all. With one repeat they are given back.
    """
    if len(samples) == 1:
        return samples[0]
    each = np.stack(samples)
    with np.errstate(invalid="ignore"):
        mean: NDArray[np.float64] = each.mean(axis=0)
    known = mean[1:][np.isfinite(mean[1:])]
    if not np.isfinite(each[:, 0]).all() or known.size < 2:
        return mean
    within, between = float(known.var()), (1 + 1 / len(each)) * float(each[:, 0].var(ddof=1))
    if between == 0:
        return mean
    total = within + between
    freedom = total**2 / (between**2 / (len(each) - 1))
    widening = np.sqrt(total / within) if within > 0 else np.inf
    widening *= stats.t.ppf(0.975, freedom) / stats.norm.ppf(0.975)
    if not np.isfinite(widening):
        return mean
    return np.append(mean[0], mean[0] + (mean[1:] - mean[0]) * widening)


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
