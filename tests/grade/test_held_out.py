"""Calibration and conformal scores come from rows that share no group and divide every class."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors_raised import raised
from nonet.errors import TrainingError
from nonet.grade.held_out import calibrate, halves
from nonet.grade.probability_calibration import ProbabilityCalibration


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 15)), min_size=1, max_size=80), st.integers(0, 50))
def test_halves_part_the_rows_and_share_no_group(rows: list[tuple[int, int]], seed: int) -> None:
    labels, groups = np.array(rows).T
    first, second = halves(labels, groups, seed)
    assert sorted([*first, *second]) == list(range(len(rows)))
    assert not set(groups[first]) & set(groups[second])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=80), st.integers(0, 50))
def test_rows_without_groups_are_halved_in_every_class(labels: list[int], seed: int) -> None:
    first, second = halves(np.array(labels), seed=seed)
    counts = [np.bincount(np.array(labels)[rows], minlength=4) for rows in (first, second)]
    assert np.abs(counts[0] - counts[1]).max() <= 1


def test_the_seed_alone_decides() -> None:
    labels = np.arange(100) % 3
    assert (halves(labels, seed=1)[0] == halves(labels, seed=1)[0]).all()
    assert set(halves(labels, seed=1)[0]) != set(halves(labels, seed=2)[0])


def test_a_score_comes_from_a_calibration_that_did_not_see_its_row() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 200)
    reported = rng.dirichlet([1, 1], 200)
    parts = halves(labels)
    _, conformal = calibrate(reported, labels, np.arange(200) % 3)
    apart = {
        round(float(1 - row[label]), 6)
        for trained, evaluated in (parts, parts[::-1])
        for row, label in zip(
            ProbabilityCalibration.fit(reported[trained], labels[trained]).apply(reported[evaluated]),
            labels[evaluated],
            strict=True,
        )
    }
    assert {score for of_class in conformal.scores for member in of_class for score in member} == apart


def test_sets_cover_fresh_rows_as_often_as_they_say() -> None:
    """Mean over 40 draws of 200 held-out rows; the deviation of that mean is about 0.005."""
    rng = np.random.default_rng(1)

    def drawn(rows: int) -> tuple[np.ndarray, np.ndarray]:
        labels = rng.integers(0, 2, rows)
        margin = 3 * (labels * 2 - 1) + rng.normal(0, 3, rows)
        share = 1 / (1 + np.exp(-margin))
        return np.column_stack([1 - share, share]), labels

    held = []
    for _ in range(40):
        calibration, conformal = calibrate(*drawn(200), np.zeros(200, int), level=0.9)
        reported, labels = drawn(2000)
        held.append(conformal.sets(calibration.apply(reported)[None])[np.arange(2000), labels].mean())
    assert np.mean(held) == pytest.approx(0.9, abs=0.02)


def test_one_group_cannot_be_divided() -> None:
    with raised(TrainingError, found="fewer than two groups"):
        calibrate(np.full((4, 2), 0.5), np.array([0, 1, 0, 1]), np.zeros(4, int), np.zeros(4, int))


@pytest.mark.parametrize(
    ("reported", "labels"),
    [(np.full((3, 2), 0.5), [0, 1]), (np.full((2, 2), 0.5), [0, 2]), (np.full((2, 2), np.nan), [0, 1])],
)
def test_rows_that_are_no_probabilities_are_refused(reported: np.ndarray, labels: list[int]) -> None:
    with pytest.raises(TrainingError):
        calibrate(reported, np.array(labels), np.zeros(len(labels), int))
