"""Calibration and conformal scores come from rows that share no group and divide every class."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors_raised import raised
from nonet.errors import TrainingError
from nonet.grade.held_out import HeldOutCopies, calibrate, halves
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


def test_copies_that_lean_move_the_calibration_between_them_and_their_rows() -> None:
    """Copies whose log odds are lower by two: calibrated together, neither leans as far as one alone would let it."""
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 2, 2_000)
    odds = 3 * (labels - 0.5) + rng.normal(0, 1.7, 2_000)
    of = np.repeat(np.arange(2_000), 3)

    def said(log_odds: np.ndarray) -> np.ndarray:
        share = 1 / (1 + np.exp(-log_odds))
        return np.column_stack([1 - share, share])

    copies = HeldOutCopies(said(odds[of] - 2), of)
    alone, _ = calibrate(said(odds), labels, np.zeros(2_000, int))
    both, conformal = calibrate(said(odds), labels, np.zeros(2_000, int), copies=copies)
    threshold_alone, threshold_both = (-one.offsets[1] / one.slopes[1] for one in (alone, both))
    assert threshold_alone == pytest.approx(0, abs=0.25)
    assert threshold_both == pytest.approx(-1, abs=0.25), "between 0 for the rows and -2 for their copies"
    assert sum(len(member) for of_class in conformal.scores for member in of_class) == len(labels)


def test_copies_are_calibrated_with_the_half_that_their_row_is_in() -> None:
    """Copies of one half say nothing of the scores that the other half's calibration gives it."""
    labels = np.arange(200) % 2
    reported = np.random.default_rng(4).dirichlet([1, 1], 200)
    first, _ = halves(labels)
    leaning = HeldOutCopies(np.tile([0.99, 0.01], (first.size, 1)), first)
    plain = calibrate(reported, labels, np.zeros(200, int))[1].scores
    moved = calibrate(reported, labels, np.zeros(200, int), copies=leaning)[1].scores
    of_first = {
        round(float(1 - row[label]), 6)
        for row, label in zip(
            ProbabilityCalibration.fit(reported[halves(labels)[1]], labels[halves(labels)[1]]).apply(reported[first]),
            labels[first],
            strict=True,
        )
    }
    assert of_first <= {score for of_class in plain for member in of_class for score in member}
    assert of_first <= {score for of_class in moved for member in of_class for score in member}
    assert plain != moved
