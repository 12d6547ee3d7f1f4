"""Distances become measurements with an interval, a place and a unit, or say why not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nonet.anatomy import STRUCTURES, Structure
from nonet.bundle import Bundle
from nonet.detect import Detector
from nonet.detect.head_frame import HEAD_SCALE
from nonet.detect.located import Located
from nonet.frame import Frame, Source, Spacing, SpacingSource
from nonet.frames import hide_overlay
from nonet.measure import measure_extent, measure_spans, measure_structures, withheld
from nonet.measure.interval import intervals
from nonet.measure.protocols import MEASURED, PROTOCOLS, Measured
from nonet.reading import Box, Measurement
from nonet.simulate import Simulated, simulate
from nonet.simulate.measured_heads import TRUTH, known_mm

SEED = 9_000_315
GAP = (Structure.PALATE, "gap")
LENGTHS = [measured for measured in MEASURED if measured != GAP]


@pytest.fixture(scope="module")
def made() -> Simulated:
    return simulate(SEED)


@pytest.fixture(scope="module")
def located(made: Simulated) -> Located:
    return Detector(Bundle()).locate(hide_overlay(Frame(made.pixels, Source("PNG", "0" * 64))))


@pytest.fixture(scope="module")
def boxes(located: Located) -> dict[Structure, Box]:
    return {one.structure: one.box for one in located.detections}


def measured(
    located: Located, boxes: dict[Structure, Box], x_mm: float | None, y_mm: float | None = None
) -> dict[Measured, Measurement]:
    spacing = Spacing(x_mm, y_mm or x_mm, SpacingSource.USER) if x_mm else None
    found = measure_structures(located, replace(located.frame, spacing=spacing), boxes)
    return {(structure, name): {one.name: one for one in found[structure]}[name] for structure, name in MEASURED}


@pytest.mark.parametrize("name", LENGTHS)
def test_millimetres_follow_the_pixel_size_and_lie_in_their_interval(
    name: Measured, located: Located, boxes: dict[Structure, Box], made: Simulated
) -> None:
    found = measured(located, boxes, made.mm_per_px)[name]
    double = measured(located, boxes, 2 * made.mm_per_px)[name]
    assert found.value is not None and found.low is not None and found.high is not None and found.place is not None
    assert found.unit == "mm"
    assert found.low < found.value < found.high
    assert double.value == pytest.approx(2 * found.value, abs=0.02)
    across = np.subtract(*found.place) * made.mm_per_px
    assert np.hypot(*across) == pytest.approx(found.value, abs=0.05)
    assert found.value == pytest.approx(known_mm(SEED, made, name), abs=0.7)
    box = boxes[name[0]]
    assert all(box.x1 - box.width / 4 <= x <= box.x2 + box.width / 4 for x, _ in found.place)
    assert all(box.y1 - box.height <= y <= box.y2 + box.height for _, y in found.place)


def test_pixels_that_are_not_square_are_measured_along_the_line(located: Located, boxes: dict[Structure, Box]) -> None:
    square, tall = measured(located, boxes, 0.1), measured(located, boxes, 0.1, 0.2)
    for name in LENGTHS:
        low, high = square[name].value, tall[name].value
        assert low is not None and high is not None
        assert low <= high <= 2 * low + 0.01
    nuchal, bone = (Structure.NUCHAL_TRANSLUCENCY, "thickness"), (Structure.NASAL_BONE, "length")
    growth = {each: (tall[each].value or 0) / (square[each].value or 1) for each in (nuchal, bone)}
    assert growth[nuchal] > 1.8
    assert growth[bone] < 1.2


def test_without_a_pixel_size_it_is_a_ratio(located: Located, boxes: dict[Structure, Box]) -> None:
    ratios, millimetres = measured(located, boxes, None), measured(located, boxes, 1.0)
    for name in LENGTHS:
        ratio, length = ratios[name], millimetres[name]
        assert ratio.unit == "head units"
        assert ratio.value is not None and length.value is not None and 0 < ratio.value < 1.5
        assert ratio.value * HEAD_SCALE / located.place.scale == pytest.approx(length.value, rel=0.01)


def test_every_box_has_its_extent_and_the_bone_its_echo(located: Located, boxes: dict[Structure, Box]) -> None:
    found = measure_structures(located, located.frame, boxes)
    assert list(found) == list(STRUCTURES)
    assert all([one.name for one in each[:2]] == ["box_width", "box_height"] for each in found.values())
    assert [one.name for one in found[Structure.NASAL_BONE]] == ["box_width", "box_height", "length", "echo"]
    assert [one.name for one in found[Structure.PALATE]] == ["box_width", "box_height", "length", "gap"]
    assert len(found[Structure.THALAMI]) == len(found[Structure.NASAL_TIP]) == 2
    only = {Structure.NASAL_BONE: boxes[Structure.NASAL_BONE]}
    echo = measure_structures(located, located.frame, only)[Structure.NASAL_BONE][-1]
    assert echo.reason == "not measurable: the nasal skin is not visible"


def test_on_another_plane_all_but_the_extent_is_withheld(located: Located, boxes: dict[Structure, Box]) -> None:
    spacing = Spacing(0.1, 0.1, SpacingSource.USER)
    bone = Structure.NASAL_BONE
    extent = measure_extent(boxes[bone], spacing)
    frame = replace(located.frame, spacing=spacing)
    *same, length, echo = withheld(measure_structures(located, frame, boxes)[bone])
    assert tuple(same) == extent
    assert (length.value, length.reason, length.place) == (None, "withheld: the plane is not standard", None)
    assert (echo.value, echo.unit) == (None, "ratio to skin")


def test_without_edges_there_is_a_reason() -> None:
    dark = Detector(Bundle()).locate(hide_overlay(Frame(np.zeros((400, 600), np.uint8), Source("PNG", "0" * 64))))
    boxes = {structure: Box(100, 200, 300, 230) for structure in PROTOCOLS}
    assert measure_spans(dark, boxes) == dict.fromkeys(MEASURED)
    for structure, found in measure_structures(dark, dark.frame, boxes).items():
        for protocol, one in zip(PROTOCOLS[structure], found[2:], strict=False):
            assert (one.name, one.value) == (protocol.name, None)
            assert one.reason is not None and one.reason.startswith("not measurable")


def test_a_whole_palate_has_a_gap_of_nothing_with_no_place(
    located: Located, boxes: dict[Structure, Box], made: Simulated
) -> None:
    for x_mm, unit in ((made.mm_per_px, "mm"), (None, "head units")):
        gap = measured(located, boxes, x_mm)[GAP]
        assert gap == Measurement("gap", 0.0, unit)


def test_a_distance_between_structures_needs_both(located: Located, boxes: dict[Structure, Box]) -> None:
    skin = Structure.NASAL_SKIN
    alone = measure_structures(located, located.frame, {skin: boxes[skin]})[skin][-1]
    assert (alone.name, alone.value) == ("skin_thickness", None)
    assert alone.reason == "not measurable: the nasal bone is not visible"
    without_tip = {one: box for one, box in boxes.items() if one is not Structure.NASAL_TIP}
    both = measured(located, boxes, 0.1), measure_spans(located, without_tip)
    assert both[0][skin, "skin_thickness"].value is not None
    assert both[1][skin, "skin_thickness"] is not None


def test_each_interval_says_what_it_is_from() -> None:
    assert set(intervals()) == set(LENGTHS) == set(TRUTH)
    for interval in intervals().values():
        assert interval.frames >= 50
        assert interval.share == 0.9
        assert 0.2 < interval.factor < 6
    assert "print" in intervals()[Structure.NUCHAL_TRANSLUCENCY, "thickness"].source
    assert "simulated" in intervals()[Structure.CISTERNA_MAGNA, "width"].source
