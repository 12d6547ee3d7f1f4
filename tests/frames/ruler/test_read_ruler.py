"""A ruler is read where its marks say what they are, and not otherwise."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy import ndimage

from nonet.frames.ruler import read_ruler
from nonet.frames.ruler.mark_sizes import Pattern
from nonet.simulate import STUDY_DEVICES, Device, simulate
from nonet.simulate.devices import Screen

HEIGHT, WIDTH = 460, 640


def screen(seed: int = 0) -> np.ndarray:
    """Black, with speckle where the sector is, as fine as a beam makes it."""
    rng = np.random.default_rng(seed)
    pixels = rng.normal(12, 2, (HEIGHT, WIDTH))
    pixels[60:440, 120:520] = ndimage.gaussian_filter(rng.gamma(0.5, 120, (380, 400)), (1.5, 3.0))
    return np.clip(pixels, 0, 255).astype(np.uint8)


def ticks(
    pixels: np.ndarray, period: float, widths: tuple[int, ...], x: int = 18, first: float = 30.0, left_out: int = -1
) -> np.ndarray:
    """The screen with a mark every ``period`` rows; their widths repeat."""
    image = Image.fromarray(pixels)
    pen = ImageDraw.Draw(image)
    for number in range(int((HEIGHT - first - 5) / period) + 1):
        if number != left_out:
            row = round(first + number * period)
            pen.rectangle((x, row, x + widths[number % len(widths)] - 1, row + 1), fill=180)
    return np.asarray(image)


def with_line(pixels: np.ndarray, x: int) -> np.ndarray:
    """The screen with a line that has a bar at each end."""
    image = Image.fromarray(pixels)
    pen = ImageDraw.Draw(image)
    pen.line((x, 90, x, 330), fill=210)
    for row in (90, 330):
        pen.line((x - 6, row, x + 6, row), fill=210)
    return np.asarray(image)


@pytest.mark.parametrize("period", [33.0, 52.4, 77.0])
def test_marks_of_two_sizes_in_turn_are_half_centimetres(period: float) -> None:
    ruler = read_ruler(ticks(screen(), period, (4, 2)))
    assert ruler is not None and ruler.because is Pattern.ALTERNATING and ruler.mark_mm == 5
    assert ruler.mm_per_px == pytest.approx(5 / period, rel=0.004)
    assert 0 < ruler.relative_error < 0.01
    assert [end[0] for end in ruler.ends] == pytest.approx([19, 19], abs=2)


def test_a_mark_that_is_hidden_changes_nothing() -> None:
    ruler = read_ruler(ticks(screen(), 50.0, (4, 2), left_out=3))
    assert ruler is not None and ruler.mm_per_px == pytest.approx(0.1, rel=0.004)


def test_a_ruler_along_the_lower_edge_is_read() -> None:
    pixels = np.ascontiguousarray(ticks(screen(), 40.0, (4, 2)).T)
    ruler = read_ruler(pixels)
    assert ruler is not None and ruler.mm_per_px == pytest.approx(0.125, rel=0.004)
    assert ruler.ends[0][1] == pytest.approx(ruler.ends[1][1])


def test_marks_all_alike_say_nothing_alone_and_centimetres_beside_the_line_of_the_focus() -> None:
    pixels = ticks(screen(), 100.0, (2,), x=580)
    assert read_ruler(pixels) is None
    ruler = read_ruler(with_line(pixels, 568))
    assert ruler is not None and ruler.because is Pattern.ALIKE and ruler.mark_mm == 10
    assert ruler.mm_per_px == pytest.approx(0.1, rel=0.004)


def test_dashes_and_dots_in_turn_beside_the_line_are_half_centimetres() -> None:
    ruler = read_ruler(with_line(ticks(screen(), 55.0, (7, 2), x=580), 568))
    assert ruler is not None and ruler.mark_mm == 5


def test_lines_of_text_are_no_ruler() -> None:
    image = Image.fromarray(screen())
    pen = ImageDraw.Draw(image)
    for row in range(25):
        pen.text((4, 8 + 18 * row), f"Gn {row % 7} C5 / M{row}", fill=220)
    assert read_ruler(np.asarray(image)) is None


@pytest.mark.parametrize("shape", [(0, 0), (1, 500), (63, 63), (64, 64), (480, 640)])
def test_a_frame_without_marks_has_no_ruler(shape: tuple[int, int]) -> None:
    assert read_ruler(np.zeros(shape, np.uint8)) is None
    assert read_ruler(np.full(shape, 255, np.uint8)) is None


@pytest.mark.parametrize("seed", range(6))
def test_noise_has_no_ruler(seed: int) -> None:
    assert read_ruler(np.random.default_rng(seed).integers(0, 256, (300, 400), np.uint8)) is None


def test_a_large_frame_full_of_marks_is_answered_soon_and_in_little_memory() -> None:
    pixels = np.zeros((3_000, 3_000), np.uint8)
    pixels[::6, ::8] = 255
    tracemalloc.start()
    read_ruler(pixels)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60 * pixels.size


@pytest.mark.slow
@pytest.mark.parametrize("device", STUDY_DEVICES, ids=lambda device: device.name)
def test_a_ruler_that_is_read_on_a_simulated_machine_is_right(device: Device) -> None:
    read = 0
    for seed in (900, 902, 903):
        frame = simulate(seed, device=device)
        ruler = read_ruler(frame.pixels)
        if ruler is not None:
            read += 1
            assert ruler.mm_per_px == pytest.approx(frame.mm_per_px, rel=0.005)
    if device.screen is Screen.TITLE:
        assert read == 0, "its crosses are all alike and say nothing"
    else:
        assert read >= 1
