"""A disguised frame has the look of the set, and still shows what it showed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nonet.datasets.inspection import first_frame
from nonet.frame import Frame, Source
from nonet.frames import hide_overlay
from nonet.simulate import TRAINING_DEVICES, disguise

HC18 = Path(__file__).parents[2].parent / "shared/data/hc18-early"


def fan(height: int = 300, width: int = 500) -> np.ndarray:
    rng = np.random.default_rng(0)
    pixels = np.zeros((height, width), np.uint8)
    pixels[20:-20, 60:-60] = np.clip(rng.gamma(4, 30, (height - 40, width - 120)), 8, 255)
    return pixels


def test_it_fills_the_screen_of_a_machine() -> None:
    sizes = {(device.height, device.width) for device in TRAINING_DEVICES}
    assert all(disguise(fan(), seed).shape in sizes for seed in range(6))


def test_the_same_seed_gives_the_same_frame() -> None:
    assert (disguise(fan(), 3) == disguise(fan(), 3)).all()


def test_greys_are_those_of_the_look() -> None:
    hidden = hide_overlay(Frame(disguise(fan(), 1), Source("PNG", "0")))
    assert hidden.sector is not None
    assert np.median(hidden.pixels[hidden.sector]) == pytest.approx(49, abs=12)


@pytest.mark.parametrize("shape", [(20, 400), (64, 64)])
def test_frames_without_an_image_come_back_as_they_are(shape: tuple[int, int]) -> None:
    dark = np.zeros(shape, np.uint8)
    assert disguise(dark, 0) is dark


@pytest.mark.skipif(not HC18.is_dir(), reason="needs ../shared/data/hc18-early")
def test_an_axial_head_is_still_one() -> None:
    """Its brightest structure, the skull, is as bright relative to the rest as before."""
    pixels = first_frame(HC18 / "010_HC.png").pixels
    dressed = disguise(pixels, 0)
    assert np.percentile(dressed, 99) > 2.5 * np.median(dressed[dressed > 0])
