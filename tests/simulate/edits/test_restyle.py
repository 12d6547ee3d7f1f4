"""A frame in another machine's style: greys and speckle change, the surround, the marks and the geometry do not."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage

from nonet.frames.overlay import find_overlay
from nonet.simulate import STUDY_DEVICES, Simulated, simulate
from nonet.simulate.devices import Screen
from nonet.simulate.edits.restyle import MACHINE_STYLES, MachineStyle, Restyler

PLAIN = MachineStyle("plain", gain=1, gamma=1, floor=0, lateral=0, axial=0, edge=0, speckle=0, grain=1)
BY_NAME = {style.name: style for style in MACHINE_STYLES}


@pytest.fixture(scope="module")
def frame() -> Simulated:
    inset = next(device for device in STUDY_DEVICES if device.screen is Screen.INSET)
    return simulate(34, device=replace(inset, width=448, height=336))


@pytest.fixture(scope="module")
def shown(frame: Simulated) -> dict[str, NDArray[np.uint8]]:
    restyler = Restyler(frame.pixels)
    return {style.name: restyler.in_style(style, 0) for style in MACHINE_STYLES}


def inner(frame: Simulated, pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The middle of the head, in floats."""
    boxes = list(frame.boxes.values())
    top, bottom = int(min(box.y1 for box in boxes)), int(max(box.y2 for box in boxes))
    left, right = int(min(box.x1 for box in boxes)), int(max(box.x2 for box in boxes))
    return pixels[top:bottom, left:right].astype(float)


def sharpness(part: NDArray[np.float64]) -> float:
    return float((part - ndimage.gaussian_filter(part, 3)).std() / part.mean())


def test_there_are_nine_styles_each_with_a_name_and_a_character_of_its_own() -> None:
    assert len(BY_NAME) == 9
    assert len({replace(style, name="") for style in MACHINE_STYLES}) == 9


@pytest.mark.parametrize("name", BY_NAME)
def test_a_style_changes_the_head_and_leaves_its_anatomy(
    name: str, frame: Simulated, shown: dict[str, NDArray[np.uint8]]
) -> None:
    changed = inner(frame, shown[name])
    own = inner(frame, frame.pixels)
    assert np.abs(changed - own).mean() > 2
    coarse = [ndimage.gaussian_filter(part, 6).ravel() for part in (changed, own)]
    assert np.corrcoef(coarse)[0, 1] > 0.95


@pytest.mark.parametrize("name", BY_NAME)
def test_black_around_the_sector_and_drawn_marks_stay_as_they_are(
    name: str, frame: Simulated, shown: dict[str, NDArray[np.uint8]]
) -> None:
    changed = shown[name]
    surround = ndimage.binary_opening(frame.pixels == 0, iterations=5)
    kept = surround | find_overlay(frame.pixels)
    assert surround.any()
    assert np.array_equal(changed[kept], frame.pixels[kept])


def test_any_two_styles_differ(frame: Simulated, shown: dict[str, NDArray[np.uint8]]) -> None:
    heads = [inner(frame, pixels) for pixels in shown.values()]
    apart = [np.abs(one - other).mean() for one, other in combinations(heads, 2)]
    assert min(apart) > 2


def test_a_style_that_does_nothing_gives_the_frame(frame: Simulated) -> None:
    assert np.array_equal(Restyler(frame.pixels).in_style(PLAIN, 0), frame.pixels)


def test_nothing_moves(frame: Simulated) -> None:
    blurred = inner(frame, Restyler(frame.pixels).in_style(replace(PLAIN, lateral=6, axial=3), 0))
    own = inner(frame, frame.pixels)
    shifts = range(-3, 4)
    fits = {(dy, dx): float((np.roll(own, (dy, dx), (0, 1)) * blurred).mean()) for dy in shifts for dx in shifts}
    assert max(fits, key=lambda shift: fits[shift]) == (0, 0)


def test_blur_takes_sharpness_and_edge_enhancement_gives_it(frame: Simulated) -> None:
    own = sharpness(inner(frame, frame.pixels))
    assert sharpness(inner(frame, Restyler(frame.pixels).in_style(replace(PLAIN, lateral=6, axial=3), 0))) < 0.8 * own
    assert sharpness(inner(frame, Restyler(frame.pixels).in_style(replace(PLAIN, edge=0.4), 0))) > 1.05 * own


def test_lateral_blur_is_along_the_rows(frame: Simulated) -> None:
    own = inner(frame, frame.pixels)
    across = inner(frame, Restyler(frame.pixels).in_style(replace(PLAIN, lateral=6), 0))
    lost = [np.abs(np.diff(across, axis=axis)).mean() / np.abs(np.diff(own, axis=axis)).mean() for axis in (0, 1)]
    assert lost[1] < 0.9 * lost[0]


def test_gain_and_gamma_brighten_and_a_higher_floor_darkens_the_dark(frame: Simulated) -> None:
    own = inner(frame, frame.pixels)
    assert inner(frame, Restyler(frame.pixels).in_style(replace(PLAIN, gain=1.2), 0)).mean() > 1.1 * own.mean()
    assert inner(frame, Restyler(frame.pixels).in_style(replace(PLAIN, gamma=0.8), 0)).mean() > 1.1 * own.mean()
    darkened = inner(frame, Restyler(frame.pixels).in_style(replace(PLAIN, floor=0.05), 0))
    assert np.percentile(darkened, 10) < np.percentile(own, 10)
    assert np.percentile(darkened, 99) > 0.97 * np.percentile(own, 99)


def test_the_seed_draws_the_speckle(frame: Simulated) -> None:
    style = BY_NAME["Nutmeg"]
    first, again, other = (Restyler(frame.pixels).in_style(style, seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("shape", [(1, 1), (20, 700), (40, 40)])
@pytest.mark.parametrize("level", [0, 90, 255])
def test_an_even_picture_of_any_size_is_taken(shape: tuple[int, int], level: int) -> None:
    pixels = np.full(shape, level, np.uint8)
    assert Restyler(pixels).in_style(BY_NAME["Kauri"], 0).shape == shape


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**31), style=st.sampled_from(MACHINE_STYLES))
def test_any_noise_is_taken(seed: int, style: MachineStyle) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (64, 80), dtype=np.uint8)
    changed = Restyler(pixels).in_style(style, seed)
    assert changed.shape == pixels.shape
    assert changed.dtype == np.uint8
