"""The CSV: one row a frame and structure, the same columns in the same order, nothing a spreadsheet would run."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from example_readings import BOXES, THICKNESS, make_reading, with_thickness
from hypothesis import given
from hypothesis import strategies as st

from nonet.anatomy import STRUCTURES, Grade, GradeBasis, Structure
from nonet.outputs.csv_table import COLUMNS, write_csv
from nonet.outputs.output import Entry
from nonet.reading import Criterion, Grading, PlaneCriterion


def test_there_is_one_row_a_frame_and_structure_in_order(tmp_path: Path) -> None:
    write_csv(tmp_path / "f.csv", [Entry("b.png", make_reading()), Entry("a.png", make_reading())])
    rows = rows_of(tmp_path / "f.csv")
    assert [(row["name"], row["structure"]) for row in rows] == [
        (name, structure.value) for name in ("b.png", "a.png") for structure in STRUCTURES
    ]


def test_columns_keep_their_order_and_measurements_follow(tmp_path: Path) -> None:
    write_csv(tmp_path / "f.csv", [Entry("a.png", make_reading())])
    header = (tmp_path / "f.csv").read_text().splitlines()[0].split(",")
    assert header == [*COLUMNS, "box_height_mm", "box_width_mm"]


def test_no_frames_still_give_the_header(tmp_path: Path) -> None:
    write_csv(tmp_path / "f.csv", [])
    assert (tmp_path / "f.csv").read_text() == ",".join(COLUMNS) + "\n"


def test_numbers_have_the_stated_decimals(tmp_path: Path) -> None:
    write_csv(tmp_path / "f.csv", [Entry("a.png", make_reading(plane=0.5))])
    bone = rows_of(tmp_path / "f.csv")[-1]
    assert bone["score"] == "0.5000"
    assert bone["x1_px"] == "330.00"
    assert bone["spacing_x_mm"] == "0.083600"
    assert bone["box_width_mm"] == "3.090"
    assert bone["plane_probability"] == "0.5000"


def test_how_sure_it_is_of_presence_and_edges_has_columns(tmp_path: Path) -> None:
    reading = make_reading()
    sure = tuple(replace(f, visibility=0.97, edge_bands_px=(3.0, 2.0, 3.5, 2.25)) for f in reading.findings)
    write_csv(tmp_path / "f.csv", [Entry("a.png", replace(reading, findings=sure)), Entry("b.png", reading)])
    rows = rows_of(tmp_path / "f.csv")
    assert rows[0]["visibility"] == "0.9700"
    assert (rows[0]["band_x1_px"], rows[0]["band_y2_px"]) == ("3.00", "2.25")
    assert rows[-1]["visibility"] == rows[-1]["band_x1_px"] == ""


def test_what_is_not_known_is_an_empty_cell(tmp_path: Path) -> None:
    write_csv(tmp_path / "f.csv", [Entry("a.png", make_reading(visible=[Structure.THALAMI], spacing=None))])
    thalami, midbrain = rows_of(tmp_path / "f.csv")[:2]
    assert thalami["visible"] == "yes"
    assert thalami["box_width_mm"] == thalami["spacing_x_mm"] == ""
    assert midbrain["visible"] == "no"
    assert midbrain["x1_px"] == midbrain["y2_px"] == ""


def test_a_grade_comes_with_its_reason(tmp_path: Path) -> None:
    probabilities = {Grade.NORMAL: 0.1, Grade.BORDERLINE: 0.4, Grade.ABNORMAL: 0.5}
    held = (Grade.BORDERLINE, Grade.ABNORMAL)
    grading = Grading(Grade.UNDECIDED, probabilities, held, basis=GradeBasis.EDITS, disagrees_with=("a-norm",))
    write_csv(tmp_path / "f.csv", [Entry("a.png", make_reading(gradings={Structure.NASAL_BONE: grading}))])
    skin, bone = rows_of(tmp_path / "f.csv")[-2:]
    assert (bone["grade"], bone["grade_reason"]) == ("undecided", "")
    assert COLUMNS[COLUMNS.index("grade") + 1] == "grade_basis", "it stands beside the grade"
    assert (bone["grade_basis"], skin["grade_basis"]) == ("trained on controlled edits", "")
    assert (bone["grade_probability_normal"], bone["grade_probability_abnormal"]) == ("0.1000", "0.5000")
    assert bone["grade_conformal_set"] == "borderline abnormal"
    assert bone["grade_disagrees_with"] == "a-norm"
    assert (skin["grade"], skin["grade_reason"]) == ("not_assessed", "not assessed: this bundle holds no grader")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "  =cmd|' /C calc'!A0", "＝1"])
def test_a_name_is_never_a_formula(tmp_path: Path, name: str) -> None:
    write_csv(tmp_path / "f.csv", [Entry(name, make_reading(warnings=(name,)))])
    row = rows_of(tmp_path / "f.csv")[0]
    assert row["name"] == f"'{name}"
    assert row["warnings"] == f"'{name}"


@given(st.text(st.characters(codec=None)))
def test_any_name_stays_in_its_cell(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any-name.csv"
    write_csv(path, [Entry(name, make_reading())])
    rows = rows_of(path)
    assert len(rows) == len(BOXES)
    assert all(row["structure"] in {structure.value for structure in STRUCTURES} for row in rows)


def test_the_same_readings_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.csv", "two.csv"):
        write_csv(tmp_path / name, [Entry("a.png", make_reading())])
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_thickness_has_columns_for_its_interval_and_a_ratio_columns_of_its_own(tmp_path: Path) -> None:
    ratio = replace(THICKNESS, value=0.2, low=0.1, high=0.3, unit="head units")
    entries = [
        Entry("a.png", with_thickness(make_reading(), THICKNESS)),
        Entry("b.png", with_thickness(make_reading(), ratio)),
    ]
    write_csv(tmp_path / "f.csv", entries)
    nuchal = [row for row in rows_of(tmp_path / "f.csv") if row["structure"] == "nuchal_translucency"]
    known = [{key: value for key, value in row.items() if key.startswith("thickness") and value} for row in nuchal]
    assert known == [
        {"thickness_mm": "1.620", "thickness_low_mm": "1.200", "thickness_high_mm": "2.040"},
        {"thickness_head_units": "0.200", "thickness_low_head_units": "0.100", "thickness_high_head_units": "0.300"},
    ]


def test_criteria_that_are_not_met_have_a_column(tmp_path: Path) -> None:
    reading = make_reading(plane=0.9)
    criteria = (
        PlaneCriterion(Criterion.STRUCTURES_SEEN, True, 9, 7, "9 of 9 structures seen"),
        PlaneCriterion(Criterion.MAGNIFICATION, False, 0.2, 0.3, "small"),
        PlaneCriterion(Criterion.EDGES, False, 0.1, 0.4, "cut"),
        PlaneCriterion(Criterion.SHARPNESS, None, None, None, "too little tissue"),
    )
    quality = replace(reading.plane_quality, criteria=criteria)
    write_csv(tmp_path / "f.csv", [Entry("a.png", replace(reading, plane_quality=quality))])
    assert {row["plane_criteria_not_met"] for row in rows_of(tmp_path / "f.csv")} == {"magnification, edges"}
