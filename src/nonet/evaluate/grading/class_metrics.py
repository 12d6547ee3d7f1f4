"""How good probabilities of classes are: figures of all resamples at once, from predictions alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from nonet.evaluate.bootstrap import Figure, figure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Shares = NDArray[np.float64]
    Weights = NDArray[np.integer]

__all__ = ["ClassMetric", "ScoredRows", "figures", "samples", "within_auc"]

_FLOOR = 1e-6
_STEPS = 30
_RIDGE = 1e-6
_CHUNK = 256


class ClassMetric(StrEnum):
    """A figure of a classifier."""

    AUC = "auc"
    ACCURACY = "accuracy"
    SENSITIVITY = "sensitivity"
    SPECIFICITY = "specificity"
    KAPPA = "kappa"
    BRIER = "brier"
    CALIBRATION_SLOPE = "calibration_slope"


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
        The class that sensitivity is of, where there are two.
    """

    classes: tuple[str, ...]
    probabilities: Shares
    labels: NDArray[np.intp]
    positive: int = 1

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> ScoredRows:
        """Some of the rows."""
        return ScoredRows(self.classes, self.probabilities[rows], self.labels[rows], self.positive)

    @property
    def of_interest(self) -> tuple[int, ...]:
        """The positive one of two classes; all, if there are more."""
        return (self.positive,) if len(self.classes) == 2 else tuple(range(len(self.classes)))


def figures(rows: ScoredRows, weights: Weights) -> dict[ClassMetric, Figure]:
    """Every figure with its 95 % interval; see `samples`."""
    return {metric: figure(drawn) for metric, drawn in samples(rows, weights).items()}


def samples(rows: ScoredRows, weights: Weights) -> dict[ClassMetric, Shares]:
    """Every figure in every resample.

    Of two classes, AUC, sensitivity, specificity and calibration slope are those of the positive one; of more,
    the mean over the classes, each against all others. Kappa has quadratic weights by the
    order of the classes (Cohen 1968); of two classes it is the plain one. The Brier score of two classes is that of
    the positive one, of more the sum over the classes. The calibration slope is that of a
    logistic regression of the class on the logit of its probability (Cox 1958): 1 is right, less is too sure.

    Parameters
    ----------
    rows
        ``N`` rows.
    weights
        ``int[R, N]``: how often each row counts in each resample, as `bootstrap.frame_weights` gives them.

    Returns
    -------
    ``float64[R]`` by measure, NaN where a figure is not defined.
    """
    parts = [
        _samples(rows, weights[start : start + _CHUNK].astype(np.float64)) for start in range(0, len(weights), _CHUNK)
    ]
    return {metric: np.concatenate([part[metric] for part in parts]) for metric in ClassMetric}


def within_auc(rows: ScoredRows, strata: NDArray[np.generic], weights: Weights) -> Shares:
    """The share of pairs of one stratum, positive and negative, that are in the right order, ``float64[R]``.

    What differs between strata, such as the share of positives, cannot help here.
    """
    right = np.zeros(len(weights))
    pairs = np.zeros(len(weights))
    scores, truth = rows.probabilities[:, rows.positive], rows.labels == rows.positive
    for stratum in np.unique(strata):
        own = strata == stratum
        concordant, total = _concordance(scores[own], truth[own], weights[:, own].astype(np.float64))
        right, pairs = right + concordant, pairs + total
    return _ratio(right, pairs)


def _samples(rows: ScoredRows, weights: Shares) -> dict[ClassMetric, Shares]:
    probabilities, labels = rows.probabilities, rows.labels
    chosen = probabilities.argmax(axis=1)
    each = [_of_class(probabilities[:, place], labels == place, chosen == place, weights) for place in rows.of_interest]
    mean = np.mean(each, axis=0)
    truth = np.eye(len(rows.classes))[labels]
    squares = ((probabilities - truth) ** 2)[:, list(rows.of_interest)].sum(axis=1)
    total = weights.sum(axis=1)
    return {
        ClassMetric.AUC: mean[0],
        ClassMetric.ACCURACY: _ratio(weights @ (chosen == labels), total),
        ClassMetric.SENSITIVITY: mean[1],
        ClassMetric.SPECIFICITY: mean[2],
        ClassMetric.KAPPA: _kappa(labels, chosen, len(rows.classes), weights),
        ClassMetric.BRIER: _ratio(weights @ squares, total),
        ClassMetric.CALIBRATION_SLOPE: mean[3],
    }


def _of_class(scores: Shares, truth: NDArray[np.bool_], chosen: NDArray[np.bool_], weights: Shares) -> list[Shares]:
    """AUC, sensitivity, specificity and calibration slope of one class against all others."""
    return [
        _ratio(*_concordance(scores, truth, weights)),
        _ratio(weights @ (truth & chosen), weights @ truth),
        _ratio(weights @ (~truth & ~chosen), weights @ ~truth),
        _slope(scores, truth, weights),
    ]


def _concordance(scores: Shares, truth: NDArray[np.bool_], weights: Shares) -> tuple[Shares, Shares]:
    """Pairs in the right order, ties as halves, and all pairs, ``float64[R]`` each."""
    order = np.argsort(scores, kind="stable")
    _, starts = np.unique(scores[order], return_index=True)
    positive = np.add.reduceat(weights[:, order] * truth[order], starts, axis=1)
    negative = np.add.reduceat(weights[:, order] * ~truth[order], starts, axis=1)
    below = np.cumsum(negative, axis=1) - negative / 2
    return (positive * below).sum(axis=1), positive.sum(axis=1) * negative.sum(axis=1)


def _kappa(labels: NDArray[np.intp], chosen: NDArray[np.intp], classes: int, weights: Shares) -> Shares:
    far = (np.subtract.outer(np.arange(classes), np.arange(classes)) ** 2).astype(np.float64)
    truth, probabilities = weights @ np.eye(classes)[labels], weights @ np.eye(classes)[chosen]
    expected = _ratio(np.einsum("ri,ij,rj->r", truth, far, probabilities), weights.sum(axis=1))
    return 1 - _ratio(weights @ far[labels, chosen], expected)


def _slope(scores: Shares, truth: NDArray[np.bool_], weights: Shares) -> Shares:
    """Slope of the logistic regression of truth on logit score, by Newton's method in all resamples at once."""
    held = scores.clip(_FLOOR, 1 - _FLOOR)
    design = np.column_stack([np.ones(len(held)), np.log(held / (1 - held))])
    found = np.tile([0.0, 1.0], (len(weights), 1))
    for _ in range(_STEPS):
        probabilities = 1 / (1 + np.exp(-(found @ design.T).clip(-30, 30)))
        slope = (weights * (truth - probabilities)) @ design
        bend = np.einsum(
            "rn,np,nq->rpq", weights * probabilities * (1 - probabilities), design, design
        ) + _RIDGE * np.eye(2)
        step = np.linalg.solve(bend, slope[..., None])[..., 0].clip(-1, 1)
        found += step
        if np.abs(step).max() < _FLOOR:
            break
    both = (weights @ truth > 0) & (weights @ ~truth > 0)
    return np.where(both, found[:, 1], np.nan)


def _ratio(above: Shares, below: Shares) -> Shares:
    shares: Shares = np.divide(above, below, out=np.full(len(below), np.nan), where=below > 0)
    return shares
