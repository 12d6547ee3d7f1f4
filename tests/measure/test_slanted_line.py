"""A slanted bright line of known length is measured with its gap; what is no line, or drawn over, is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from nonet.detect.head_frame import HeadFrame
from nonet.measure.patch import HeadPicture
from nonet.measure.slanted_line import SlantedSearch, measure_line_gap, measure_slanted_line
from nonet.reading import Box

HEIGHT, WIDTH = 120, 160
NOTHING = np.zeros((HEIGHT, WIDTH), np.bool_)
PALATE = Box(25, 20, 135, 100)
_RANGE_DB, _GAMMA = 42.0, 1.8


def line(length: float, angle: float, *, gap: float = 0.0, bright: float = 190.0, noise: float = 3.0) -> np.ndarray:
    """A line of 8 pixels, turned by degrees, as a machine shows it; two thirds of it lie before a gap.

    Echoes are drawn out by a beam; what is shown is their logarithm, on a grey map as the simulator's machines have it.
    """
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float64)
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    x, y = columns - WIDTH / 2, rows - HEIGHT / 2
    along, across = x * cos + y * sin, y * cos - x * sin
    on_line = (np.abs(along) < length / 2) & (np.abs(across) < 4)
    broken = (along > length / 6) & (along < length / 6 + gap)
    echo = ndimage.gaussian_filter(np.where(on_line & ~broken, _echo(bright), _echo(50.0)), 2.0)
    grey = 256 * np.tanh((20 / _RANGE_DB * np.log10(echo)) ** _GAMMA)
    return np.clip(grey + np.random.default_rng(0).normal(0, noise, grey.shape), 0, 255).astype(np.uint8)


def _echo(grey: float) -> float:
    return float(10 ** (_RANGE_DB / 20 * np.arctanh(grey / 256) ** (1 / _GAMMA)))


def picture(pixels: np.ndarray, drawn: np.ndarray = NOTHING) -> HeadPicture:
    return HeadPicture(pixels, drawn, HeadFrame(0, 0, 1))


@settings(max_examples=25, deadline=None)
@given(length=st.floats(40, 75), angle=st.floats(20, 70))
def test_the_length_is_that_from_end_to_end_at_any_slant_of_a_palate(length: float, angle: float) -> None:
    found = measure_slanted_line(picture(line(length, angle)), PALATE, SlantedSearch())
    assert found is not None
    assert found.length == pytest.approx(length, abs=3)
    assert found.low <= found.length <= found.high
    across = np.subtract(found.end, found.start)
    assert np.hypot(*across) == pytest.approx(found.length, abs=1e-6)
    assert np.degrees(np.arctan2(across[1], across[0])) == pytest.approx(angle, abs=4)
    whole = measure_line_gap(picture(line(length, angle)), PALATE, SlantedSearch())
    assert whole is not None and whole.length == 0


@pytest.mark.parametrize("gap", [8, 10, 12])
@pytest.mark.parametrize("angle", [20, 30, 45])
def test_a_gap_is_measured_and_belongs_to_the_length(gap: float, angle: float) -> None:
    broken = picture(line(78, angle, gap=gap))
    found, whole = (each(broken, PALATE, SlantedSearch()) for each in (measure_line_gap, measure_slanted_line))
    assert found is not None and whole is not None
    assert found.length == pytest.approx(gap, abs=2.5)
    assert whole.length == pytest.approx(78, abs=3)


@pytest.mark.parametrize("angle", [-45, 0, 85])
def test_a_line_that_does_not_run_down_to_the_back_is_none(angle: float) -> None:
    assert measure_slanted_line(picture(line(60, angle)), PALATE, SlantedSearch()) is None


def test_a_spot_in_its_continuation_is_no_part_of_it() -> None:
    found = measure_line_gap(picture(line(78, 20, gap=22)), PALATE, SlantedSearch())
    assert found is not None and found.length == 0


def test_what_is_no_line_is_not_measured() -> None:
    blob = np.clip(50 + 140 * (np.hypot(*(np.mgrid[:HEIGHT, :WIDTH] - np.array([60, 80])[:, None, None])) < 20), 0, 255)
    dark, even = np.zeros((HEIGHT, WIDTH), np.uint8), np.full((HEIGHT, WIDTH), 80, np.uint8)
    for pixels in (blob.astype(np.uint8), dark, even, line(50, 20, bright=60)):
        for measure in (measure_slanted_line, measure_line_gap):
            assert measure(picture(pixels), PALATE, SlantedSearch()) is None


def test_a_line_that_is_drawn_over_is_not_measured() -> None:
    drawn = NOTHING.copy()
    drawn[30:90, 40:120] = True
    assert measure_slanted_line(picture(line(50, 20), drawn), PALATE, SlantedSearch()) is None


@pytest.mark.parametrize("edges", [(-50, -20, 10, 4), (158, 80, 170, 100), (80, 50, 81, 51), (-5, -5, 500, 500)])
def test_boxes_on_the_edge_or_too_small_raise_nothing(edges: tuple[float, float, float, float]) -> None:
    for measure in (measure_slanted_line, measure_line_gap):
        found = measure(picture(line(60, 25)), Box(*edges), SlantedSearch())
        assert found is None or np.isfinite(found.length)
