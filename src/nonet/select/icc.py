"""Agreement of repeated ratings: ICC(A,1), the ICC(2,1) of Shrout and Fleiss, with its interval, for many features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import fdtri

from nonet.errors import SettingsError
from nonet.select.removal_reasons import RemovalReason

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = ["LEAST_SUBJECTS", "Agreement", "agreement", "same", "transferred_agreement"]

LEAST_SUBJECTS = 3
"""Of two subjects and two raters the coefficient can be 0 / 0."""

_BLOCK = 128
"""Features at a time, which bounds memory."""
_ROUNDING = 1e-12
"""Values that differ by less than this share of the largest are one value, up to rounding."""
_LEAST_FREEDOM = 1e-3
"""Of the interval: an F quantile with fewer degrees of freedom overflows, and the bound has reached its limit."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far repeated ratings of ``F`` features agree.

    Attributes
    ----------
    icc, low, high
        ``float64[F]``: ICC(A,1), at most 1, and its interval; NaN where there is a reason.
    subjects
        ``int[F]``: those whom every rater gave a finite value. The others are left out.
    reasons
        Why there is no coefficient, or None: too few subjects, or a constant.
    """

    icc: Values
    low: Values
    high: Values
    subjects: NDArray[np.intp]
    reasons: tuple[RemovalReason | None, ...]


def agreement(ratings: Values, *, least: int = LEAST_SUBJECTS, level: float = 0.95) -> Agreement:
    """ICC(A,1) of each feature: two-way random effects, absolute agreement, a single rater.

    Parameters
    ----------
    ratings
        ``float64[S, R, F]``: subjects, raters (at least 2), features. A subject counts for a feature
        if every rater has a finite value of it.
    least
        A feature with fewer such subjects has no coefficient; 3 or more.
    level
        Of the interval, between 0 and 1.

    Raises
    ------
    SettingsError
        If the shape or a setting is not as above.

    Notes
    -----
    Shrout and Fleiss 1979, Psychol. Bull. 86, 420: ICC(2,1). McGraw and Wong 1996, Psychol. Methods 1,
    30: ICC(A,1) in their table 4, its interval in their table 7. The interval is an approximation
    (Satterthwaite's degrees of freedom) and assumes normal effects. Far below 0 and with few subjects it
    can miss its own estimate, and is then widened to it.
    """
    _check(ratings, least, level)
    count = ratings.shape[2]
    parts = [_block(ratings[:, :, start : start + _BLOCK], least, level) for start in range(0, count, _BLOCK)]
    return Agreement(
        icc=np.concatenate([np.zeros(0), *(part.icc for part in parts)]),
        low=np.concatenate([np.zeros(0), *(part.low for part in parts)]),
        high=np.concatenate([np.zeros(0), *(part.high for part in parts)]),
        subjects=np.concatenate([np.zeros(0, np.intp), *(part.subjects for part in parts)]),
        reasons=tuple(reason for part in parts for reason in part.reasons),
    )


def transferred_agreement(ratings: Values, between_subjects: Values, *, least: int = LEAST_SUBJECTS) -> Agreement:
    """ICC(A,1) with the variance between subjects of other subjects, and no interval.

    Simulated heads are more alike than patients, and an ICC divides by how much subjects differ. So what raters add
    to a value is taken from the ratings, and how much subjects differ from elsewhere.

    Parameters
    ----------
    ratings
        ``float64[S, R, F]``, as of `agreement`.
    between_subjects
        ``float64[F]``: the variance between the other subjects; NaN where it is not known.
    least
        A feature with fewer rated subjects has no coefficient; 3 or more.

    Notes
    -----
    ``s / (s + r + e)``, with ``e`` the residual mean square and ``r`` the variance between raters, (MSC - MSE) / n and
    at least 0 (McGraw and Wong 1996, table 3, two-way random effects).
    """
    _check(ratings, least, 0.95)
    subjects, raters, count = ratings.shape
    complete = np.asarray(np.isfinite(ratings).all(axis=1), np.bool_)
    n: NDArray[np.intp] = complete.sum(axis=0)
    seen = np.repeat(complete, raters, axis=0)
    constant = same(ratings.reshape(subjects * raters, count), seen) | ~(between_subjects > 0)
    icc = np.full(count, np.nan)
    for place in np.flatnonzero((n >= least) & ~constant).tolist():
        values = ratings[complete[:, place], :, place]
        left = values - values.mean(axis=1, keepdims=True) - values.mean(axis=0) + values.mean()
        error = (left**2).sum() / ((len(values) - 1) * (raters - 1))
        rater = max(values.mean(axis=0).var(ddof=1) - error / len(values), 0.0)
        icc[place] = between_subjects[place] / (between_subjects[place] + rater + error)
    return Agreement(icc, np.full(count, np.nan), np.full(count, np.nan), n, tuple(map(_reason, n < least, constant)))


def same(values: Values, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which columns have one value, up to rounding, where the mask lets them be seen; both ``[N, F]``."""
    largest = np.where(mask, values, -np.inf).max(axis=0, initial=-np.inf)
    smallest = np.where(mask, values, np.inf).min(axis=0, initial=np.inf)
    size = np.maximum(np.abs(largest), np.abs(smallest))
    with np.errstate(invalid="ignore", over="ignore"):
        varied: NDArray[np.bool_] = largest - smallest > _ROUNDING * size
    return ~varied


def _block(ratings: Values, least: int, level: float) -> Agreement:
    subjects, raters, count = ratings.shape
    complete = np.asarray(np.isfinite(ratings).all(axis=1), np.bool_)
    n: NDArray[np.intp] = complete.sum(axis=0)
    seen = np.repeat(complete, raters, axis=0)
    constant = same(ratings.reshape(subjects * raters, count), seen)
    usable = (n >= least) & ~constant
    icc, low, high = np.full((3, count), np.nan)
    if usable.any():
        squares = _mean_squares(ratings[:, :, usable], complete[:, usable])
        icc[usable] = _coefficient(*squares, n[usable], raters)
        low[usable], high[usable] = _interval(icc[usable], *squares, n[usable], raters, level)
    return Agreement(icc, low, high, n, tuple(map(_reason, n < least, constant)))


def _reason(few: bool, constant: bool) -> RemovalReason | None:
    return RemovalReason.FEW_SUBJECTS if few else RemovalReason.CONSTANT if constant else None


def _mean_squares(ratings: Values, complete: NDArray[np.bool_]) -> tuple[Values, Values, Values]:
    """Between subjects, between raters, and what is left, ``float64[F]`` each, in a unit of each feature's own."""
    n, raters = complete.sum(axis=0), ratings.shape[1]
    weight = complete[:, None, :]
    values = np.where(weight, ratings, 0.0)
    values = values / np.abs(values).max(axis=(0, 1))
    values = np.where(weight, values - values.sum(axis=(0, 1)) / (n * raters), 0.0)
    values = values / np.abs(values).max(axis=(0, 1))
    of_subject, of_rater = values.mean(axis=1), values.sum(axis=0) / n
    left = np.where(weight, values - of_subject[:, None] - of_rater, 0.0)
    between_subjects = raters * (of_subject**2).sum(axis=0) / (n - 1)
    between_raters = n * (of_rater**2).sum(axis=0) / (raters - 1)
    return between_subjects, between_raters, (left**2).sum(axis=(0, 1)) / ((n - 1) * (raters - 1))


def _coefficient(rows: Values, columns: Values, error: Values, n: NDArray[np.intp], raters: int) -> Values:
    icc: Values = (rows - error) / (rows + (raters - 1) * error + raters * (columns - error) / n)
    return icc


def _interval(
    icc: Values, rows: Values, columns: Values, error: Values, n: NDArray[np.intp], raters: int, level: float
) -> tuple[Values, Values]:
    """Lower and upper bound; ``(1 - icc)`` is multiplied out of McGraw and Wong's a and b, so that 1 is no pole."""
    of_columns = raters * icc / n * columns
    of_error = (1 - icc + raters * icc * (n - 1) / n) * error
    spread = of_columns**2 / (raters - 1) + of_error**2 / ((n - 1) * (raters - 1))
    certain = spread == 0
    freedom = np.maximum((of_columns + of_error) ** 2 / np.where(certain, 1, spread), _LEAST_FREEDOM)
    tail = 1 - (1 - level) / 2

    def bound(signal: Values) -> Values:
        size = raters * columns + (raters * n - raters - n) * error + n * signal
        return np.where(certain, icc, n * (signal - error) / np.where(certain, 1, size))

    low, high = bound(rows / fdtri(n - 1, freedom, tail)), bound(rows * fdtri(freedom, n - 1, tail))
    return np.minimum(low, icc), np.maximum(high, icc)


def _check(ratings: Values, least: int, level: float) -> None:
    if ratings.ndim != 3 or ratings.shape[1] < 2:
        _refuse("Ratings have a row a subject, two or more raters and a number of features", f"shape {ratings.shape}")
    if least < LEAST_SUBJECTS:
        _refuse(f"An agreement needs {LEAST_SUBJECTS} subjects or more", f"least = {least}")
    if not 0 < level < 1:
        _refuse("The level of an interval lies between 0 and 1", f"{level}")


def _refuse(rule: str, found: str) -> None:
    raise SettingsError(rule, found=found, remedy="See nonet.select.agreement")
