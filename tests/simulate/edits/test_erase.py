"""What is erased is gone, what is not is untouched, and what takes its place looks like its surroundings."""

from __future__ import annotations

import numpy as np
import pytest

from errors_raised import raised
from nonet.anatomy import Structure
from nonet.errors import RegionError
from nonet.reading import Box
from nonet.simulate import Simulated, simulate
from nonet.simulate.edits.erase import erase, erased_area

ERASED = (Structure.PALATE, Structure.NASAL_BONE, Structure.NUCHAL_TRANSLUCENCY)


@pytest.fixture(scope="module")
def frame() -> Simulated:
    return simulate(3)


@pytest.mark.parametrize("structure", ERASED)
def test_only_the_erased_area_changes(frame: Simulated, structure: Structure) -> None:
    box = frame.boxes[structure]
    changed = erase(frame.pixels, box, 0) != frame.pixels
    assert not changed[~erased_area(frame.pixels.shape, box)].any()
    assert changed[erased_area(frame.pixels.shape, box)].mean() > 0.5


def test_the_area_holds_the_middle_of_every_side_and_a_margin() -> None:
    area = erased_area((100, 100), Box(40, 45, 60, 55))
    assert area[50, 37]
    assert area[42, 50]
    assert not area[50, 30]
    assert not area[30, 50]


def test_a_bright_structure_is_gone() -> None:
    rng = np.random.default_rng(0)
    pixels = rng.normal(80, 12, (200, 240)).clip(0, 255).astype(np.uint8)
    pixels[90:110, 100:140] = 250
    inside = erase(pixels, Box(100, 90, 140, 110), 0)[90:110, 100:140].astype(float)
    assert inside.mean() == pytest.approx(80, abs=4)
    assert inside.std() == pytest.approx(12, rel=0.3)


def test_a_slope_of_tone_goes_on_through_the_hole() -> None:
    slope = np.tile(np.linspace(20, 220, 240), (200, 1)).astype(np.uint8)
    pixels = slope.copy()
    pixels[80:120, 90:150] = 0
    assert erase(pixels, Box(90, 80, 150, 120), 0).astype(float) == pytest.approx(slope, abs=6)


def test_the_same_seed_gives_the_same_pixels(frame: Simulated) -> None:
    box = frame.boxes[Structure.NASAL_BONE]
    assert np.array_equal(erase(frame.pixels, box, 7), erase(frame.pixels, box, 7))


def test_a_box_at_the_border_is_erased(frame: Simulated) -> None:
    assert erase(frame.pixels, Box(0, 0, 30, 20), 0).shape == frame.pixels.shape


def test_a_box_that_fills_the_frame_is_refused() -> None:
    with raised(RegionError, found="1600 pixels of a 40 x 40 frame"):
        erase(np.zeros((40, 40), np.uint8), Box(2, 2, 38, 38), 0)
