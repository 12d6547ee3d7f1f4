"""From the front end of the nasal bone to the skin's outer border: a known distance is measured, or a reason given."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from nonet.anatomy import Structure
from nonet.detect.head_frame import HeadFrame
from nonet.measure.patch import HeadPicture
from nonet.measure.protocols import PROTOCOLS
from nonet.measure.span import Span
from nonet.reading import Box

HEIGHT, WIDTH = 90, 160
NOTHING = np.zeros((HEIGHT, WIDTH), np.bool_)
SKIN, BONE, TIP = Structure.NASAL_SKIN, Structure.NASAL_BONE, Structure.NASAL_TIP
BOXES = {SKIN: Box(50, 22, 100, 34), BONE: Box(55, 45, 105, 59), TIP: Box(28, 24, 52, 34)}
HALF = 3
"""Of the width of both lines, pixels."""
_RANGE_DB, _GAMMA = 42.0, 1.8


def nose(*, bone: float = 210.0, skin: float = 190.0, slope: float = 0.0) -> np.ndarray:
    """Fluid, the skin's line, tissue, and the bone's line from 62 to 98, as a machine shows them."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float64)
    skin_at = 28 + slope * (columns - 62)
    echo = np.where(rows < skin_at, _echo(8.0), _echo(60.0))
    echo[np.abs(rows - skin_at) < HALF] = _echo(skin)
    echo[(np.abs(columns - 80) < 18) & (np.abs(rows - 52) < HALF)] = _echo(bone)
    grey = 256 * np.tanh((20 / _RANGE_DB * np.log10(ndimage.gaussian_filter(echo, (1.0, 3.0)))) ** _GAMMA)
    return np.clip(grey + np.random.default_rng(0).normal(0, 2, grey.shape), 0, 255).astype(np.uint8)


def _echo(grey: float) -> float:
    return float(10 ** (_RANGE_DB / 20 * np.arctanh(grey / 256) ** (1 / _GAMMA)))


def measure(pixels: np.ndarray, boxes: dict[Structure, Box] = BOXES, drawn: np.ndarray = NOTHING) -> Span | str:
    return PROTOCOLS[SKIN][0].measure(HeadPicture(pixels, drawn, HeadFrame(0, 0, 1)), boxes)


@pytest.mark.parametrize("slope", [0.0, 0.15, -0.15])
def test_the_shortest_distance_to_the_outer_border_is_measured(slope: float) -> None:
    found = measure(nose(slope=slope))
    assert isinstance(found, Span)
    assert found.length == pytest.approx(24 * np.cos(np.arctan(slope)) + HALF, abs=1.5)
    assert found.low <= found.length <= found.high
    assert found.start[0] == pytest.approx(62, abs=2)
    assert found.start[1] == pytest.approx(52, abs=1.5)
    assert found.end[1] < found.start[1]


def test_the_front_end_is_the_one_nearer_to_the_tip_and_else_the_left_one() -> None:
    right = measure(nose(), {**BOXES, TIP: Box(110, 24, 130, 34)})
    without = measure(nose(), {SKIN: BOXES[SKIN], BONE: BOXES[BONE]})
    assert isinstance(right, Span) and isinstance(without, Span)
    assert right.start[0] == pytest.approx(98, abs=2)
    assert without.start[0] == pytest.approx(62, abs=2)


def test_without_bone_or_line_there_is_a_reason() -> None:
    assert measure(nose(), {SKIN: BOXES[SKIN]}) == "not measurable: the nasal bone is not visible"
    nothing = "not measurable: nasal bone or skin has no line"
    assert measure(nose(bone=60)) == nothing
    assert measure(np.zeros((HEIGHT, WIDTH), np.uint8)) == nothing
    assert measure(np.full((HEIGHT, WIDTH), 80, np.uint8)) == nothing
    drawn = NOTHING.copy()
    drawn[15:40] = True
    assert measure(nose(), drawn=drawn) == nothing


def test_a_skin_below_the_bone_is_none() -> None:
    assert isinstance(measure(nose(), {**BOXES, SKIN: Box(50, 70, 100, 82)}), str)


@pytest.mark.parametrize("edges", [(-50, -20, 10, 4), (158, 80, 170, 100), (80, 50, 81, 51), (-5, -5, 500, 500)])
@pytest.mark.parametrize("structure", [SKIN, BONE, TIP])
def test_boxes_on_the_edge_or_too_small_raise_nothing(
    structure: Structure, edges: tuple[float, float, float, float]
) -> None:
    found = measure(nose(), {**BOXES, structure: Box(*edges)})
    assert isinstance(found, str) or np.isfinite(found.length)
