"""Drawn in colour is found on grey and on tinted images; a tint is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from dicom_files import us_dataset
from PIL import Image

from nonet.frames import mark, open_frames
from nonet.frames.overlay import coloured_pixels


def tinted(grey: np.ndarray, tint: str) -> np.ndarray:
    level = grey.astype(float)
    curves = {
        "none": (level, level, level),
        "sepia": (level, level * 0.85, level * 0.6),
        "blue": (level * 0.7, level * 0.85, level),
        "candle": (255 * (level / 255) ** 0.7, level, 255 * (level / 255) ** 1.5),
    }
    return np.stack(curves[tint], axis=-1).round().astype(np.uint8)


@pytest.fixture
def grey() -> np.ndarray:
    """``uint8[120, 160]``, smooth, all levels."""
    return np.add.outer(np.linspace(0, 155, 120), np.linspace(0, 100, 160)).astype(np.uint8)


@pytest.mark.parametrize("tint", ["none", "sepia", "blue", "candle"])
def test_a_tint_is_nothing_drawn(grey: np.ndarray, tint: str) -> None:
    assert coloured_pixels(tinted(grey, tint)) is None


@pytest.mark.parametrize("tint", ["none", "sepia", "blue", "candle"])
@pytest.mark.parametrize("colour", [(255, 255, 0), (0, 255, 0), (255, 0, 0), (0, 200, 255)], ids=str)
def test_what_is_drawn_in_colour_is_found(grey: np.ndarray, tint: str, colour: tuple[int, int, int]) -> None:
    rgb = tinted(grey, tint)
    rgb[30:40, 20:60] = colour
    found = coloured_pixels(rgb)
    assert found is not None
    assert found[30:40, 20:60].all()
    assert found.sum() == 400


def test_noise_of_jpeg_colour_is_nothing_drawn(tmp_path: Path, grey: np.ndarray) -> None:
    Image.fromarray(tinted(grey, "none")).save(tmp_path / "a.jpg", quality=60)
    assert next(open_frames(tmp_path / "a.jpg")).overlay is None


def test_a_map_of_colours_is_nothing_drawn(grey: np.ndarray) -> None:
    rainbow = np.stack([grey, 255 - grey, np.where(grey > 128, 255, 0)], axis=-1).astype(np.uint8)
    assert coloured_pixels(rainbow) is None


def test_a_colour_file_opens_with_its_colour_marked_and_marking_keeps_it(
    write_dicom: Callable[..., Path], tmp_path: Path, grey: np.ndarray
) -> None:
    rgb = tinted(grey, "none")
    rgb[30:40, 20:60] = (255, 255, 0)
    Image.fromarray(rgb).save(tmp_path / "a.png")
    for path in (tmp_path / "a.png", write_dicom(us_dataset(rgb))):
        frame = next(open_frames(path))
        assert frame.overlay is not None
        assert frame.overlay.sum() == 400
        completed = mark(frame).overlay
        assert completed is not None
        assert completed[frame.overlay].all()
