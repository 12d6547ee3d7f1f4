"""The calibration line of probabilities (Cox 1958): its intercept and slope, in all resamples at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Shares = NDArray[np.float64]

__all__ = ["calibration_line"]

_FLOOR = 1e-6
_TINY = 1e-12
_STEPS = 100
_CONVERGED = 1e-6
_LONGEST_STEP = 5.0


def calibration_line(scores: Shares, truth: NDArray[np.bool_], weights: Shares) -> tuple[Shares, Shares]:
    """Intercept at slope 1, and slope, of the logistic regression of truth on logit score, in all resamples at once.

    Without one of both classes neither is defined. Separated classes have a slope without bound, reported as
    infinite: plus where the class has the higher scores, minus where the others have.
    """
    held = scores.clip(_FLOOR, 1 - _FLOOR)
    logit = np.log(held / (1 - held))
    ones = np.ones((len(logit), 1))
    both = (weights @ truth > 0) & (weights @ ~truth > 0)
    above, below = _separated(logit, truth, weights)
    bounded = both & ~above & ~below
    intercept, slope = np.full((2, len(weights)), np.nan)
    intercept[both] = _newton(ones, logit, truth, weights[both])[:, 0]
    spread = float(logit.std()) or 1.0
    design = np.column_stack([ones, (logit - logit.mean()) / spread])
    slope[bounded] = _newton(design, np.zeros(len(logit)), truth, weights[bounded])[:, 1] / spread
    slope[both & above & ~below] = np.inf
    slope[both & below & ~above] = -np.inf
    return intercept, slope


def _newton(design: Shares, offset: Shares, truth: NDArray[np.bool_], weights: Shares) -> Shares:
    """Coefficients ``float64[R, P]`` of a logistic regression that has a maximum in every resample.

    All start from those of the resamples together, which lie near. A Newton step after which the likelihood falls half
    as steeply as it rose before is halved.
    """
    start = np.zeros((1, design.shape[1]))
    if len(weights) > 1:
        start = _newton(design, offset, truth, weights.sum(axis=0, keepdims=True))
    found = np.repeat(start, len(weights), axis=0)
    products = (design[:, :, None] * design[:, None, :]).reshape(len(design), -1)
    ridge = _TINY * np.eye(design.shape[1])
    waiting, some = np.arange(len(weights)), weights
    step, before = np.zeros_like(found), np.zeros(len(found))
    for _ in range(_STEPS):
        if not len(waiting):
            break
        expected = 1 / (1 + np.exp(-(found[waiting] @ design.T + offset).clip(-30, 30)))
        slope = (some * (truth - expected)) @ design
        too_far = (slope * step).sum(axis=1) < -before / 2
        step[too_far] /= 2
        before[too_far] /= 2
        moved = -step
        on = ~too_far
        bend = ((some[on] * (expected[on] * (1 - expected[on]))) @ products).reshape(-1, *ridge.shape)
        newton = np.linalg.solve(bend + ridge, slope[on, :, None])[..., 0]
        step[on] = newton * (_LONGEST_STEP / np.abs(newton).max(axis=1, keepdims=True).clip(_LONGEST_STEP))
        before[on] = (slope[on] * step[on]).sum(axis=1)
        moved[on] = step[on]
        found[waiting] += moved
        moving = np.abs(moved).max(axis=1) > _CONVERGED
        if not moving.all():
            waiting, some, step, before = waiting[moving], some[moving], step[moving], before[moving]
    return found


def _separated(logit: Shares, truth: NDArray[np.bool_], weights: Shares) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether all rows of the class that were drawn lie at or above all others, and whether at or below."""
    drawn = weights > 0
    low = np.where(drawn & truth, logit, np.inf).min(axis=1), np.where(drawn & ~truth, logit, np.inf).min(axis=1)
    high = np.where(drawn & truth, logit, -np.inf).max(axis=1), np.where(drawn & ~truth, logit, -np.inf).max(axis=1)
    return low[0] >= high[1], high[0] <= low[1]
