"""Held-out rows divided in two: each half is calibrated by the other, and gives conformal scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nonet.errors import TrainingError
from nonet.grade.cross_conformal import LEVEL, CrossConformal
from nonet.grade.probability_calibration import ProbabilityCalibration

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["HeldOutCopies", "calibrate", "copy_counts", "halves"]


@dataclass(frozen=True, slots=True)
class HeldOutCopies:
    """What classifiers that saw neither say of copies of held-out rows.

    Attributes
    ----------
    probabilities
        ``float64[M, K]``.
    of
        ``int[M]``, the row that each is a copy of: its class and its group are that row's.
    """

    probabilities: NDArray[np.float64]
    of: NDArray[np.intp]

    @property
    def counts(self) -> NDArray[np.float64]:
        """What each copy counts; see `copy_counts`."""
        return copy_counts(self.of)


def copy_counts(of: NDArray[np.intp]) -> NDArray[np.float64]:
    """What each copy of a row counts, ``float64[M]``, so that those of one row together count 1, given their rows."""
    counts: NDArray[np.float64] = 1 / np.bincount(of)[of]
    return counts


def halves(
    labels: NDArray[np.integer], groups: NDArray[np.integer] | None = None, seed: int = 0
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Two disjoint sets of rows that share no group and divide every class about evenly.

    Parameters
    ----------
    labels
        ``int[N]``, classes from 0.
    groups
        ``int[N]``, rows of one patient or frame have one number; by default each row is alone.
    seed
        The same seed gives the same halves.

    Returns
    -------
    Rows of the first and of the second half, ascending.
    """
    _, members = np.unique(np.arange(len(labels)) if groups is None else groups, return_inverse=True)
    counts = np.zeros((members.max(initial=-1) + 1, labels.max(initial=0) + 1), np.intp)
    np.add.at(counts, (members, labels), 1)
    second = _second(counts, np.random.default_rng(seed))[members]
    return np.flatnonzero(~second), np.flatnonzero(second)


def calibrate(
    probabilities: NDArray[np.floating],
    labels: NDArray[np.integer],
    members: NDArray[np.integer],
    groups: NDArray[np.integer] | None = None,
    seed: int = 0,
    level: float = LEVEL,
    *,
    copies: HeldOutCopies | None = None,
    draws: int = 1,
) -> tuple[ProbabilityCalibration, CrossConformal]:
    """Calibration from all rows, conformal scores of rows that their calibration did not see.

    Each half of the rows is scored by the calibration of the other, so that all rows give a score and none
    a score that was calibrated on it (cross-conformal: Vovk 2015, doi 10.1007/s10472-013-9368-4).

    Parameters
    ----------
    probabilities
        ``float[N, K]``, out-of-fold: each row from a classifier that did not see it.
    labels
        ``int[N]``, the true classes, 0 to ``K - 1``.
    members
        ``int[N]``, those classifiers, from 0.
    groups, seed
        See `halves`.
    level
        Of the conformal sets.
    copies
        Of the rows, which calibration learns from too; conformal scores are those of the rows alone.
    draws
        How often each row is there, by a classifier of each draw of the inner folds: together they count once. Where
        it is more than once, ``groups`` say which rows are one.

    Raises
    ------
    TrainingError
        If there are fewer than two groups of rows, or rows that are not probabilities.
    """
    _check(probabilities, labels)
    first, second = halves(labels, groups, seed)
    if not (first.size and second.size):
        raise TrainingError(
            "Calibration and conformal scores come from different held-out groups",
            found="fewer than two groups",
            remedy="Hold out more patients or frames",
        )
    scored = np.empty(probabilities.shape)
    for train, test in ((first, second), (second, first)):
        scored[test] = _fit(probabilities, labels, train, copies, draws).apply(probabilities[test])
    whole = _fit(probabilities, labels, np.arange(len(labels)), copies, draws)
    return whole, CrossConformal.fit(scored, labels, members, level, draws)


def _fit(
    probabilities: NDArray[np.floating],
    labels: NDArray[np.integer],
    rows: NDArray[np.intp],
    copies: HeldOutCopies | None,
    draws: int,
) -> ProbabilityCalibration:
    """The calibration of some rows and of their copies, which together count as the rows of one draw would alone."""
    given, answers, counts = probabilities[rows], labels[rows], np.ones(len(rows))
    if copies is not None:
        kept = np.flatnonzero(np.isin(copies.of, rows))
        given = np.concatenate([given, copies.probabilities[kept]])
        answers = np.concatenate([answers, labels[copies.of[kept]]])
        counts = np.concatenate([counts, copies.counts[kept]])
    return ProbabilityCalibration.fit(given, answers, counts=counts * len(rows) / draws / counts.sum())


def _second(counts: NDArray[np.intp], rng: np.random.Generator) -> NDArray[np.bool_]:
    """Which groups go to the second half, given their classes ``int[G, K]``.

    In random order, the largest first, each group goes where there is least of what it holds.
    """
    second = np.zeros(len(counts), np.bool_)
    filled = np.zeros((2, counts.shape[1]), np.intp)
    shuffled = rng.permutation(len(counts))
    for group in shuffled[np.argsort(-counts[shuffled].sum(axis=1), kind="stable")]:
        crowd = [(int(half @ counts[group]), int(half.sum())) for half in filled]
        second[group] = crowd[1] < crowd[0]
        filled[int(second[group])] += counts[group]
    return second


def _check(probabilities: NDArray[np.floating], labels: NDArray[np.integer]) -> None:
    rows = len(probabilities) == len(labels) and bool(np.all(labels >= 0))
    if not rows or labels.max(initial=0) >= probabilities.shape[1] or not np.isfinite(probabilities).all():
        raise TrainingError(
            "Calibration needs a finite probability of every class and a class for every row",
            found=f"probabilities {probabilities.shape}, labels {labels.shape}",
            remedy="Give the out-of-fold probabilities of all rows",
        )
