"""Can a grade be told from rows of features? Out of fold by frame, within structures, with intervals over frames."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from nonet.evaluate.bootstrap import figure, frame_weights
from nonet.evaluate.grading.class_metrics import ScoredRows, mean_auc
from nonet.simulate.edits.bands import GRADES

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MODELS", "Rows", "figures_of", "out_of_fold"]

FOLDS = 5
RESAMPLES = 1_000
STRENGTH = 0.02
"""Inverse of the penalty of the logistic regression, at standardised features."""
MOST = 5.0
"""Standardised features are cut off there."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of features of edited structures.

    Attributes
    ----------
    values
        ``float64[N, M]``, NaN where a feature is undefined.
    grades
        ``int[N]``, places in `GRADES`.
    frames
        ``int[N]``, from 0: the frame of each row.
    kinds
        ``str[N]``: structure and variable. Rows are standardised, and pairs compared, within one.
    """

    values: np.ndarray
    grades: np.ndarray
    frames: np.ndarray
    kinds: np.ndarray

    def take(self, which: np.ndarray) -> Rows:
        """Some of the rows."""
        return Rows(self.values[which], self.grades[which], self.frames[which], self.kinds[which])


def figures_of(rows: Rows, seed: int = 0) -> dict[str, dict[str, object]]:
    """The macro AUC of every model, one grade against the others, over all kinds and of each kind.

    Pairs are of one fold and one kind. Intervals and standard errors are of a bootstrap over frames.
    """
    numbers = np.unique(rows.frames, return_inverse=True)[1]
    weights = frame_weights(numbers.astype(np.int64), RESAMPLES)
    folds = folds_of(rows, seed)
    strata = np.array([f"{fold} {kind}" for fold, kind in zip(folds, rows.kinds, strict=True)])
    found: dict[str, dict[str, object]] = {}
    for name, fit in MODELS.items():
        probabilities = out_of_fold(rows, folds, fit)
        scored = ScoredRows(tuple(one.value for one in GRADES), probabilities, rows.grades, divisions=strata)
        found[name] = _auc(scored, weights)
        own = {str(kind): rows.kinds == kind for kind in np.unique(rows.kinds)}
        found[name]["of"] = {kind: _auc(scored.take(mask), weights[:, mask]) for kind, mask in own.items()}
    return found


def folds_of(rows: Rows, seed: int) -> np.ndarray:
    """The fold of each row; a frame's rows are of one."""
    frames = np.unique(rows.frames)
    own = dict(zip(frames, np.random.default_rng(seed).permutation(len(frames)) % FOLDS, strict=True))
    return np.array([own[frame] for frame in rows.frames])


def out_of_fold(rows: Rows, folds: np.ndarray, fit: Callable[[Rows, Rows], np.ndarray]) -> np.ndarray:
    """Probabilities of the grades by models that saw no row of the frame, ``float64[N, 3]``."""
    found = np.full((len(folds), len(GRADES)), np.nan)
    for fold in range(FOLDS):
        train, test = rows.take(folds != fold), rows.take(folds == fold)
        found[folds == fold] = fit(*_standardised(train, test))
    return found


def _logistic(train: Rows, test: Rows) -> np.ndarray:
    """A logistic regression for each kind."""
    found = np.empty((len(test.grades), len(GRADES)))
    for kind in np.unique(test.kinds):
        own, asked = train.kinds == kind, test.kinds == kind
        model = LogisticRegression(C=STRENGTH, max_iter=400)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(train.values[own], train.grades[own])
        found[asked] = model.predict_proba(test.values[asked])
    return found


def _boosting(train: Rows, test: Rows) -> np.ndarray:
    """Boosted trees over all kinds, the kind an input."""
    names = np.unique(train.kinds)
    given = [np.hstack([one.values, one.kinds[:, None] == names]) for one in (train, test)]
    model = HistGradientBoostingClassifier(
        max_iter=80, learning_rate=0.06, max_leaf_nodes=8, min_samples_leaf=15, l2_regularization=5.0,
        max_features=0.3, early_stopping=False, random_state=0,
    )  # fmt: skip
    return model.fit(given[0], train.grades).predict_proba(given[1])


MODELS: dict[str, Callable[[Rows, Rows], np.ndarray]] = {"logistic_regression": _logistic, "boosting": _boosting}


def _standardised(train: Rows, test: Rows) -> tuple[Rows, Rows]:
    """Both by mean and standard deviation of what is trained on, kind by kind; what is unknown is the mean."""
    values = [np.zeros_like(one.values) for one in (train, test)]
    for kind in np.unique(test.kinds):
        own = train.values[train.kinds == kind]
        known = np.isfinite(own)
        count = np.maximum(known.sum(axis=0), 1)
        mean = np.where(known, own, 0).sum(axis=0) / count
        spread = np.sqrt(np.where(known, (own - mean) ** 2, 0).sum(axis=0) / count)
        for rows, into in zip((train, test), values, strict=True):
            place = rows.kinds == kind
            scaled = (rows.values[place] - mean) / np.maximum(spread, 1e-9 * np.abs(mean) + 1e-12)
            into[place] = np.clip(np.nan_to_num(scaled, nan=0.0), -MOST, MOST)
    both = zip((train, test), values, strict=True)
    first, second = (Rows(own, rows.grades, rows.frames, rows.kinds) for rows, own in both)
    return first, second


def _auc(scored: ScoredRows, weights: np.ndarray) -> dict[str, object]:
    samples = mean_auc(scored, weights)
    own = figure(samples)
    return {
        "rows": len(scored.labels),
        "auc": _rounded(own.value),
        "low": _rounded(own.low),
        "high": _rounded(own.high),
        "standard_error": _rounded(float(np.nanstd(samples[1:]))),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
