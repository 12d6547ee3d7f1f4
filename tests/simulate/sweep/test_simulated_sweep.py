"""A sweep: frames drawn one at a time, whose planes go through the midline, and what each of them still shows."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from nonet.anatomy import STRUCTURES, Structure
from nonet.errors import SettingsError
from nonet.simulate import EXAMPLE_SEEDS, GRADED_SEEDS, SWEEP_SEEDS, TRAINING_DEVICES, TRAINING_SEEDS, simulate_sweep
from nonet.simulate.head.fetal_head import draw_head
from nonet.simulate.head.scene import Region
from nonet.simulate.head.sketch import Sketch
from nonet.simulate.head.subject import draw_subject
from nonet.simulate.measured_heads import TEST_SEEDS
from nonet.simulate.sweep import Sweep
from nonet.simulate.sweep.off_midline import VISIBLE, Cut, cut, visible_shares
from nonet.simulate.sweep.plane import Plane
from nonet.simulate.sweep.sides import BesideMidline, draw_sides

SMALL = replace(TRAINING_DEVICES[1], width=300, height=220)
SLICE_MM = 2.0


@pytest.fixture(scope="module")
def sweep() -> Sweep:
    return simulate_sweep(SWEEP_SEEDS[17], frames=31, device=SMALL)


@pytest.fixture(scope="module")
def anatomy() -> tuple[Sketch, BesideMidline]:
    head = draw_head(np.random.default_rng(4), 65.0, frozenset())
    return head, draw_sides(head, np.random.default_rng(5))


def cut_beside(anatomy: tuple[Sketch, BesideMidline], across_mm: float) -> Cut:
    head, sides = anatomy
    centre = head.landmarks["skull_centre"]
    return cut(head, sides, Plane(0.0, across_mm, (1.0, 0.0), (centre[0], centre[1])), SLICE_MM)


def test_the_same_seed_gives_the_same_bytes_whatever_was_drawn_before(sweep: Sweep) -> None:
    again = simulate_sweep(SWEEP_SEEDS[17], frames=31, device=SMALL)
    again.frame(3)
    one, other = sweep.frame(14), again.frame(14)
    assert one.made.pixels.tobytes() == other.made.pixels.tobytes()
    assert (one.made.boxes, one.visibility) == (other.made.boxes, other.visibility)


def test_frames_come_one_by_one_and_say_where_they_lie(sweep: Sweep) -> None:
    frames = iter(sweep)
    assert isinstance(frames, Iterator)
    first = next(frames)
    assert (first.number, len(sweep)) == (0, 31)
    assert first.made.pixels.shape == (SMALL.height, SMALL.width)
    assert (first.angle_deg, first.offset_mm) == (sweep.planes[0].angle_deg, sweep.planes[0].offset_mm)


def test_every_sweep_goes_from_one_side_through_the_midline_to_the_other() -> None:
    for seed in SWEEP_SEEDS[:20]:
        sweep = simulate_sweep(seed)
        angles = np.array([plane.angle_deg for plane in sweep.planes])
        assert angles[0] * angles[-1] < 0
        assert min(abs(angles[0]), abs(angles[-1])) > 8
        best, *others = sweep.nearest(5)
        assert abs(angles[best]) < 2
        assert max(abs(other - best) for other in others) < 10
        assert np.all(np.diff(sweep.distance_mm[list(sweep.nearest(60))]) >= 0)


def test_a_standard_plane_at_two_degrees_and_none_beyond_eight() -> None:
    near, far = [], []
    for seed in SWEEP_SEEDS[:12]:
        sweep = simulate_sweep(seed, device=TRAINING_DEVICES[0])
        head = draw_subject(seed).head
        for plane in sweep.planes[::3]:
            seen = sum(share >= VISIBLE for share in visible_shares(head, plane, SLICE_MM).values())
            if abs(plane.angle_deg) <= 2:
                near.append(seen)
            elif abs(plane.angle_deg) > 8:
                far.append(seen)
    assert np.mean(near) > 8.5
    assert min(near) >= 6
    assert np.mean(far) < 3.5
    assert max(far) <= 6


def test_what_the_midline_has_fades_and_thins_out_with_distance(anatomy: tuple[Sketch, BesideMidline]) -> None:
    cuts = [cut_beside(anatomy, across) for across in (0.0, 1.0, 2.0, 3.0, 5.0)]
    for structure in STRUCTURES:
        shares = [one.visibility[structure] for one in cuts]
        assert shares[0] == pytest.approx(1.0)
        assert all(left > right for left, right in pairwise(shares))
    for structure in (Structure.THALAMI, Structure.MIDBRAIN, Structure.FOURTH_VENTRICLE):
        heights = [np.ptp(one.head.outlines[structure][:, 1]) for one in cuts[:3]]
        assert heights[0] > heights[1] > heights[2]


def test_the_short_bones_of_the_nose_go_before_the_nape(anatomy: tuple[Sketch, BesideMidline]) -> None:
    shares = cut_beside(anatomy, 2.5).visibility
    assert shares[Structure.NASAL_BONE] < VISIBLE < shares[Structure.NUCHAL_TRANSLUCENCY]


def test_what_lies_beside_comes_in_as_the_midline_goes(anatomy: tuple[Sketch, BesideMidline]) -> None:
    def globe(across_mm: float) -> float:
        scene = cut_beside(anatomy, across_mm).head.scene
        eyes = [each.opacity for each in scene.tissues if each.part is Region.FACE and each.level_db < -20]
        return max(eyes)

    assert globe(0.0) < 0.05
    assert globe(6.0) > 0.9
    assert globe(-6.0) > 0.9


def test_the_midline_is_the_head_of_the_still(anatomy: tuple[Sketch, BesideMidline]) -> None:
    head = anatomy[0]
    there = cut_beside(anatomy, 0.0).head
    assert there.absent == head.absent
    for structure in STRUCTURES:
        assert there.outlines[structure] == pytest.approx(head.outlines[structure], abs=0.02)
    for own, same in zip(head.scene.interfaces, there.scene.interfaces, strict=False):
        assert same.level_db == pytest.approx(own.level_db, abs=0.01)


def test_the_head_is_smaller_beside_its_middle_and_the_trunk_is_not(anatomy: tuple[Sketch, BesideMidline]) -> None:
    head = anatomy[0]
    there = cut_beside(anatomy, 6.0).head
    lines = zip(head.scene.interfaces, there.scene.interfaces, strict=False)
    skull, smaller = [pair for pair in lines if pair[0].part is Region.PROFILE][1]
    assert np.ptp(smaller.path[:, 1]) < 0.95 * np.ptp(skull.path[:, 1])
    far = [i for i, each in enumerate(head.scene.tissues) if each.part is Region.TRUNK]
    assert all(np.array_equal(there.scene.tissues[i].outline, head.scene.tissues[i].outline) for i in far)


def test_neighbouring_frames_resemble_each_other_more_than_distant_ones(sweep: Sweep) -> None:
    def likeness(one: int, other: int) -> float:
        first, second = (sweep.frame(number).made.pixels.astype(float) for number in (one, other))
        return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])

    middle = sweep.nearest()[0]
    assert likeness(middle, middle + 1) > max(0.8, likeness(middle, middle + 9) + 0.05)


def test_boxes_are_those_of_structures_still_in_the_plane(sweep: Sweep) -> None:
    frame = sweep.frame(sweep.nearest()[0])
    assert set(frame.made.boxes) <= {each for each, share in frame.visibility.items() if share >= VISIBLE}
    assert len(frame.made.boxes) > len(sweep.frame(0).made.boxes)


def test_its_seeds_are_nobody_elses() -> None:
    for other in (TRAINING_SEEDS, TEST_SEEDS, GRADED_SEEDS, EXAMPLE_SEEDS):
        assert set(SWEEP_SEEDS).isdisjoint(other)


@pytest.mark.parametrize("frames", [1, 0, -3])
def test_fewer_than_two_frames_are_no_sweep(frames: int) -> None:
    with pytest.raises(SettingsError):
        simulate_sweep(1, frames=frames)


@pytest.mark.parametrize("number", [-1, 31])
def test_a_frame_that_is_not_there_is_refused(sweep: Sweep, number: int) -> None:
    with pytest.raises(SettingsError):
        sweep.frame(number)
