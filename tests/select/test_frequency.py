"""Halves of the frames come in pairs that share no patient, and a feature's frequency is its share of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors_raised import raised
from nonet.errors import TrainingError
from nonet.select.frequency import complementary_halves, selection_frequency


@st.composite
def patients(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Classes and patients of a few rows, in any order; each patient has one class, each class two or more patients."""
    of_class = draw(st.lists(st.integers(2, 9), min_size=1, max_size=4))
    labels = np.repeat(np.arange(len(of_class)), of_class)
    rows = draw(st.lists(st.integers(1, 4), min_size=len(labels), max_size=len(labels)))
    order = np.array(draw(st.permutations(range(sum(rows)))))
    return np.repeat(labels, rows)[order], np.repeat(np.arange(len(labels)), rows)[order]


@settings(deadline=None)
@given(patients(), st.integers(1, 4), st.integers(0, 10_000))
def test_a_pair_has_every_row_once_and_no_patient_twice(
    material: tuple[np.ndarray, np.ndarray], pairs: int, seed: int
) -> None:
    answers, groups = material
    halves = list(complementary_halves(answers, groups, pairs, seed))
    assert len(halves) == 2 * pairs
    for first, second in zip(halves[::2], halves[1::2], strict=True):
        assert sorted([*first, *second]) == list(range(len(answers)))
        assert not set(groups[first]) & set(groups[second])


@settings(deadline=None)
@given(patients(), st.integers(0, 10_000))
def test_each_class_is_halved(material: tuple[np.ndarray, np.ndarray], seed: int) -> None:
    answers, groups = material
    first, second = complementary_halves(answers, groups, 1, seed)
    for one in np.unique(answers):
        here, there = (len(set(groups[half][answers[half] == one])) for half in (first, second))
        assert abs(here - there) <= 1
        assert min(here, there) > 0


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_patients_of_more_than_one_class_stay_whole_and_each_half_has_every_class(seed: int) -> None:
    rng = np.random.default_rng(seed)
    groups = rng.permutation(np.arange(60) % 15)
    answers = rng.choice(["absent", "short", "whole"], 60, p=[0.2, 0.3, 0.5])
    answers[[np.flatnonzero(groups == patient)[0] for patient in range(4)]] = "absent"
    for half in complementary_halves(answers, groups, 2, seed):
        assert set(answers[half]) == set(answers)
        assert not set(groups[half]) & set(np.delete(groups, half))


def test_without_groups_each_row_is_its_own() -> None:
    first, second = complementary_halves(np.arange(41) % 2, None, 1, 0)
    assert {len(first), len(second)} == {20, 21}


def test_the_seed_decides_and_draws_differ() -> None:
    answers = np.arange(40) % 2

    def drawn(seed: int) -> list[list[int]]:
        return [half.tolist() for half in complementary_halves(answers, None, 5, seed)]

    assert drawn(3) == drawn(3)
    assert drawn(3) != drawn(4)
    assert len({tuple(half) for half in drawn(3)}) == 10


def test_every_row_is_as_often_in_the_first_half_as_in_the_second() -> None:
    firsts = list(complementary_halves(np.arange(11) % 2, None, 2_000, 0))[::2]
    share = np.bincount(np.concatenate(firsts), minlength=11) / 2_000
    assert share == pytest.approx(0.5, abs=0.05)


def test_frequency_is_one_of_what_is_always_chosen_and_zero_of_what_never_is() -> None:
    shares = selection_frequency(lambda rows: np.array([True, False]), np.arange(20) % 2, resamples=10)
    assert shares.tolist() == [1, 0]


def test_what_hangs_on_one_row_is_chosen_in_one_half_of_each_pair() -> None:
    shares = selection_frequency(lambda rows: np.isin(np.arange(20), rows), np.arange(20) % 2, resamples=12)
    assert shares.tolist() == [0.5] * 20


def test_the_feature_is_chosen_as_often_as_counted_by_hand() -> None:
    answers, groups = np.arange(30) % 3, np.arange(30) // 2
    halves = list(complementary_halves(answers, groups, 4, 6))
    expected = np.mean([[0 in half and 4 in half, len(half) > 14] for half in halves], axis=0)
    shares = selection_frequency(
        lambda rows: np.array([0 in rows and 4 in rows, len(rows) > 14]), answers, groups, resamples=8, seed=6
    )
    assert shares.tolist() == expected.tolist()


@pytest.mark.parametrize("resamples", [-2, 0, 1, 7])
def test_resamples_come_in_pairs(resamples: int) -> None:
    with pytest.raises(TrainingError):
        selection_frequency(lambda rows: np.array([True]), np.arange(20) % 2, resamples=resamples)


@pytest.mark.parametrize(
    ("answers", "groups"), [([0, 0, 0, 1], None), ([0, 0, 1, 1], [0, 1, 2, 2]), ([0, 1, 0, 1], [5, 5, 5, 5])]
)
def test_a_class_of_one_patient_cannot_be_halved(answers: list[int], groups: list[int] | None) -> None:
    with raised(TrainingError, found="a class that cannot be divided"):
        list(complementary_halves(answers, groups, 1, 0))
