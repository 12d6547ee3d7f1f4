"""The picture shows every box where it is, names it once, and says what was not seen."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from example_readings import BOXES, THICKNESS, make_reading, noise, with_thickness
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw

from nonet.anatomy import STRUCTURES, Grade, GradeBasis, Structure
from nonet.outputs.palette import MARKS
from nonet.outputs.picture.annotate import GRADED_PITCH, _fitted, _graded
from nonet.outputs.picture.caption import HEADER, _ungraded
from nonet.outputs.picture.draw import draw
from nonet.outputs.picture.inset import nose_view
from nonet.outputs.picture.line_art import CHIP, font
from nonet.reading import Box, Grading, Measurement, Reading

MARGIN = 236
SCALE = 1000 / 680
NOSE = (Structure.NASAL_TIP, Structure.NASAL_SKIN, Structure.NASAL_BONE)


def test_the_same_reading_gives_the_same_picture(pixels: NDArray[np.uint8], reading: Reading) -> None:
    assert draw(pixels, reading).tobytes() == draw(pixels, reading).tobytes()


def test_a_small_frame_is_enlarged_to_a_thousand_pixels(pixels: NDArray[np.uint8], reading: Reading) -> None:
    picture = draw(pixels, reading)
    assert picture.mode == "RGB"
    assert picture.width == 1000 + 2 * MARGIN


@pytest.mark.parametrize("structure", STRUCTURES)
def test_a_box_is_outlined_in_its_colour_around_its_pixels(pixels: NDArray[np.uint8], structure: Structure) -> None:
    drawn = has_colour(draw(pixels, make_reading(visible=[structure])), MARKS[structure].colour)
    box = on_sheet(BOXES[structure])
    rows = drawn[round(box.y1) - 3 : round(box.y2) + 3, round(box.x1) - 3 : round(box.x2) + 3]
    inside = drawn[round(box.y1) + 1 : round(box.y2) - 1, round(box.x1) + 1 : round(box.x2) - 1]
    assert rows.any(axis=1).mean() > 0.4
    assert rows.any(axis=0).mean() > 0.4
    assert not inside.any()


def test_a_structure_that_is_not_visible_leaves_no_box(pixels: NDArray[np.uint8]) -> None:
    without = [name for name in STRUCTURES if name is not Structure.PALATE]
    drawn = has_colour(draw(pixels, make_reading(visible=without)), MARKS[Structure.PALATE].colour)
    frame = drawn[HEADER : HEADER + round(490 * SCALE), MARGIN : MARGIN + 1000]
    assert not frame.any()
    assert drawn.any(), "its hollow chip below the frame"


@pytest.mark.parametrize("sizes", ["", "2.9 mm", "0.95 head units", "length 0.72, gap 0.12 head units"])
def test_a_label_keeps_to_its_margin(sizes: str) -> None:
    pen = ImageDraw.Draw(Image.new("L", (1, 1)))
    lines = _fitted(pen, "visible > 99 %", sizes)
    assert ", ".join(filter(None, ("visible > 99 %", sizes))) == lines[0][0] or len(lines) == 2
    check_margin(pen, lines)


@pytest.mark.parametrize("basis", list(GradeBasis))
@pytest.mark.parametrize("held", [(Grade.ABNORMAL,), (Grade.NORMAL, Grade.BORDERLINE, Grade.ABNORMAL)])
@pytest.mark.parametrize("size", [None, THICKNESS])
def test_the_label_of_a_grade_holds_its_basis_and_keeps_to_its_margin(
    size: Measurement | None, held: tuple[Grade, ...], basis: GradeBasis
) -> None:
    pen = ImageDraw.Draw(Image.new("L", (1, 1)))
    grade = held[0] if len(held) == 1 else Grade.UNDECIDED
    grading = Grading(grade, dict.fromkeys(held, 1 / len(held)), held, basis=basis)
    reading = make_reading(gradings={Structure.NUCHAL_TRANSLUCENCY: grading})
    shown = (with_thickness(reading, size) if size else reading)[Structure.NUCHAL_TRANSLUCENCY]
    lines = _graded(pen, shown)
    assert lines[1][0].startswith(grade.value)
    assert lines[2][0] == basis.value
    check_margin(pen, lines)
    drops = [drop for _, drop, _ in lines]
    assert all(below - above >= 16 for above, below in pairwise(drops)), "lines do not run into each other"
    assert drops[-1] + 8 <= GRADED_PITCH / 2


def test_what_is_not_graded_is_said_below_only_beside_grades(reading: Reading) -> None:
    norm = Grading(Grade.NOT_ASSESSED, reason="not assessed: no published norm")
    grade = Grading(Grade.NORMAL, basis=GradeBasis.EDITS)
    gradings = dict.fromkeys(STRUCTURES, grade) | {Structure.THALAMI: norm, Structure.NASAL_TIP: norm}
    assert _ungraded(make_reading(gradings=gradings)) == ["1 7: not assessed: no published norm"]
    assert _ungraded(reading) == []


def check_margin(pen: ImageDraw.ImageDraw, lines: list[tuple[str, int, int]]) -> None:
    for words, _, size in lines:
        assert pen.textlength(words, font(size)) <= MARGIN - 14 - CHIP - 8
    assert min(size for _, _, size in lines) >= 10


def test_callipers_stand_where_a_thickness_was_taken(pixels: NDArray[np.uint8], reading: Reading) -> None:
    without, with_them = (np.asarray(draw(pixels, each)) for each in (reading, with_thickness(reading, THICKNESS)))
    frame = np.s_[: HEADER + round(490 * SCALE), MARGIN : MARGIN + 1000]
    changed = np.argwhere((without[frame] != with_them[frame]).any(axis=2)) + np.array([0, MARGIN])
    ends = [(HEADER + y * SCALE, MARGIN + x * SCALE) for x, y in THICKNESS.place or ()]
    assert changed.min(axis=0) == pytest.approx(np.min(ends, axis=0) - 5, abs=3)
    assert changed.max(axis=0) == pytest.approx(np.max(ends, axis=0) + 5, abs=3)


def test_the_nose_is_shown_enlarged(reading: Reading) -> None:
    view = nose_view(reading.findings, reading.image, SCALE, 0, 0)
    assert view is not None
    assert view.scale >= 2 * SCALE
    for structure in NOSE:
        assert view.place(BOXES[structure]).height >= 28


def test_the_enlarged_nose_stays_within_the_frame() -> None:
    corner = {name: Box(5 * i, 4 * i, 5 * i + 20, 4 * i + 6) for i, name in enumerate(STRUCTURES)}
    reading = make_reading(boxes=corner, width=120, height=60)
    view = nose_view(reading.findings, reading.image, 1.0, 0, 0)
    assert view is not None
    assert view.part.x1 >= 0
    assert view.part.y1 >= 0
    assert view.part.x2 <= 120
    assert view.part.y2 <= 60


def test_a_nose_that_is_large_enough_needs_no_second_view() -> None:
    large = {name: Box(10, 10 + 60 * i, 90, 60 + 60 * i) for i, name in enumerate(STRUCTURES)}
    reading = make_reading(boxes=large)
    assert nose_view(reading.findings, reading.image, SCALE, 0, 0) is None


def test_a_scale_bar_is_drawn_only_where_the_pixel_size_is_known(pixels: NDArray[np.uint8]) -> None:
    below = HEADER + round(490 * SCALE)
    strips = [
        np.asarray(draw(pixels, make_reading(spacing=spacing)))[below + 4 : below + 30, MARGIN : MARGIN + 300]
        for spacing in (make_reading().spacing, None)
    ]
    assert [bool((strip > 200).any()) for strip in strips] == [True, False]


def test_a_grade_changes_the_picture(pixels: NDArray[np.uint8], reading: Reading) -> None:
    graded = make_reading(gradings={Structure.NASAL_BONE: Grading(Grade.ABNORMAL, basis=GradeBasis.EDITS)})
    assert draw(pixels, graded).tobytes() != draw(pixels, reading).tobytes()


@pytest.mark.parametrize(("width", "height"), [(1, 1), (64, 48), (120, 900), (900, 20), (3000, 1200)])
def test_a_frame_of_any_shape_is_drawn(width: int, height: int) -> None:
    boxes = {name: Box(width * i / 10, 0, width * (i + 1) / 10, height) for i, name in enumerate(STRUCTURES)}
    reading = make_reading(boxes=boxes, width=width, height=height)
    picture = draw(noise(width=width, height=height), reading)
    assert 1000 <= picture.width <= 2100
    assert picture.height <= 1800


def on_sheet(box: Box) -> Box:
    x1, y1, x2, y2 = (edge * SCALE for edge in box.xyxy)
    return Box(x1 + MARGIN, y1 + HEADER, x2 + MARGIN, y2 + HEADER)


def has_colour(picture: Image.Image, colour: str) -> NDArray[np.bool_]:
    return (np.asarray(picture) == ImageColor.getrgb(colour)).all(axis=2)
