"""What callipers find on a picture follows from the lines of the head and from how wide the machine shows them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nonet.anatomy import Structure
from nonet.simulate import EXAMPLE_DEVICE, STUDY_DEVICES, same_head, simulate
from nonet.simulate.head.fetal_head import draw_head
from nonet.simulate.head.sketch import LineGap, LineReach
from nonet.simulate.shown_sizes import shown_gap_mm, shown_line_mm, shown_reach_mm, shown_sizes

SHOWN = {"nt_mm", "fourth_ventricle_mm", "cisterna_magna_mm", "nasal_skin_mm"}


def test_a_machine_shows_a_line_wider_than_it_is() -> None:
    for device in STUDY_DEVICES:
        assert shown_line_mm(0.25, device) > max(0.25, device.pulse_mm)
    sharp = replace(EXAMPLE_DEVICE, pulse_mm=1e-9, smooth_mm=(0.2, 1e-9))
    assert shown_line_mm(0.25, sharp) == pytest.approx(0.25)
    assert shown_gap_mm(LineGap(2.0, (0.2, 0.4)), sharp) == pytest.approx(1.7)
    assert shown_reach_mm(LineReach(1.0, 0.4), sharp) == pytest.approx(1.2)


def test_the_same_head_is_shown_with_other_gaps_by_each_machine() -> None:
    frames = same_head(3, STUDY_DEVICES[:2])
    assert frames[0].truth == frames[1].truth
    assert set(frames[0].shown) == SHOWN
    assert frames[0].shown["nt_mm"] != frames[1].shown["nt_mm"]
    assert all(frame.shown["nt_mm"] < frame.truth["nt_mm"] - 0.3 for frame in frames)


def test_the_cisterna_magna_is_measured_down_to_the_bone() -> None:
    for seed in range(20):
        head = draw_head(np.random.default_rng(seed), 65.0, frozenset())
        gap = head.gaps["cisterna_magna_mm"]
        assert gap.distance_mm > head.truth["cisterna_magna_mm"] + 0.3
        assert head.gaps["nt_mm"].distance_mm == head.truth["nt_mm"]


def test_the_skin_thickness_is_that_to_the_outer_border_of_the_skin() -> None:
    for seed in range(20):
        head = draw_head(np.random.default_rng(seed), 65.0, frozenset())
        front, skin = head.lines["nasal_bone_mm"].path[0], head.landmarks["nasal_skin"]
        assert front[0] < head.lines["nasal_bone_mm"].path[-1][0]
        reach = head.reaches["nasal_skin_mm"]
        assert np.hypot(*(skin - front).T).min() == pytest.approx(reach.distance_mm, abs=0.05)
        assert head.truth["nasal_skin_mm"] > reach.distance_mm
        assert shown_sizes(head, EXAMPLE_DEVICE)["nasal_skin_mm"] > head.truth["nasal_skin_mm"]


def test_without_bone_or_skin_there_is_no_skin_thickness() -> None:
    for structure in (Structure.NASAL_BONE, Structure.NASAL_SKIN):
        head = draw_head(np.random.default_rng(0), 65.0, frozenset({structure}))
        assert "nasal_skin_mm" not in head.truth
        assert "nasal_skin_mm" not in shown_sizes(head, EXAMPLE_DEVICE)


def test_what_is_left_out_is_not_shown() -> None:
    made = simulate(3, absent={Structure.NUCHAL_TRANSLUCENCY})
    assert set(made.shown) == SHOWN - {"nt_mm"}
    head = draw_head(np.random.default_rng(0), 65.0, frozenset({Structure.CISTERNA_MAGNA}))
    assert "cisterna_magna_mm" not in shown_sizes(head, EXAMPLE_DEVICE)
