"""A frame of something else in the look of the data: its greys, a fan, a machine's screen, and no marks of its own."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from nonet.frames.overlay import find_overlay, find_sector
from nonet.simulate import STUDY_DEVICES
from nonet.simulate.edits.disguise import LOOK_FILE, disguise

ROOT = Path(__file__).parents[3]
DATA = ROOT.parent / "shared/data"
SCREENS = {(device.height, device.width) for device in STUDY_DEVICES}


@pytest.fixture(scope="module")
def echoes() -> NDArray[np.uint8]:
    """Echoes over the whole picture, brighter than any of the data's."""
    noise = ndimage.gaussian_filter(np.random.default_rng(0).standard_normal((540, 800)), (2, 4))
    return np.clip(190 + 30 * noise / noise.std(), 1, 255).astype(np.uint8)


def in_fan(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    drawn = find_overlay(pixels)
    return pixels[find_sector(pixels, drawn) & ~drawn]


def test_the_same_pixels_and_seed_give_the_same_bytes(echoes: NDArray[np.uint8]) -> None:
    assert np.array_equal(disguise(echoes, seed=3), disguise(echoes, seed=3))


def test_seed_and_pixels_both_choose_the_machine(echoes: NDArray[np.uint8]) -> None:
    by_seed = {disguise(echoes, seed=seed).shape for seed in range(5)}
    by_pixels = {disguise(np.roll(echoes, shift, axis=1)).shape for shift in range(5)}
    assert len(by_seed) > 2
    assert len(by_pixels) > 2
    assert by_seed | by_pixels <= SCREENS


def test_greys_become_those_of_the_data(echoes: NDArray[np.uint8]) -> None:
    wanted = json.loads(LOOK_FILE.read_text())["quantiles"].values()
    for seed in range(4):
        deciles = np.percentile(in_fan(disguise(echoes, seed=seed)), (25, 50, 75))
        apart = [np.abs(np.array([greys[8], greys[16], greys[24]]) - deciles).max() for greys in wanted]
        assert min(apart) < 15


def test_a_brighter_place_stays_the_brighter(echoes: NDArray[np.uint8]) -> None:
    pixels = echoes // 4
    pixels[170:370, 300:500] = echoes[170:370, 300:500]
    for seed in range(4):
        shown = disguise(pixels, seed=seed)
        row, column = (side // 2 for side in shown.shape)
        assert np.median(shown[row - 40 : row + 40, column - 40 : column + 40]) > np.median(in_fan(shown))


def test_some_frames_have_black_beside_the_fan_and_all_have_marks(echoes: NDArray[np.uint8]) -> None:
    shown = [disguise(echoes, seed=seed) for seed in range(6)]
    assert all(find_overlay(pixels).mean() > 0.001 for pixels in shown)
    assert sum((pixels == 0).mean() > 0.02 for pixels in shown) >= 2


def test_marks_of_the_frame_itself_are_gone(echoes: NDArray[np.uint8]) -> None:
    dark = np.minimum(echoes // 3, 90).astype(np.uint8)
    text = Image.fromarray(dark)
    ImageDraw.Draw(text).text((330, 260), "BPD 2.1 cm", fill=255, font=ImageFont.load_default(18))
    written = np.asarray(text)
    for seed in range(4):
        shown = disguise(written, seed=seed)
        row, column = (side // 2 for side in shown.shape)
        middle = np.s_[row - 60 : row + 60, column - 120 : column + 120]
        assert np.percentile(shown[middle], 99.5) <= np.percentile(in_fan(shown), 99.5) + 30


@settings(max_examples=6, deadline=None)
@given(height=st.integers(1, 90), width=st.integers(1, 90), level=st.integers(0, 255))
def test_a_picture_of_any_size_and_any_even_grey_is_taken(height: int, width: int, level: int) -> None:
    assert disguise(np.full((height, width), level, np.uint8)).shape in SCREENS


@pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data")
def test_an_axial_head_fills_the_screen(echoes: NDArray[np.uint8]) -> None:
    path = sorted((DATA / "hc18-early").glob("*.png"))[0]
    pixels = np.asarray(Image.open(path).convert("L"))
    shown = disguise(pixels)
    assert find_sector(shown, find_overlay(shown)).mean() > 0.5


@pytest.mark.slow
@pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data")
def test_the_committed_greys_are_what_the_command_measures(tmp_path: Path) -> None:
    command = [sys.executable, ROOT / "tools/fit_look.py", DATA / "fetus-framework", "-o", tmp_path / "look.json"]
    subprocess.run(command, check=True)
    assert json.loads((tmp_path / "look.json").read_text()) == json.loads(LOOK_FILE.read_text())
