"""The height of a dark region between two borders is measured across its middle; where one is missing, it is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from nonet.detect.head_frame import HeadFrame
from nonet.measure.height import HeightSearch, measure_height
from nonet.measure.patch import HeadPicture
from nonet.measure.span import Span
from nonet.reading import Box

HEIGHT, WIDTH = 160, 140
NOTHING = np.zeros((HEIGHT, WIDTH), np.bool_)
BOX = Box(36, 36, 104, 124)


def region(top: float, bottom: float, *, above: float = 90.0, below: float = 90.0, noise: float = 4.0) -> np.ndarray:
    rows = np.mgrid[:HEIGHT, :WIDTH][0].astype(np.float64)
    grey = ndimage.gaussian_filter(np.where(rows < top, above, np.where(rows > bottom, below, 20.0)), 1.5)
    return np.clip(grey + np.random.default_rng(0).normal(0, noise, grey.shape), 0, 255).astype(np.uint8)


def measure(pixels: np.ndarray, box: Box = BOX, drawn: np.ndarray = NOTHING) -> Span | None:
    return measure_height(HeadPicture(pixels, drawn, HeadFrame(0, 0, 1)), box, HeightSearch())


@settings(max_examples=25, deadline=None)
@given(top=st.floats(32, 42), bottom=st.floats(117, 129))
def test_the_height_is_that_between_the_borders(top: float, bottom: float) -> None:
    found = measure(region(top, bottom))
    assert found is not None
    assert found.length == pytest.approx(bottom - top, abs=8)
    assert found.low <= found.length <= found.high
    assert found.start[0] == found.end[0] == pytest.approx(70, abs=1)
    assert found.end[1] - found.start[1] == pytest.approx(found.length)


def test_without_a_border_nothing_is_measured() -> None:
    assert measure(region(36, 124, below=20)) is None
    assert measure(region(36, 124, above=20)) is None
    assert measure(region(80, 124)) is None
    assert measure(np.zeros((HEIGHT, WIDTH), np.uint8)) is None


def test_a_border_that_is_drawn_over_is_none() -> None:
    drawn = NOTHING.copy()
    drawn[20:60] = True
    assert measure(region(36, 124), drawn=drawn) is None


@pytest.mark.parametrize("edges", [(-50, -20, 10, 4), (138, 80, 170, 200), (80, 50, 81, 51), (-5, -5, 500, 500)])
def test_boxes_on_the_edge_or_too_small_raise_nothing(edges: tuple[float, float, float, float]) -> None:
    found = measure(region(36, 124), Box(*edges))
    assert found is None or np.isfinite(found.length)
