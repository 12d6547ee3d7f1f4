"""Two lines with a gap of known thickness are measured, slanted or not, past what is drawn, at any place."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from nonet.anatomy import Structure
from nonet.detect.head_frame import HeadFrame
from nonet.measure.line_pair import find_line_pair
from nonet.measure.patch import HeadPicture
from nonet.measure.protocols import PROTOCOLS
from nonet.measure.span import Span
from nonet.reading import Box

HEIGHT, WIDTH = 160, 320


def lines(gap: float, *, slope: float = 0.0, blur: float = 1.2, noise: float = 4.0, swell: float = 0.0) -> np.ndarray:
    """Tissue with a dark gap between two bright lines of 6 pixels; ``swell`` widens the gap in the middle."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float64)
    middle = HEIGHT / 2 + slope * (columns - WIDTH / 2)
    lean = np.cos(np.arctan(slope))
    far = np.abs(rows - middle) * lean
    half = gap / 2 + swell / 2 * np.exp(-(((columns - WIDTH / 2) / 40) ** 2))
    grey = np.where(far < half, 12.0, np.where(far < half + 6, 190.0, 70.0))
    smooth = ndimage.gaussian_filter(grey, blur)
    return np.clip(smooth + np.random.default_rng(0).normal(0, noise, smooth.shape), 0, 255).astype(np.uint8)


def box(gap: float, slope: float = 0.0) -> Box:
    half = gap + abs(slope) * 120
    return Box(40, HEIGHT / 2 - half, 280, HEIGHT / 2 + half)


NOTHING = np.zeros((HEIGHT, WIDTH), np.bool_)
GAPS = (Structure.NUCHAL_TRANSLUCENCY, Structure.FOURTH_VENTRICLE, Structure.CISTERNA_MAGNA)


def measure(pixels: np.ndarray, drawn: np.ndarray, where: Box, structure: Structure = GAPS[0]) -> Span | None:
    found = PROTOCOLS[structure][0].measure(HeadPicture(pixels, drawn, HeadFrame(0, 0, 1)), {structure: where})
    return None if isinstance(found, str) else found


@pytest.mark.parametrize("structure", GAPS)
@pytest.mark.parametrize("gap", [8, 14, 20, 32])
@pytest.mark.parametrize("slope", [0.0, 0.15, -0.15])
def test_the_perpendicular_gap_is_measured(gap: float, slope: float, structure: Structure) -> None:
    found = measure(lines(gap, slope=slope), NOTHING, box(gap, slope), structure)
    assert found is not None
    assert found.length == pytest.approx(gap, abs=1.5)
    assert found.low <= found.length <= found.high
    across = np.subtract(found.end, found.start)
    assert np.hypot(*across) == pytest.approx(found.length, abs=1e-6)
    assert across[0] / across[1] == pytest.approx(-slope, abs=0.08)


def test_the_widest_place_is_taken() -> None:
    found = measure(lines(12, swell=8), NOTHING, box(16))
    assert found is not None
    assert found.length == pytest.approx(20, abs=2)
    assert (found.start[0] + found.end[0]) / 2 == pytest.approx(WIDTH / 2, abs=15)


def test_marks_on_the_lines_do_not_move_them() -> None:
    pixels, drawn = lines(16), NOTHING.copy()
    own = measure(pixels, drawn, box(16))
    for row in (72, 88):
        pixels[row - 4 : row + 4, 156:164] = 40
        drawn[row - 5 : row + 5, 155:165] = True
    marked = measure(pixels, drawn, box(16))
    assert own is not None and marked is not None
    assert marked.length == pytest.approx(own.length, abs=0.7)


def test_where_no_lines_are_there_is_no_thickness() -> None:
    assert measure(np.full((HEIGHT, WIDTH), 80, np.uint8), NOTHING, box(16)) is None
    assert measure(np.zeros((HEIGHT, WIDTH), np.uint8), NOTHING, box(16)) is None
    assert measure(lines(16), np.ones((HEIGHT, WIDTH), np.bool_), box(16)) is None


@pytest.mark.parametrize("edges", [(-50, -20, 10, 4), (318, 150, 340, 170), (100, 80, 103, 82), (-5, -5, 500, 500)])
def test_boxes_on_the_edge_or_too_small_raise_nothing(edges: tuple[float, float, float, float]) -> None:
    found = measure(lines(16), NOTHING, Box(*edges))
    assert found is None or np.isfinite(found.length)


def test_the_path_follows_a_bend() -> None:
    columns = np.arange(120)
    upper = np.round(20 + 6 * np.sin(columns / 25)).astype(int)
    grey = np.full((60, 120), 60.0)
    for column, row in zip(columns, upper, strict=True):
        grey[row - 4 : row, column] = 200
        grey[row : row + 9, column] = 10
        grey[row + 9 : row + 13, column] = 200
    pair = find_line_pair(grey, np.ones(grey.shape, np.bool_), (3, 20), 15)
    assert pair is not None
    assert np.abs(pair.upper - upper).max() <= 2
    assert np.abs(pair.lower - pair.upper - 9).max() <= 2
    assert find_line_pair(grey[:4], np.ones((4, 120), np.bool_), (3, 20), 2) is None
