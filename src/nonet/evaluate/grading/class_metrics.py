"""How good probabilities of classes are: figures of all resamples at once, from predictions alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from nonet.evaluate.grading.calibration_line import calibration_line
from nonet.evaluate.ratio import ratio

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Shares = NDArray[np.float64]
    Weights = NDArray[np.integer]

__all__ = [
    "OF_A_CLASS",
    "ClassMetric",
    "ScoredRows",
    "auc_of_class",
    "concordance",
    "mean_auc",
    "net_benefit",
    "samples",
    "samples_of_class",
    "within_auc",
]

_CHUNK = 256


class ClassMetric(StrEnum):
    """A figure of a classifier."""

    AUC = "auc"
    ACCURACY = "accuracy"
    SENSITIVITY = "sensitivity"
    SPECIFICITY = "specificity"
    PPV = "ppv"
    """Positive predictive value: the share of rows called a class that are of it, at the rows' own prevalence."""
    NPV = "npv"
    KAPPA = "kappa"
    BRIER = "brier"
    CALIBRATION_INTERCEPT = "calibration_intercept"
    CALIBRATION_SLOPE = "calibration_slope"


OF_A_CLASS = (
    ClassMetric.SENSITIVITY,
    ClassMetric.SPECIFICITY,
    ClassMetric.PPV,
    ClassMetric.NPV,
    ClassMetric.CALIBRATION_INTERCEPT,
    ClassMetric.CALIBRATION_SLOPE,
)
"""What one class has against all others, besides an AUC."""


@dataclass(frozen=True, slots=True)
class ScoredRows:
    """Predictions and truth of ``N`` rows.

    Attributes
    ----------
    classes
        ``K`` words, in their order if they have one.
    probabilities
        ``float64[N, K]``.
    labels
        ``int[N]``, the true class of each row.
    positive
        The class that sensitivity is of.
    divisions
        ``N`` words: rows of one division were graded by one model. Without them all rows were.
    """

    classes: tuple[str, ...]
    probabilities: Shares
    labels: NDArray[np.intp]
    positive: int = 1
    divisions: NDArray[np.str_] | None = None

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> ScoredRows:
        """Some of the rows."""
        divisions = None if self.divisions is None else self.divisions[rows]
        return ScoredRows(self.classes, self.probabilities[rows], self.labels[rows], self.positive, divisions)

    @property
    def strata(self) -> NDArray[np.str_]:
        """The division of each row, one word for all where there are none."""
        return np.zeros(len(self.labels), "<U1") if self.divisions is None else self.divisions

    @property
    def of_interest(self) -> tuple[int, ...]:
        """The positive one of two classes; all, if there are more."""
        return (self.positive,) if len(self.classes) == 2 else tuple(range(len(self.classes)))


def samples(rows: ScoredRows, weights: Weights) -> dict[ClassMetric, Shares]:
    """Every figure in every resample.

    AUC is that of the positive one of two classes; of more, the mean over the classes, each against all others.
    Its pairs are of one division each, all pairs counting alike: probabilities of different models are not
    comparable, and models of rare classes differ in their offsets by chance. Sensitivity, specificity,
    predictive values, calibration intercept and slope are those of the positive class; `samples_of_class` gives
    those of another. Kappa has quadratic weights by the
    order of the classes (Cohen 1968); of two classes it is the plain one. The Brier score of two classes is that of
    the positive one, of more the sum over the classes.

    Parameters
    ----------
    rows
        ``N`` rows.
    weights
        ``int[R, N]``: how often each row counts in each resample, as `bootstrap.frame_weights` gives them.

    Returns
    -------
    ``float64[R]`` by measure, NaN where a figure is not defined, infinite where there is no bound.
    """
    return _in_chunks(lambda some: _samples(rows, some), weights)


def mean_auc(rows: ScoredRows, weights: Weights) -> Shares:
    """The AUC of `samples` alone, ``float64[R]``."""
    return _in_chunks(lambda some: {ClassMetric.AUC: _mean_auc(rows, some)}, weights)[ClassMetric.AUC]


def auc_of_class(rows: ScoredRows, place: int, weights: Weights) -> Shares:
    """The AUC of `samples_of_class` alone, ``float64[R]``."""
    return _in_chunks(lambda some: {ClassMetric.AUC: _auc(rows, place, some)}, weights)[ClassMetric.AUC]


def samples_of_class(rows: ScoredRows, place: int, weights: Weights) -> dict[ClassMetric, Shares]:
    """AUC, sensitivity, specificity, predictive values, calibration intercept and slope of one class.

    The class at ``place`` is held against all others, and a row is called what is most probable. The
    calibration slope is that of a logistic regression of the class on the logit of its probability (Cox 1958): 1
    is right, less is too sure. It is not defined where a threshold separates the class from the others, since
    the likelihood then has no maximum. The intercept is that at slope 1 (calibration in the large): above 0, the
    class is more frequent than its probabilities say.
    """
    chosen = rows.probabilities.argmax(axis=1) == place
    scores, truth = rows.probabilities[:, place], rows.labels == place
    return _in_chunks(
        lambda some: {ClassMetric.AUC: _auc(rows, place, some), **_of_class(scores, truth, chosen, some)}, weights
    )


def net_benefit(rows: ScoredRows, threshold: float, weights: Weights) -> tuple[Shares, Shares]:
    """Net benefit of acting from a probability of the positive class on, and of acting on every row.

    True positives less false positives at the odds of the threshold, per row (Vickers & Elkin 2006, Medical Decision
    Making 26, 565). ``float64[R]`` each.
    """
    drawn = weights.astype(np.float64)
    total, truth = drawn.sum(axis=1), rows.labels == rows.positive
    acted, odds = rows.probabilities[:, rows.positive] >= threshold, threshold / (1 - threshold)
    ours = drawn @ (acted & truth) - odds * (drawn @ (acted & ~truth))
    return ratio(ours, total), ratio(drawn @ truth - odds * (drawn @ ~truth), total)


def within_auc(rows: ScoredRows, strata: NDArray[np.generic], weights: Weights) -> Shares:
    """The share of pairs of one stratum, positive and negative, that are in the right order, ``float64[R]``.

    What differs between strata, such as the share of positives, cannot help here.
    """
    return _within(
        rows.probabilities[:, rows.positive], rows.labels == rows.positive, strata, weights.astype(np.float64)
    )


def _within(scores: Shares, truth: NDArray[np.bool_], strata: NDArray[np.generic], weights: Shares) -> Shares:
    right = np.zeros(len(weights))
    pairs = np.zeros(len(weights))
    for stratum in np.unique(strata):
        own = strata == stratum
        concordant, total = concordance(scores[own], truth[own], weights[:, own])
        right, pairs = right + concordant, pairs + total
    return ratio(right, pairs)


def _in_chunks(of_some: Callable[[Shares], dict[ClassMetric, Shares]], weights: Weights) -> dict[ClassMetric, Shares]:
    parts = [of_some(weights[start : start + _CHUNK].astype(np.float64)) for start in range(0, len(weights), _CHUNK)]
    return {metric: np.concatenate([part[metric] for part in parts]) for metric in parts[0]}


def _samples(rows: ScoredRows, weights: Shares) -> dict[ClassMetric, Shares]:
    probabilities, labels = rows.probabilities, rows.labels
    chosen = probabilities.argmax(axis=1)
    own = _of_class(probabilities[:, rows.positive], labels == rows.positive, chosen == rows.positive, weights)
    truth = np.eye(len(rows.classes))[labels]
    squares = ((probabilities - truth) ** 2)[:, list(rows.of_interest)].sum(axis=1)
    total = weights.sum(axis=1)
    return {
        ClassMetric.AUC: _mean_auc(rows, weights),
        ClassMetric.ACCURACY: ratio(weights @ (chosen == labels), total),
        ClassMetric.KAPPA: _kappa(labels, chosen, len(rows.classes), weights),
        ClassMetric.BRIER: ratio(weights @ squares, total),
        **own,
    }


def _mean_auc(rows: ScoredRows, weights: Shares) -> Shares:
    mean: Shares = np.mean([_auc(rows, place, weights) for place in rows.of_interest], axis=0)
    return mean


def _auc(rows: ScoredRows, place: int, weights: Shares) -> Shares:
    return _within(rows.probabilities[:, place], rows.labels == place, rows.strata, weights)


def _of_class(
    scores: Shares, truth: NDArray[np.bool_], chosen: NDArray[np.bool_], weights: Shares
) -> dict[ClassMetric, Shares]:
    """Everything but the AUC of one class against all others."""
    intercept, slope = calibration_line(scores, truth, weights)
    values = (
        ratio(weights @ (truth & chosen), weights @ truth),
        ratio(weights @ (~truth & ~chosen), weights @ ~truth),
        ratio(weights @ (truth & chosen), weights @ chosen),
        ratio(weights @ (~truth & ~chosen), weights @ ~chosen),
        intercept,
        slope,
    )
    return dict(zip(OF_A_CLASS, values, strict=True))


def concordance(scores: Shares, truth: NDArray[np.bool_], weights: Shares) -> tuple[Shares, Shares]:
    """Pairs in the right order, ties as halves, and all pairs, ``float64[R]`` each."""
    order = np.argsort(scores, kind="stable")
    _, starts = np.unique(scores[order], return_index=True)
    sorted_weights = weights[:, order]
    positive, negative = sorted_weights * truth[order], sorted_weights * ~truth[order]
    if len(starts) < len(scores):
        positive, negative = (np.add.reduceat(each, starts, axis=1) for each in (positive, negative))
    below = np.cumsum(negative, axis=1) - negative / 2
    return (positive * below).sum(axis=1), positive.sum(axis=1) * negative.sum(axis=1)


def _kappa(labels: NDArray[np.intp], chosen: NDArray[np.intp], classes: int, weights: Shares) -> Shares:
    far = (np.subtract.outer(np.arange(classes), np.arange(classes)) ** 2).astype(np.float64)
    truth, probabilities = weights @ np.eye(classes)[labels], weights @ np.eye(classes)[chosen]
    expected = ratio(np.einsum("ri,ij,rj->r", truth, far, probabilities), weights.sum(axis=1))
    return 1 - ratio(weights @ far[labels, chosen], expected)
