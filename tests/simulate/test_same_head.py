"""The same head on nine machines: one anatomy in millimetres, nine pictures of it."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors_raised import raised
from nonet.errors import SettingsError
from nonet.simulate import (
    EXAMPLE_DEVICE,
    STUDY_DEVICES,
    TRAINING_DEVICES,
    TRAINING_SEEDS,
    Simulated,
    same_head,
    simulate,
)
from nonet.simulate.devices import Screen

SEED = 34


@pytest.fixture(scope="module")
def frames() -> tuple[Simulated, ...]:
    return same_head(SEED)


def sizes_mm(frame: Simulated) -> dict[str, tuple[float, float]]:
    return {key.value: (box.width * frame.mm_per_px, box.height * frame.mm_per_px) for key, box in frame.boxes.items()}


def test_there_are_nine_machines_of_which_five_train_and_one_makes_the_examples() -> None:
    assert len(STUDY_DEVICES) == 9
    assert STUDY_DEVICES[:5] == TRAINING_DEVICES
    assert STUDY_DEVICES[5] == EXAMPLE_DEVICE


@pytest.mark.parametrize(
    "trait", ["name", "screen", "width", "steering", "beam_mm", "floor_db", "range_db", "radius_mm", "half_angle"]
)
def test_the_three_further_machines_differ_from_all_others(trait: str) -> None:
    for device in STUDY_DEVICES[6:]:
        others = [getattr(other, trait) for other in STUDY_DEVICES if other is not device]
        assert getattr(device, trait) not in others


def test_every_screen_is_some_machines() -> None:
    assert {device.screen for device in STUDY_DEVICES} == set(Screen)


def test_every_machine_shows_the_same_structures_at_the_same_size_in_mm(frames: tuple[Simulated, ...]) -> None:
    assert len(frames[0].boxes) >= 8
    for frame in frames[1:]:
        assert frame.boxes.keys() == frames[0].boxes.keys()
        for structure, size in sizes_mm(frame).items():
            assert size == pytest.approx(sizes_mm(frames[0])[structure], abs=0.01)


def test_the_structures_lie_alike_to_each_other_in_mm(frames: tuple[Simulated, ...]) -> None:
    for one, other in combinations(frames[0].boxes, 2):
        apart = [np.subtract(frame.boxes[one].centre, frame.boxes[other].centre) * frame.mm_per_px for frame in frames]
        assert np.ptp(apart, axis=0).max() < 0.01


def test_truth_and_facing_are_the_heads(frames: tuple[Simulated, ...]) -> None:
    reference = simulate(SEED)
    for frame, device in zip(frames, STUDY_DEVICES, strict=True):
        assert (frame.truth, frame.facing, frame.device) == (reference.truth, reference.facing, device)
        assert frame.pixels.shape == (device.height, device.width)


def test_the_texture_of_the_tissue_is_shared_and_the_speckle_is_not() -> None:
    device = STUDY_DEVICES[0]
    twin = replace(device, name="Alder V8 twin")
    first, second = same_head(SEED, [device, twin])
    other_head = same_head(SEED + 1, [device])[0]
    box = max(first.boxes.values(), key=lambda each: each.height)
    part = np.s_[int(box.y1) : int(box.y2), int(box.x1) : int(box.x2)]
    alike = np.corrcoef(first.pixels[part].ravel(), second.pixels[part].ravel())[0, 1]
    unlike = np.corrcoef(first.pixels[part].ravel(), other_head.pixels[part].ravel())[0, 1]
    assert unlike + 0.2 < alike < 0.98


def test_a_machines_frame_does_not_depend_on_the_other_machines(frames: tuple[Simulated, ...]) -> None:
    alone = same_head(SEED, [STUDY_DEVICES[7]])[0]
    assert np.array_equal(alone.pixels, frames[7].pixels)
    assert alone.boxes.keys() >= frames[7].boxes.keys()


def test_what_the_screen_covers_is_not_boxed() -> None:
    inset = next(device for device in STUDY_DEVICES if device.screen is Screen.INSET)
    for seed in range(SEED, SEED + 6):
        frame = same_head(seed, [inset])[0]
        top, left = frame.pixels.shape[0] * 0.75, frame.pixels.shape[1] * 0.75
        assert all(box.y2 < top + 2 or box.x2 < left + 2 for box in frame.boxes.values())


def test_two_machines_of_one_name_are_refused() -> None:
    with raised(SettingsError, found="Alder V8, Alder V8"):
        same_head(SEED, [STUDY_DEVICES[0], STUDY_DEVICES[0]])


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, TRAINING_SEEDS.stop))
def test_the_same_seed_gives_the_same_frames(seed: int) -> None:
    first, second = (same_head(seed, STUDY_DEVICES[6:8])[1] for _ in range(2))
    assert first.pixels.tobytes() == second.pixels.tobytes()
    assert first.boxes == second.boxes
