"""How long a machine shows a line that lies alone: the same head's line by each machine in its own length."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nonet.simulate import EXAMPLE_DEVICE, STUDY_DEVICES, same_head
from nonet.simulate.head.subject import draw_subject
from nonet.simulate.shown_length import shown_length_mm

BONE = "nasal_bone_mm"


def test_the_line_of_the_bone_is_the_one_whose_length_is_true() -> None:
    for seed in range(5):
        head = draw_subject(seed).head
        path = head.lines[BONE].path
        assert np.hypot(*(path[-1] - path[0])) == head.truth[BONE]


def test_a_wider_beam_draws_a_line_out() -> None:
    for seed in range(3):
        sharp, wide = (shown_length_mm(seed, replace(EXAMPLE_DEVICE, beam_mm=beam), BONE) for beam in (0.8, 2.0))
        assert sharp < wide - 0.3


def test_a_sharp_machine_shows_a_line_shorter_than_it_is_for_its_ends_fade() -> None:
    sharp = replace(EXAMPLE_DEVICE, beam_mm=0.25, smooth_mm=(0.01, 0.01), steering=(0.0,))
    shown = [shown_length_mm(seed, sharp, BONE) / draw_subject(seed).head.truth[BONE] for seed in range(6)]
    assert max(shown) < 1
    assert np.median(shown) > 0.5


def test_the_length_is_the_same_each_time_and_lies_near_the_truth() -> None:
    frames = same_head(3, STUDY_DEVICES[-4:])
    shown = [shown_length_mm(3, frame.device, BONE) for frame in frames]
    assert shown == [shown_length_mm(3, frame.device, BONE) for frame in frames]
    assert len(set(shown)) == len(shown)
    assert all(abs(one - frame.truth[BONE]) < 1.5 for one, frame in zip(shown, frames, strict=True))


def test_a_line_that_the_head_lacks_has_no_length() -> None:
    with pytest.raises(KeyError):
        shown_length_mm(0, EXAMPLE_DEVICE, "crl_mm")
