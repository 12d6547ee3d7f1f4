"""A frame of a wanted grade: start by edges, target from the bands, and a sheet of them to look at."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from errors_raised import raised
from nonet.anatomy import Grade, Structure
from nonet.errors import SettingsError
from nonet.reading import Box
from nonet.simulate import STUDY_DEVICES, Simulated, same_head
from nonet.simulate.edits.bands import GRADES, edit_bands
from nonet.simulate.edits.edit import EDITED
from nonet.simulate.edits.graded import edit_to_grade
from nonet.simulate.edits.sheet import edit_strip
from nonet.simulate.edits.start import Start, agreed, head_unit_px, starting_size

ROOT = Path(__file__).parents[3]
DATA = ROOT.parent / "shared/data/fetus-framework"
GAPS = {
    "nt_mm": (Structure.NUCHAL_TRANSLUCENCY, "thickness"),
    "fourth_ventricle_mm": (Structure.FOURTH_VENTRICLE, "antero_posterior"),
    "cisterna_magna_mm": (Structure.CISTERNA_MAGNA, "width"),
}


@cache
def frame(number: int = 0) -> Simulated:
    return same_head(100 + number, (STUDY_DEVICES[number % len(STUDY_DEVICES)],))[0]


@pytest.mark.parametrize("name", GAPS)
def test_the_start_is_what_the_machine_shows(name: str) -> None:
    structure, variable = GAPS[name]
    errors = []
    for number in range(8):
        made = frame(number)
        if structure in made.boxes:
            start = starting_size(made.pixels, made.boxes, structure, variable)
            errors.append(start.edges * made.mm_per_px - made.shown[name])
    assert len(errors) >= 6
    assert np.median(np.abs(errors)) < 0.25


@pytest.mark.parametrize("grade", GRADES)
def test_the_grade_is_the_value_after_the_edit(grade: Grade) -> None:
    made = frame()
    structure, variable = Structure.FOURTH_VENTRICLE, "antero_posterior"
    found = edit_to_grade(made.pixels, made.boxes, structure, variable, grade, 5, mm_per_px=made.mm_per_px)
    assert edit_bands().of(structure, variable).grade(found.target) is grade is found.grade
    assert found.edited.amount * made.mm_per_px == pytest.approx(found.target - found.start)
    again = edit_to_grade(made.pixels, made.boxes, structure, variable, grade, 5, mm_per_px=made.mm_per_px)
    assert np.array_equal(found.edited.pixels, again.edited.pixels)
    other = edit_to_grade(made.pixels, made.boxes, structure, variable, grade, 6, mm_per_px=made.mm_per_px)
    assert other.target != found.target


def test_all_grades_of_a_frame_have_one_energy_and_one_support() -> None:
    made, tried = frame(), 0
    for structure, variable in EDITED:
        try:
            agreed(starting_size(made.pixels, made.boxes, structure, variable))
        except SettingsError:
            continue
        found = [
            edit_to_grade(made.pixels, made.boxes, structure, variable, grade, 0, mm_per_px=made.mm_per_px).edited
            for grade in GRADES
        ]
        assert len({one.support.tobytes() for one in found}) == 1
        energies = [one.warp.energy for one in found]
        assert max(energies) <= 1.02 * min(energies)
        tried += 1
    assert tried >= 5


def test_without_a_pixel_size_the_head_unit_stands_in() -> None:
    made = frame()
    unit = head_unit_px(made.boxes)
    assert unit is not None
    mm_per_px = edit_bands().reference_mm / unit
    arguments = (made.pixels, made.boxes, Structure.CISTERNA_MAGNA, "width", Grade.ABNORMAL, 0)
    assert edit_to_grade(*arguments).target == edit_to_grade(*arguments, mm_per_px=mm_per_px).target
    few = {Structure.CISTERNA_MAGNA: made.boxes[Structure.CISTERNA_MAGNA]}
    assert head_unit_px(few) is None
    with raised(SettingsError, found="neither"):
        edit_to_grade(made.pixels, few, *arguments[2:])


def test_starts_that_cannot_be_trusted_are_refused() -> None:
    made = frame()
    assert agreed(Start(10.0, 9.0)) == 10.0
    assert agreed(Start(10.0, None)) == 10.0
    with raised(SettingsError, found="10.0 and 2.0 pixels"):
        agreed(Start(10.0, 2.0))
    with raised(SettingsError, found="nasal skin"):
        starting_size(made.pixels, {Structure.NASAL_BONE: Box(0, 0, 9, 9)}, Structure.NASAL_BONE, "echo")
    with raised(SettingsError, found="thalami extent"):
        edit_to_grade(made.pixels, made.boxes, Structure.THALAMI, "extent", Grade.NORMAL, 0, mm_per_px=0.1)
    with raised(SettingsError, found="mm"):
        edit_to_grade(
            made.pixels, made.boxes, Structure.MIDBRAIN, "extent", Grade.NORMAL, 0, mm_per_px=made.mm_per_px / 3
        )


def test_a_strip_shows_four_of_a_structure() -> None:
    made = frame()
    strip, values = edit_strip(made.pixels, made.boxes, Structure.CISTERNA_MAGNA, "width", 0, mm_per_px=made.mm_per_px)
    assert strip.dtype == np.uint8 and strip.shape[0] % 4 == 0
    one = strip.shape[0] // 4
    band = edit_bands().of(Structure.CISTERNA_MAGNA, "width")
    assert values[0] == values[1]
    assert [band.grade(value) for value in values[2:]] == [Grade.BORDERLINE, Grade.ABNORMAL]
    assert any(np.array_equal(strip[: one - 2], made.pixels[y : y + one - 2, x : x + strip.shape[1]])
               for y in range(made.pixels.shape[0] - one + 3) for x in range(made.pixels.shape[1] - strip.shape[1] + 1)
               if strip[0, 0] == made.pixels[y, x])  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir(), reason="the Fetus Framework data is not beside the repository")
def test_the_tool_writes_a_sheet_a_variable(tmp_path: Path) -> None:
    command = [sys.executable, ROOT / "tools/edit_sheet.py", DATA, tmp_path, "--frames", "1"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for structure, variable in EDITED:
        with Image.open(tmp_path / f"{structure.value}-{variable}.png") as sheet:
            assert sheet.width > 40
        assert f"{structure.value} {variable}: " in printed
