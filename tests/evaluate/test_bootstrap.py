"""Resamples are fixed by their seed, draw groups whole, and give intervals of the right width."""

import numpy as np
import pytest

from nonet.evaluate.bootstrap import Figure, figure, frame_weights, over_repeats


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


def test_one_repeat_is_as_it_was() -> None:
    drawn = np.random.default_rng(0).normal(size=101)
    assert over_repeats([drawn]) is drawn


def test_repeats_that_agree_add_nothing_and_repeats_that_differ_widen_the_interval() -> None:
    rng = np.random.default_rng(1)
    noise = np.append(0, rng.normal(0, 0.03, 2000))
    agreed = figure(over_repeats([0.8 + noise] * 5))
    alone = figure(0.8 + noise)
    assert (agreed.low, agreed.high) == pytest.approx((alone.low, alone.high))
    apart = figure(over_repeats([0.8 + off + noise for off in (-0.04, -0.02, 0, 0.02, 0.04)]))
    assert apart.value == pytest.approx(0.8)
    between = 1.2 * np.var([-0.04, -0.02, 0, 0.02, 0.04], ddof=1)
    assert apart.high - apart.low > 2 * 1.95 * np.sqrt(0.03**2 + between)
    assert apart.high - apart.low < 2 * 2.4 * np.sqrt(0.03**2 + between)


def test_a_figure_that_one_repeat_lacks_is_not_defined_and_one_without_bound_has_none() -> None:
    noise = np.append(0, np.random.default_rng(2).normal(0, 0.03, 200))
    lacking = 0.8 + noise
    lacking[0] = np.nan
    assert figure(over_repeats([0.8 + noise, lacking])).value is None
    boundless = 0.8 + noise
    boundless[50:] = np.inf
    assert figure(over_repeats([0.8 + noise, boundless])).high is None


def test_intervals_of_repeats_hold_what_one_run_does_not() -> None:
    """A value that moves with each repeat by itself, and a shift that all share, both drawn anew each time."""
    rng = np.random.default_rng(3)
    held = {"one": 0, "five": 0}
    for _ in range(200):
        shared, own = rng.normal(0, 0.03), rng.normal(0, 0.03, 5)
        noise = np.append(0, rng.normal(0, 0.03, 500))
        runs = [shared + off + noise for off in own]
        for name, some in (("one", runs[:1]), ("five", runs)):
            found = figure(over_repeats(some))
            held[name] += found.low <= 0 <= found.high
    assert held["one"] < 180
    assert held["five"] >= 190
