"""The phrases that reports share."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from nonet.anatomy import Grade, GradeBasis, Structure
from nonet.frame import Spacing, SpacingSource
from nonet.outputs.phrases import (
    age_text,
    comparison_text,
    criteria_not_met,
    criterion_text,
    grade_text,
    measured,
    plane_text,
    printable,
    spacing_text,
    unmeasured,
)
from nonet.reading import (
    Criterion,
    Finding,
    Grading,
    Measurement,
    NormComparison,
    PlaneCriterion,
    PlaneQuality,
    Settings,
)

ANY_TEXT = st.text(st.characters(codec=None))


@given(ANY_TEXT)
def test_printable_text_can_be_encoded_and_controls_nothing(text: str) -> None:
    shown = printable(text)
    shown.encode("utf-8")
    assert shown.isprintable() or all(character.isprintable() or character.isspace() for character in shown)
    assert not set(shown) & set("\n\r\t\x0b\x0c\x1b\x85\u2028\u2029\u202e")


@given(ANY_TEXT)
def test_printable_text_stays_as_it_is(text: str) -> None:
    assert printable(printable(text)) == printable(text)


def test_ordinary_names_stay_readable() -> None:
    assert printable("Mädchen 12+3 (№ 4).png") == "Mädchen 12+3 (№ 4).png"


def test_a_pixel_size_names_its_source() -> None:
    assert spacing_text(Spacing(0.1, 0.1, SpacingSource.USER)) == "0.1 mm (given by user)"
    assert spacing_text(Spacing(0.1, 0.2, SpacingSource.PIXEL_SPACING)) == "0.1 x 0.2 mm (PixelSpacing)"
    assert spacing_text(Spacing(0.1, 0.1, SpacingSource.RULER, 0.001)) == "0.1 mm (from the ruler)"
    assert spacing_text(None) == "no pixel size"


def test_a_plane_without_probability_says_why() -> None:
    assert plane_text(PlaneQuality(0.973)) == "0.97"
    assert plane_text(PlaneQuality(None, "no model")) == "not assessed: no model"
    assert plane_text(PlaneQuality(None, "not assessed: no model")) == "not assessed: no model"
    assert plane_text(PlaneQuality(None)) == "not assessed"


def test_measurements_have_units_centiles_and_each_reason_once() -> None:
    norm = NormComparison("nt-x", "a town", "a journal", centile=41.0, z=-0.2, grade=Grade.NORMAL)
    known = Measurement("box_width", 3.2, "mm", centile=41.0, norms=(norm,))
    unknown = [Measurement(name, None, "mm", reason="no pixel size") for name in ("a", "b")]
    assert measured(finding(known, *unknown)) == ["box width 3.2 mm (nt-x: centile 41, normal)"]
    assert unmeasured(finding(known, *unknown)) == ["no pixel size"]
    assert measured(finding()) == []


def test_past_the_outermost_centile_a_measurement_says_so_and_populations_stand_side_by_side() -> None:
    norms = (
        NormComparison("a", "one", "s", centile=99.0, z=2.33, bound="above", grade=Grade.ABNORMAL),
        NormComparison("b", "two", "s", centile=97.25, z=1.9, grade=Grade.UNDECIDED, reason="wide"),
        NormComparison("c", "three", "s", reason="no spread"),
    )
    (text,) = measured(finding(Measurement("thickness", 3.9, "mm", norms=norms)))
    assert text == "thickness 3.9 mm (a: above centile 99, abnormal; b: centile 97.2, undecided)"
    assert comparison_text(norms[2]) == ""


def test_the_age_is_said_as_it_was_given() -> None:
    assert age_text(Settings()) == ""
    assert age_text(Settings(crl_mm=65.0)) == "CRL 65 mm"
    assert age_text(Settings(crl_mm=65.5, ga_days=89.0)) == "CRL 65.5 mm, 12+5 weeks"


def test_a_measurement_with_an_interval_gives_it() -> None:
    assert measured(finding(Measurement("thickness", 1.62, "mm", low=1.2, high=2.04))) == [
        "thickness 1.62 mm (90 % 1.2 to 2.04)"
    ]


def test_criteria_are_said_one_by_one() -> None:
    criteria = (
        PlaneCriterion(Criterion.STRUCTURES_SEEN, True, 9, 7, "9 of 9 structures seen"),
        PlaneCriterion(Criterion.EDGES, False, 0.1, 0.4, "at its edge: palate"),
        PlaneCriterion(Criterion.SHARPNESS, None, None, None, "no head was found to measure by"),
    )
    assert [criterion_text(one) for one in criteria] == [
        "structures seen, met: 9 of 9 structures seen",
        "edges, not met: at its edge: palate",
        "sharpness, not assessed: no head was found to measure by",
    ]
    assert criteria_not_met(PlaneQuality(0.9, criteria=criteria)) == "edges"
    assert criteria_not_met(PlaneQuality(0.9)) == ""


def test_a_grade_that_is_missing_says_why() -> None:
    assert grade_text(finding()) == "not assessed: no grader"


def test_a_grade_stands_with_its_probability_its_set_and_what_it_rests_on() -> None:
    known = {Grade.NORMAL: 0.05, Grade.BORDERLINE: 0.4, Grade.ABNORMAL: 0.55}
    one = Grading(Grade.ABNORMAL, known, (Grade.ABNORMAL,), basis=GradeBasis.EDITS)
    two = Grading(Grade.UNDECIDED, known, (Grade.BORDERLINE, Grade.ABNORMAL), basis=GradeBasis.SITE)
    none = Grading(Grade.NOT_ASSESSED, known, (), "not assessed: no grade fits", basis=GradeBasis.SIMULATION)
    opposed = replace(one, disagrees_with=("nt-fmf",))
    assert [grade_text(replace(finding(), grading=each)) for each in (one, two, none, opposed)] == [
        "abnormal 0.55 (trained on controlled edits)",
        "undecided: borderline 0.40 or abnormal 0.55 (site labels)",
        "not assessed: no grade fits (trained on simulated heads)",
        "abnormal 0.55 (trained on controlled edits); the opposite by norm nt-fmf",
    ]


def finding(*measurements: Measurement) -> Finding:
    grading = Grading(Grade.NOT_ASSESSED, reason="no grader")
    return Finding(Structure.NASAL_BONE, False, 0.1, 0.4, None, measurements, grading)
