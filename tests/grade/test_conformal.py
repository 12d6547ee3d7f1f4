"""Conformal sets keep what they promise: coverage of every class, whatever the classifier is worth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonet.grade.conformal import Conformal


def rows_of(rng: np.random.Generator, shape: tuple[int, ...], skill: float) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities ``[..., 3]`` of a classifier of some skill, and the classes, the last of which is rare."""
    labels = rng.choice(3, shape, p=[0.6, 0.3, 0.1])
    powers = np.exp(rng.normal(0, 1, (*shape, 3)) + skill * np.eye(3)[labels])
    return powers / powers.sum(axis=-1, keepdims=True), labels


@pytest.mark.parametrize("skill", [0.0, 1.5, 4.0])
def test_every_class_is_covered_as_often_as_theory_says(skill: float) -> None:
    """Of ``n`` scores the one of rank k covers k / (n + 1) in the mean over draws, exactly for continuous scores."""
    rng, draws, n = np.random.default_rng(0), 300, 25
    covered = np.zeros((draws, 3))
    for draw in range(draws):
        reported, labels = rows_of(rng, (4000,), skill)
        held_out = np.concatenate([np.flatnonzero(labels == place)[:n] for place in range(3)])
        conformal = Conformal.fit(reported[held_out], labels[held_out])
        fresh = np.setdiff1d(np.arange(4000), held_out)
        kept = conformal.sets(reported[None, fresh])[np.arange(len(fresh)), labels[fresh]]
        covered[draw] = [kept[labels[fresh] == place].mean() for place in range(3)]
    expected = 24 / 26
    error = covered.std(axis=0) / np.sqrt(draws)
    assert (np.abs(covered.mean(axis=0) - expected) < 4 * error + 1e-3).all()


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 60), st.sampled_from([0.5, 0.8, 0.9, 0.95]))
def test_the_threshold_is_the_smallest_that_enough_held_out_rows_do_not_exceed(
    seed: int, rows: int, level: float
) -> None:
    reported, labels = rows_of(np.random.default_rng(seed), (rows,), 1)
    conformal = Conformal.fit(reported, labels, level)
    for place in range(3):
        scores = 1 - reported[labels == place, place]
        enough = [t for t in scores if (scores <= t).sum() >= level * (len(scores) + 1) - 1e-9]
        assert conformal.thresholds[place] == (min(enough) if enough else 1.0)


def test_a_class_with_eight_held_out_rows_can_never_be_ruled_out() -> None:
    reported = np.tile([0.99, 0.01], (28, 1))
    labels = np.array([1] * 8 + [0] * 20)
    assert Conformal.fit(reported, labels).sets(np.array([[[1.0, 0.0]]])).tolist() == [[True, True]]
    labels = np.array([1] * 9 + [0] * 19)
    assert Conformal.fit(reported, labels).sets(np.array([[[1.0, 0.0]]])).tolist() == [[True, False]]


def test_a_sharp_classifier_gives_singletons_and_a_blind_one_large_sets() -> None:
    rng = np.random.default_rng(1)
    sizes = {}
    for skill in (0.0, 6.0):
        reported, labels = rows_of(rng, (3000,), skill)
        sizes[skill] = Conformal.fit(reported[:1500], labels[:1500]).sets(reported[None, 1500:]).sum(axis=1).mean()
    assert sizes[6.0] < 1.0
    assert sizes[0.0] > 2.5
