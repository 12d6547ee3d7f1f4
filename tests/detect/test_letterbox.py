"""Fitting a frame to the network's input and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonet.detect.letterbox import Letterbox

sides = st.integers(1, 3000)


def to_canvas(box: Letterbox, edges: np.ndarray) -> np.ndarray:
    """Frame edges ``[..., 4]`` in canvas pixels."""
    border = np.array([box.left, box.top, box.left, box.top], np.float32)
    return edges * np.float32(box.scale) + border


@given(sides, sides)
def test_the_frame_fits_and_touches_two_sides(width: int, height: int) -> None:
    box = Letterbox.fit(width, height, 640, 448)
    inner = (max(1, round(width * box.scale)), max(1, round(height * box.scale)))
    assert inner[0] <= 640 and inner[1] <= 448
    assert inner[0] == 640 or inner[1] == 448


@given(sides, sides, st.lists(st.floats(0, 3000, width=32), min_size=4, max_size=4))
def test_boxes_go_there_and_back(width: int, height: int, edges: list[float]) -> None:
    box = Letterbox.fit(width, height, 640, 448)
    back = box.to_frame(to_canvas(box, np.array(edges, np.float32)))
    assert back == pytest.approx(edges, abs=max(1e-3, 1e-3 / box.scale))


def test_the_frame_lies_where_its_boxes_say() -> None:
    pixels = np.zeros((480, 680), np.uint8)
    pixels[100:200, 300:400] = 255
    box = Letterbox.fit(680, 480, 640, 448)
    canvas = box.apply(pixels)
    x1, y1, x2, y2 = (round(float(edge)) for edge in to_canvas(box, np.array([300, 100, 400, 200], np.float32)))
    assert canvas[y1 + 2 : y2 - 2, x1 + 2 : x2 - 2].min() == 1
    assert canvas.sum() == pytest.approx((100 * box.scale) ** 2, rel=0.02)


def test_the_border_is_black() -> None:
    canvas = Letterbox.fit(100, 400, 640, 448).apply(np.full((400, 100), 255, np.uint8))
    assert canvas[:, :200].max() == 0 and canvas[:, -200:].max() == 0
