"""A bright line of known length is measured, slanted or not; what is no line, or drawn over, is not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from nonet.anatomy import Structure
from nonet.detect.head_frame import HeadFrame
from nonet.measure.echo import measure_echo
from nonet.measure.patch import HeadPicture
from nonet.measure.protocols import PROTOCOLS
from nonet.measure.span import Span
from nonet.reading import Box

HEIGHT, WIDTH = 90, 160
NOTHING = np.zeros((HEIGHT, WIDTH), np.bool_)
BONE = Box(55, 45, 105, 59)
SKIN = Box(60, 22, 100, 34)
_RANGE_DB, _GAMMA = 42.0, 1.8


def nose(length: float, *, slope: float = 0.0, bone: float = 200.0, skin: float = 180.0) -> np.ndarray:
    """Tissue with the bone's line in its box, and the skin's above it, as a machine shows them.

    Echoes are drawn out by a beam; what is shown is their logarithm, on a grey map as the simulator's machines have it.
    """
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float64)
    along, across = columns - 80, np.abs(rows - 52 - slope * (columns - 80))
    on_bone = (np.abs(along) * np.hypot(1, slope) < length / 2) & (across < 3)
    on_skin = (np.abs(along) < 20) & (np.abs(rows - 28) < 3)
    echo = np.where(on_bone, _echo(bone), np.where(on_skin, _echo(skin), _echo(50.0)))
    grey = _grey(ndimage.gaussian_filter(echo, (1.0, 4.0)))
    return np.clip(grey + np.random.default_rng(0).normal(0, 3, grey.shape), 0, 255).astype(np.uint8)


def _echo(grey: float) -> float:
    return 10 ** (_RANGE_DB / 20 * np.arctanh(grey / 256) ** (1 / _GAMMA))


def _grey(echo: np.ndarray) -> np.ndarray:
    return 256 * np.tanh((20 / _RANGE_DB * np.log10(echo)) ** _GAMMA)


def picture(pixels: np.ndarray, drawn: np.ndarray = NOTHING) -> HeadPicture:
    return HeadPicture(pixels, drawn, HeadFrame(0, 0, 1))


def measure(pixels: np.ndarray, box: Box = BONE, drawn: np.ndarray = NOTHING) -> Span | None:
    bone = Structure.NASAL_BONE
    found = PROTOCOLS[bone][0].measure(picture(pixels, drawn), {bone: box})
    return None if isinstance(found, str) else found


@pytest.mark.parametrize("length", [26, 34, 42])
@pytest.mark.parametrize("slope", [0.0, 0.1, -0.1])
def test_the_length_is_that_from_end_to_end(length: float, slope: float) -> None:
    found = measure(nose(length, slope=slope))
    assert found is not None
    assert found.length == pytest.approx(length, abs=3)
    assert found.low <= found.length <= found.high
    assert found.start[0] < found.end[0]
    assert (found.start[0] + found.end[0]) / 2 == pytest.approx(80, abs=1.5)
    assert np.hypot(*np.subtract(found.end, found.start)) == pytest.approx(found.length, abs=1e-6)


def test_what_is_no_brighter_than_what_lies_below_is_no_line() -> None:
    assert measure(np.full((HEIGHT, WIDTH), 80, np.uint8)) is None
    assert measure(np.zeros((HEIGHT, WIDTH), np.uint8)) is None
    assert measure(nose(30, bone=60)) is None


def test_a_line_that_is_drawn_over_is_not_measured() -> None:
    drawn = NOTHING.copy()
    drawn[40:65, 50:110] = True
    assert measure(nose(30), drawn=drawn) is None


@pytest.mark.parametrize("edges", [(-50, -20, 10, 4), (158, 80, 170, 100), (80, 50, 81, 51), (-5, -5, 500, 500)])
def test_boxes_on_the_edge_or_too_small_raise_nothing(edges: tuple[float, float, float, float]) -> None:
    found = measure(nose(30), Box(*edges))
    assert found is None or np.isfinite(found.length)


def test_the_echo_is_the_ratio_of_both_lines() -> None:
    bright = measure_echo(picture(nose(30, bone=220, skin=150)), BONE, SKIN)
    faint = measure_echo(picture(nose(30, bone=90, skin=180)), BONE, SKIN)
    assert bright.value == pytest.approx(220 / 150, rel=0.1)
    assert faint.value == pytest.approx(90 / 180, rel=0.15)
    assert (bright.name, bright.unit, bright.low) == ("echo", "ratio to skin", None)


def test_without_a_skin_there_is_no_echo() -> None:
    without = measure_echo(picture(nose(30)), BONE, None)
    assert (without.value, without.reason) == (None, "not measurable: the nasal skin is not visible")
    dark = measure_echo(picture(np.zeros((HEIGHT, WIDTH), np.uint8)), BONE, SKIN)
    assert dark.value is None
    assert dark.reason is not None and dark.reason.startswith("not measurable")
