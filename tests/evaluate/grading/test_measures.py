"""Figures of classifiers against scikit-learn, with repeated rows in place of weights."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    accuracy_score,
    brier_score_loss,
    cohen_kappa_score,
    precision_score,
    recall_score,
    roc_auc_score,
)

from nonet.evaluate.bootstrap import figure, frame_weights
from nonet.evaluate.grading.class_metrics import ClassMetric, ScoredRows, samples, within_auc

N = 120


@pytest.fixture
def evaluated() -> ScoredRows:
    rng = np.random.default_rng(4)
    labels = rng.integers(0, 2, N)
    scores = np.round(1 / (1 + np.exp(-(labels - 0.5 + rng.normal(size=N)))), 2)
    return ScoredRows(("no", "yes"), np.column_stack([1 - scores, scores]), labels)


def test_two_classes_agree_with_scikit_learn_in_every_resample(evaluated: ScoredRows) -> None:
    weights = frame_weights(np.arange(N), resamples=3)
    drawn = samples(evaluated, weights)
    for number, row in enumerate(weights):
        again = np.repeat(np.arange(N), row)
        labels, scores = evaluated.labels[again], evaluated.probabilities[again, 1]
        chosen = evaluated.probabilities[again].argmax(axis=1)
        reported = {measure: values[number] for measure, values in drawn.items()}
        assert reported[ClassMetric.AUC] == pytest.approx(roc_auc_score(labels, scores))
        assert reported[ClassMetric.ACCURACY] == pytest.approx(accuracy_score(labels, chosen))
        assert reported[ClassMetric.SENSITIVITY] == pytest.approx(recall_score(labels, chosen))
        assert reported[ClassMetric.SPECIFICITY] == pytest.approx(recall_score(labels, chosen, pos_label=0))
        assert reported[ClassMetric.KAPPA] == pytest.approx(cohen_kappa_score(labels, chosen))
        assert reported[ClassMetric.BRIER] == pytest.approx(brier_score_loss(labels, scores))
        logit = np.log(scores / (1 - scores))[:, None]
        slope = LogisticRegression(C=1e9, tol=1e-9).fit(logit, labels).coef_[0, 0]
        assert reported[ClassMetric.CALIBRATION_SLOPE] == pytest.approx(slope, rel=1e-3)


def test_three_classes_are_each_against_the_others() -> None:
    rng = np.random.default_rng(5)
    labels = rng.integers(0, 3, N)
    shares = np.eye(3)[labels] + rng.exponential(size=(N, 3))
    shares /= shares.sum(axis=1, keepdims=True)
    drawn = samples(ScoredRows(("a", "b", "c"), shares, labels), frame_weights(np.arange(N), resamples=1))
    reported = {metric: figure(each) for metric, each in drawn.items()}
    chosen = shares.argmax(axis=1)
    assert reported[ClassMetric.AUC].value == pytest.approx(roc_auc_score(labels, shares, multi_class="ovr"))
    assert reported[ClassMetric.SENSITIVITY].value == pytest.approx(recall_score(labels, chosen, average=None)[1])
    assert reported[ClassMetric.PPV].value == pytest.approx(precision_score(labels, chosen, average=None)[1])
    assert reported[ClassMetric.KAPPA].value == pytest.approx(cohen_kappa_score(labels, chosen, weights="quadratic"))


def test_strata_that_differ_in_their_share_of_positives_do_not_help() -> None:
    labels = np.array([0, 0, 0, 1, 1, 1, 1, 0])
    strata = np.array(["a"] * 4 + ["b"] * 4)
    scores = np.where(strata == "b", 0.9, 0.1)
    evaluated = ScoredRows(("no", "yes"), np.column_stack([1 - scores, scores]), labels)
    weights = frame_weights(np.arange(8), resamples=1)
    assert samples(evaluated, weights)[ClassMetric.AUC][0] == pytest.approx(0.75)
    assert within_auc(evaluated, strata, weights)[0] == pytest.approx(0.5)


def test_one_class_alone_has_no_auc(evaluated: ScoredRows) -> None:
    alone = evaluated.take(evaluated.labels == 1)
    drawn = samples(alone, frame_weights(np.arange(len(alone.labels)), resamples=10))
    reported = {metric: figure(each) for metric, each in drawn.items()}
    assert reported[ClassMetric.AUC].value is None
    assert reported[ClassMetric.SENSITIVITY].value is not None
