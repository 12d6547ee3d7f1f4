"""Calibration undoes a known distortion of probabilities, and keeps to few numbers where there are few rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from nonet.grade.probability_calibration import Method, ProbabilityCalibration


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def drawn(classes: int, rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """True probabilities, and classes drawn from them."""
    rng = np.random.default_rng(seed)
    truth = softmax(rng.normal(0, 1.5, (rows, classes)))
    return truth, (truth.cumsum(axis=1) < rng.random((rows, 1))).sum(axis=1).clip(0, classes - 1)


@pytest.mark.parametrize(("classes", "method"), [(2, Method.PLATT), (3, Method.VECTOR), (5, Method.VECTOR)])
def test_an_overconfident_and_shifted_classifier_is_put_right(classes: int, method: Method) -> None:
    truth, labels = drawn(classes, 6_000)
    reported = softmax(3 * np.log(truth) + np.linspace(0, 1.5, classes))
    calibration = ProbabilityCalibration.fit(reported, labels)
    assert calibration.method is method
    assert np.abs(calibration.apply(reported) - truth).mean() < 0.03
    assert np.abs(reported - truth).mean() > 0.08


def test_few_rows_give_a_temperature_alone() -> None:
    truth, labels = drawn(3, 45)
    calibration = ProbabilityCalibration.fit(softmax(3 * np.log(truth)), labels)
    assert calibration.method is Method.TEMPERATURE
    assert len(set(calibration.slopes)) == 1
    assert 0.15 < calibration.slopes[0] < 0.7
    assert calibration.offsets == (0, 0, 0)


def test_platt_scaling_is_that_of_a_general_optimiser() -> None:
    truth, labels = drawn(2, 400)
    reported = softmax(2 * np.log(truth) + np.array([0, 1.0]))
    odds = np.log(reported[:, 1] / reported[:, 0])

    def loss(at: np.ndarray) -> float:
        logits = at[0] * odds + at[1]
        return float((np.logaddexp(0, logits) - labels * logits).sum() + ((at - [1, 0]) ** 2).sum() / 2)

    expected = optimize.minimize(loss, [1, 0], tol=1e-10).x
    calibration = ProbabilityCalibration.fit(reported, labels)
    assert (calibration.slopes[0], calibration.offsets[1]) == pytest.approx(expected, abs=1e-4)


def test_a_row_that_counts_twice_is_two_rows() -> None:
    truth, labels = drawn(3, 200)
    counts = np.arange(200) % 3
    weighed = ProbabilityCalibration.fit(truth**2, labels, counts=counts)
    repeated = ProbabilityCalibration.fit(np.repeat(truth**2, counts, axis=0), np.repeat(labels, counts))
    assert (weighed.slopes, weighed.offsets) == (pytest.approx(repeated.slopes), pytest.approx(repeated.offsets))


def test_a_class_without_rows_and_certain_answers_are_borne() -> None:
    reported = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]] * 30)
    calibrated = ProbabilityCalibration.fit(reported, np.array([0, 1] * 30)).apply(reported)
    assert np.isfinite(calibrated).all()
    assert calibrated.argmax(axis=1).tolist() == [0, 1] * 30


def test_none_leaves_probabilities_alone() -> None:
    truth, _ = drawn(3, 20)
    assert ProbabilityCalibration.none(3).apply(truth) == pytest.approx(truth)


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 6), st.integers(1, 60), st.integers(0, 1000))
def test_calibrated_rows_are_probabilities(classes: int, rows: int, seed: int) -> None:
    reported, labels = drawn(classes, rows, seed)
    calibrated = ProbabilityCalibration.fit(reported, labels).apply(reported)
    assert (calibrated >= 0).all()
    assert calibrated.sum(axis=1) == pytest.approx(np.ones(rows))
