"""A simulated frame: the same bytes from the same seed, boxes and sizes that are true of the picture."""

import time

import numpy as np
import pytest
from numpy.typing import NDArray

from nonet.anatomy import STRUCTURES, Structure
from nonet.reading import Box
from nonet.simulate import (
    EXAMPLE_DEVICE,
    EXAMPLE_SEEDS,
    TRAINING_DEVICES,
    TRAINING_SEEDS,
    Device,
    Facing,
    Simulated,
    simulate,
    simulate_cine,
)
from nonet.simulate.head.fetal_head import draw_head
from nonet.simulate.head.pose import draw_pose

DEVICES = (*TRAINING_DEVICES, EXAMPLE_DEVICE)


@pytest.fixture(scope="module")
def frames() -> list[Simulated]:
    return [simulate(seed) for seed in range(10)]


def grey_in(frame: Simulated, box: Box) -> NDArray[np.uint8]:
    return frame.pixels[int(box.y1) : int(np.ceil(box.y2)), int(box.x1) : int(np.ceil(box.x2))]


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, second = simulate(5), simulate(5)
    assert first.pixels.tobytes() == second.pixels.tobytes()
    assert (first.boxes, first.truth) == (second.boxes, second.truth)


def test_another_seed_gives_another_head(frames: list[Simulated]) -> None:
    assert len({frame.truth["nt_mm"] for frame in frames}) == len(frames)


def test_pixels_are_grey_bytes_of_the_devices_size(frames: list[Simulated]) -> None:
    for frame in frames:
        assert frame.pixels.dtype == np.uint8
        assert frame.pixels.shape == (frame.device.height, frame.device.width)
        assert frame.pixels.std() > 15


@pytest.mark.parametrize("device", DEVICES, ids=lambda device: device.name)
def test_the_same_head_can_be_put_on_every_machine(device: Device, frames: list[Simulated]) -> None:
    reference, frame = frames[3], simulate(3, device=device)
    assert frame.truth == reference.truth
    assert frame.facing is reference.facing
    in_mm = frame.boxes[Structure.THALAMI].width * frame.mm_per_px
    assert in_mm == pytest.approx(reference.boxes[Structure.THALAMI].width * reference.mm_per_px, rel=1e-2)


def test_a_seed_alone_never_chooses_the_machine_of_the_examples(frames: list[Simulated]) -> None:
    assert EXAMPLE_DEVICE not in TRAINING_DEVICES
    assert {frame.device.name for frame in frames} <= {device.name for device in TRAINING_DEVICES}


def test_the_examples_seeds_are_outside_those_of_training() -> None:
    assert set(EXAMPLE_SEEDS).isdisjoint(TRAINING_SEEDS)


def test_nearly_every_frame_shows_all_nine_structures(frames: list[Simulated]) -> None:
    assert np.mean([len(frame.boxes) for frame in frames]) > 8.7


def test_boxes_lie_in_the_image(frames: list[Simulated]) -> None:
    for frame in frames:
        height, width = frame.pixels.shape
        for box in frame.boxes.values():
            assert box.x1 >= 0
            assert box.y1 >= 0
            assert box.x2 <= width
            assert box.y2 <= height


def test_the_nuchal_translucency_is_below_the_palate_and_the_body_on_the_side_faced(frames: list[Simulated]) -> None:
    for frame in frames:
        palate, nape = (frame.boxes[s].centre for s in (Structure.PALATE, Structure.NUCHAL_TRANSLUCENCY))
        assert nape[1] > palate[1]
        is_left = palate[0] < frame.boxes[Structure.THALAMI].centre[0]
        assert is_left == (frame.facing is Facing.LEFT)


def test_left_and_right_are_equally_frequent() -> None:
    rngs = [np.random.default_rng(seed) for seed in range(400)]
    left = sum(draw_pose(rng, TRAINING_DEVICES[0], 65.0).facing is Facing.LEFT for rng in rngs)
    assert 160 < left < 240


def test_fluid_is_darker_in_its_box_than_the_lines_that_bound_it(frames: list[Simulated]) -> None:
    for structure in (Structure.FOURTH_VENTRICLE, Structure.NUCHAL_TRANSLUCENCY):
        contrast = []
        for frame in frames:
            grey = grey_in(frame, frame.boxes[structure]).astype(float)
            contrast.append(np.percentile(grey, 95) - np.percentile(grey, 20))
        assert np.median(contrast) > 70


def test_midbrain_and_thalami_are_darker_than_the_palate(frames: list[Simulated]) -> None:
    for frame in frames:
        palate = np.percentile(grey_in(frame, frame.boxes[Structure.PALATE]), 90)
        for structure in (Structure.THALAMI, Structure.MIDBRAIN):
            assert np.median(grey_in(frame, frame.boxes[structure])) < palate


def test_the_callipers_points_are_as_far_apart_as_the_truth_says() -> None:
    for seed in range(20):
        head = draw_head(np.random.default_rng(seed), 65.0, frozenset())
        upper, lower = head.landmarks["callipers"]
        assert np.hypot(*(lower - upper)) == pytest.approx(head.truth["nt_mm"], rel=1e-6)


def test_the_sizes_follow_the_crown_rump_length() -> None:
    small = [draw_head(np.random.default_rng(seed), 45.0, frozenset()).truth for seed in range(40)]
    large = [draw_head(np.random.default_rng(seed), 84.0, frozenset()).truth for seed in range(40)]
    for size, low, high in (("nt_mm", 1.2, 1.9), ("fourth_ventricle_mm", 1.44, 2.22)):
        assert np.median([truth[size] for truth in small]) == pytest.approx(low, abs=0.2)
        assert np.median([truth[size] for truth in large]) == pytest.approx(high, abs=0.25)
    assert np.mean([truth["bs_mm"] / truth["bsob_mm"] < 1 for truth in small + large]) > 0.95


@pytest.mark.parametrize("structure", STRUCTURES)
def test_a_structure_can_be_left_out(structure: Structure, frames: list[Simulated]) -> None:
    frame, without = frames[3], simulate(3, absent={structure})
    assert structure not in without.boxes
    others = {key: box for key, box in frame.boxes.items() if key is not structure}
    assert without.boxes.keys() == others.keys()
    box = frame.boxes[structure]
    assert not np.array_equal(grey_in(frame, box), grey_in(without, box))


def test_a_size_of_what_was_left_out_is_not_given() -> None:
    absent = {Structure.NASAL_BONE, Structure.NUCHAL_TRANSLUCENCY, Structure.PALATE, Structure.MIDBRAIN}
    sizes = {"nasal_bone_mm", "nt_mm", "palate_mm", "midbrain_mm", "nasal_skin_mm"}
    assert sizes <= simulate(3).truth.keys()
    assert not sizes & simulate(3, absent=absent).truth.keys()


def test_the_midbrain_is_as_high_as_its_outline_and_the_palate_lies_in_its_box() -> None:
    for seed in range(20):
        head = draw_head(np.random.default_rng(seed), 65.0, frozenset())
        assert np.ptp(head.outlines[Structure.MIDBRAIN][:, 1]) == pytest.approx(head.truth["midbrain_mm"])
        line, box = head.lines["palate_mm"].path, head.outlines[Structure.PALATE]
        assert np.hypot(*(line[-1] - line[0])) == pytest.approx(head.truth["palate_mm"])
        assert (line >= box.min(axis=0)).all() and (line <= box.max(axis=0)).all()


def test_a_cine_starts_with_the_still_and_moves_on_little_by_little() -> None:
    cine = simulate_cine(8, 4)
    assert np.array_equal(cine[0].pixels, simulate(8).pixels)
    flat = [frame.pixels.astype(float).ravel() for frame in cine]
    near, far = np.corrcoef(flat[0], flat[1])[0, 1], np.corrcoef(flat[0], flat[3])[0, 1]
    assert 0.8 < near < 1
    assert far < near
    assert cine[3].boxes != cine[0].boxes


def test_a_frame_takes_well_under_a_second_of_one_core() -> None:
    start = time.process_time()
    for seed in range(4):
        simulate(seed)
    assert (time.process_time() - start) / 4 < 0.6
