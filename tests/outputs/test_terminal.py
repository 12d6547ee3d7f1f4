"""The terminal table: one row a frame, nine rows for one reading, and no name that a terminal obeys."""

from __future__ import annotations

import io

from example_readings import THICKNESS, make_reading, with_thickness
from rich.console import Console, RenderableType

from nonet.anatomy import STRUCTURES, Grade, GradeBasis, Structure
from nonet.outputs.terminal import render, render_one
from nonet.reading import Grading


def test_a_batch_has_one_row_a_frame() -> None:
    seen = [name for name in STRUCTURES if name is not Structure.PALATE]
    lines = printed(render([("a.png", make_reading()), ("b.png", make_reading(visible=seen))])).splitlines()
    assert lines[1].split() == ["a.png", "9/9", "TMPVCNtsb", "0.0836", "-", "-"]
    assert lines[2].split()[:3] == ["b.png", "8/9", "TM·VCNtsb"]


def test_letters_are_explained() -> None:
    text = " ".join(printed(render([("a.png", make_reading())])).split())
    assert all(name.label in text for name in STRUCTURES)


def test_a_warning_is_written_once_and_referred_to_by_number() -> None:
    rows = [("a", make_reading(warnings=("Dark", "Small"))), ("b", make_reading(warnings=("Small",)))]
    text = printed(render(rows))
    lines = text.splitlines()
    assert lines[1].split()[-2:] == ["1", "2"]
    assert lines[2].split()[-1] == "2"
    assert text.count("Small") == 1


def test_a_frame_without_pixel_size_has_none_in_its_column_and_no_warning() -> None:
    text = printed(render([("a.png", make_reading(spacing=None, warnings=("no pixel size: no millimetres",)))]))
    assert text.splitlines()[1].split() == ["a.png", "9/9", "TMPVCNtsb", "-", "-", "-"]


def test_one_reading_has_nine_rows_with_probability_box_and_millimetres() -> None:
    text = printed(render_one("a.png", make_reading()))
    rows = {name: next(line for line in text.splitlines() if name.label in line) for name in STRUCTURES}
    assert "330,89-367,101" in rows[Structure.NASAL_BONE]
    assert "3.1 x 1.0" in rows[Structure.NASAL_BONE]
    assert "0.50" in rows[Structure.NASAL_BONE]
    assert text.count("not assessed: this bundle holds no grader") == 1


def test_one_reading_says_what_is_not_visible_and_what_is_abnormal() -> None:
    grading = Grading(Grade.ABNORMAL, {Grade.ABNORMAL: 0.93}, (Grade.ABNORMAL,), basis=GradeBasis.EDITS)
    graded = {Structure.NUCHAL_TRANSLUCENCY: grading}
    text = printed(render_one("a.png", make_reading(visible=STRUCTURES[:6], gradings=graded)))
    row = {name: next(line for line in text.splitlines() if name.label in line) for name in STRUCTURES}
    assert "·····N···  grade abnormal 0.93 (trained on controlled edits)" in text
    assert "abnormal" not in "".join(row.values()), "no grade stands without what it rests on"
    assert " - " in row[Structure.NASAL_TIP]
    assert "195,190-285,260" in row[Structure.THALAMI]


def test_names_and_warnings_cannot_steer_the_terminal() -> None:
    hostile = "\x1b[2J[bold]a\u202egnp.\udcff\n.png"
    reading = make_reading(warnings=("\x1b]0;title\x07",))
    for text in (printed(render([(hostile, reading)])), printed(render_one(hostile, reading))):
        text.encode("utf-8")
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "[bold]" in text


def test_what_was_measured_stands_below_the_table() -> None:
    text = printed(render_one("a.png", with_thickness(make_reading(), THICKNESS)))
    assert "·····N···  thickness 1.62 mm (90 % 1.2 to 2.04)" in text
    assert "box width" not in text


def printed(table: RenderableType) -> str:
    console = Console(file=io.StringIO(), width=160)
    console.print(table)
    return console.file.getvalue()  # type: ignore[attr-defined]
