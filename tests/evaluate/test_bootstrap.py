"""Resamples are fixed by their seed, draw groups whole, and give intervals of the right width."""

import numpy as np
import pytest

from nonet.evaluate.bootstrap import Figure, figure, frame_weights


def test_row_0_is_every_frame_once_and_each_resample_draws_as_many() -> None:
    weights = frame_weights(np.arange(40), resamples=100)
    assert weights.shape == (101, 40)
    assert (weights[0] == 1).all()
    assert (weights.sum(axis=1) == 40).all()


def test_the_seed_fixes_the_resamples() -> None:
    groups = np.arange(30)
    np.testing.assert_array_equal(frame_weights(groups, 50, seed=3), frame_weights(groups, 50, seed=3))
    assert (frame_weights(groups, 50, seed=3) != frame_weights(groups, 50, seed=4)).any()


def test_frames_of_a_group_have_the_same_weight() -> None:
    weights = frame_weights(np.array([0, 0, 1, 2, 2, 2]), resamples=50)
    assert (weights[:, 0] == weights[:, 1]).all()
    assert (weights[:, 3] == weights[:, 5]).all()


def test_the_interval_of_a_mean_is_that_of_the_normal_law() -> None:
    values = np.random.default_rng(0).normal(10, 2, 400)
    weights = frame_weights(np.arange(400))
    found = figure(weights @ values / 400)
    half = 1.96 * values.std() / 20
    assert found.value == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - half, abs=0.02)
    assert found.high == pytest.approx(values.mean() + half, abs=0.02)


def test_resamples_without_a_figure_are_left_out_of_the_interval() -> None:
    samples = np.array([0.5, np.nan, *np.linspace(0, 1, 101)])
    assert figure(samples) == Figure(0.5, pytest.approx(0.025), pytest.approx(0.975))
    assert figure(np.array([np.nan, 0.5])) == Figure(None, None, None)
    assert figure(np.array([0.5, np.nan])) == Figure(0.5, None, None)
