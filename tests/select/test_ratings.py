"""Ratings know the frames that they were made on, and leave none of them behind."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors_raised import raised
from nonet.errors import LeakError
from nonet.select import Ratings

FRAMES = ("b", "a", "c", "a")
VALUES = np.random.default_rng(0).normal(size=(4, 3, 5))


@given(st.sets(st.sampled_from("abcd")))
def test_ratings_within_frames_are_those_made_on_them(frames: set[str]) -> None:
    """A frame rated twice, as of twins, stays or goes with both."""
    within = Ratings(VALUES, FRAMES).within(frames)
    kept = [place for place, frame in enumerate(FRAMES) if frame in frames]
    assert within.frames == tuple(FRAMES[place] for place in kept)
    assert within.values.tolist() == VALUES[kept].tolist()
    within.refuse_beyond(frames)


def test_simulated_heads_are_in_no_fold() -> None:
    simulated = Ratings(VALUES)
    assert simulated.within(()) is simulated
    simulated.refuse_beyond(None)
    simulated.refuse_beyond(())


def test_features_are_taken_in_the_order_given() -> None:
    taken = Ratings(VALUES, FRAMES).take([3, 0])
    assert taken.frames == FRAMES
    assert taken.values.tolist() == VALUES[:, :, [3, 0]].tolist()


@pytest.mark.parametrize(("frames", "found"), [(("b",), "2 other frames, such as a"), (("a", "b"), "1 .* such as c")])
def test_a_frame_beyond_is_named(frames: tuple[str, ...], found: str) -> None:
    with raised(LeakError, found=found):
        Ratings(VALUES, FRAMES).refuse_beyond(frames)


def test_real_ratings_need_the_names_of_the_training_frames() -> None:
    with raised(LeakError, found="3 other frames"):
        Ratings(VALUES, FRAMES).refuse_beyond(None)
