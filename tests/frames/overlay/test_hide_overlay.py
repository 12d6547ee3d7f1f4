"""What a machine drew is gone, what the image shows stays."""

from __future__ import annotations

import numpy as np
import pytest

from nonet.frame import Frame, Source
from nonet.frames import hide_overlay
from nonet.frames.overlay.hide import fill
from nonet.simulate import simulate


def test_holes_take_the_grey_around_them() -> None:
    pixels = np.full((90, 110), 80, np.uint8)
    holes = np.zeros(pixels.shape, np.bool_)
    pixels[40:46, 50:70], holes[40:46, 50:70] = 255, True
    assert (fill(pixels, holes) == 80).all()


def test_large_holes_are_filled_too() -> None:
    pixels = np.full((200, 200), 60, np.uint8)
    holes = np.zeros(pixels.shape, np.bool_)
    pixels[30:120, 30:120], holes[30:120, 30:120] = 255, True
    assert fill(pixels, holes).max() <= 60


def test_known_pixels_are_not_touched() -> None:
    rng = np.random.default_rng(0)
    pixels, holes = rng.integers(0, 256, (70, 50), np.uint8), rng.random((70, 50)) < 0.1
    assert (fill(pixels, holes)[~holes] == pixels[~holes]).all()


@pytest.mark.parametrize("seed", range(6))
def test_a_part_is_filled_as_the_whole_is(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(50, 200, 2).tolist())
    pixels, holes, wanted = rng.integers(0, 256, shape, np.uint8), np.zeros(shape, np.bool_), np.zeros(shape, np.bool_)
    for mask in (holes, holes, holes, wanted):
        row, column = rng.integers(0, shape[0] - 10), rng.integers(0, shape[1] - 10)
        mask[row : row + rng.integers(2, 90), column : column + rng.integers(2, 90)] = True
    filled, part = fill(pixels, holes), fill(pixels, holes, wanted)
    np.testing.assert_array_equal(part[wanted], filled[wanted])
    np.testing.assert_array_equal(part[~wanted], pixels[~wanted])


def test_a_frame_that_is_all_hole_becomes_black() -> None:
    assert fill(np.full((40, 40), 200, np.uint8), np.ones((40, 40), np.bool_)).max() == 0


@pytest.mark.parametrize("seed", range(4))
def test_nothing_drawn_is_left_and_the_sector_stays(seed: int) -> None:
    simulated = simulate(seed)
    hidden = hide_overlay(Frame(simulated.pixels, Source("PNG", "0")))
    assert hidden.overlay is not None
    assert hidden.sector is not None
    assert hidden.pixels[~hidden.sector].max() == 0
    image = hidden.sector & ~hidden.overlay
    assert (hidden.pixels[image] == simulated.pixels[image]).all()


def test_a_frame_without_a_sector_is_not_blackened() -> None:
    pixels = np.zeros((100, 100), np.uint8)
    pixels[10:14, 10:14] = 90
    assert (hide_overlay(Frame(pixels, Source("PNG", "0"))).pixels > 0).any()
