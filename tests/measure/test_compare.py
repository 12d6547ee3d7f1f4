"""A measurement beside its norms: centile, z-score and grade, and nothing where nothing can be said."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonet.anatomy import Grade, Structure
from nonet.measure.compare import compared, place_in
from nonet.measure.norms import Norm, shipped_norms
from nonet.reading import Measurement, NormComparison

NT, BONE, VENTRICLE = Structure.NUCHAL_TRANSLUCENCY, Structure.NASAL_BONE, Structure.FOURTH_VENTRICLE


def norm(name: str) -> Norm:
    return next(norm for norm in shipped_norms().norms if norm.id == name)


def beside(structure: Structure, name: str, value: float | None, half: float | None = 0.0) -> dict[str, NormComparison]:
    low, high = (None, None) if half is None or value is None else (value - half, value + half)
    measurement = compared(Measurement(name, value, "mm", low=low, high=high), structure, shipped_norms(), 65.0)
    return {one.norm: one for one in measurement.norms}


def fmf(centile: float, crl: float) -> float:
    return dict(norm("nt-fmf").curves_at(crl))[centile]


@pytest.mark.parametrize("crl", [45.0, 60.0, 84.0])
@pytest.mark.parametrize("centile", [50.0, 95.0, 99.0])
def test_a_published_centile_is_given_back(crl: float, centile: float) -> None:
    place = place_in(norm("nt-fmf"), fmf(centile, crl), crl)
    assert place is not None
    assert (place.centile, place.z) == (pytest.approx(centile), pytest.approx(NormalDist().inv_cdf(centile / 100)))


def test_between_two_centiles_the_deviate_is_linear_in_the_logarithm() -> None:
    middle = math.sqrt(fmf(50, 65) * fmf(95, 65))
    place = place_in(norm("nt-fmf"), middle, 65)
    assert place is not None and place.z == pytest.approx(NormalDist().inv_cdf(0.95) / 2)


@given(st.floats(0.1, 8), st.floats(0.1, 8), st.floats(45, 84), st.sampled_from(shipped_norms().norms))
def test_a_larger_value_never_has_a_lower_centile(one: float, other: float, crl: float, of: Norm) -> None:
    lower, upper = (place_in(of, value, crl) for value in sorted((one, other)))
    if lower is not None and upper is not None:
        assert 0 <= lower.least <= upper.greatest <= 100
        assert lower.centile <= upper.centile + 1e-9


def test_past_the_outermost_centile_only_that_is_said() -> None:
    below, above = (beside(NT, "thickness", value)["nt-fmf"] for value in (1.0, 4.0))
    assert (below.bound, below.centile, below.grade) == ("below", 50.0, Grade.NORMAL)
    assert (above.bound, above.centile, above.grade) == ("above", 99.0, Grade.ABNORMAL)


@pytest.mark.parametrize(
    ("z", "grade"),
    [(0.0, Grade.NORMAL), (1.6, Grade.NORMAL), (9.0, Grade.NORMAL), (-1.6, Grade.NORMAL), (-1.7, Grade.BORDERLINE),
     (-2.3, Grade.BORDERLINE), (-2.4, Grade.ABNORMAL)],
)  # fmt: skip
def test_a_grade_is_by_the_5th_and_the_1st_centile_on_the_side_that_is_a_finding(z: float, grade: Grade) -> None:
    line, spread = norm("nb-india").expected, norm("nb-india").sd_mm
    assert line is not None and spread is not None
    assert beside(BONE, "length", line.at(65) + z * spread.at(65))["nb-india"].grade is grade


@pytest.mark.parametrize(
    ("centile", "grade"), [(90, Grade.NORMAL), (94.9, Grade.NORMAL), (95.1, Grade.BORDERLINE), (98.9, Grade.BORDERLINE)]
)
def test_a_thickness_is_graded_upwards(centile: float, grade: Grade) -> None:
    z, known = NormalDist().inv_cdf(centile / 100), NormalDist().inv_cdf(0.95)
    low, high, from_z, to_z = (50, 95, 0.0, known) if centile < 95 else (95, 99, known, NormalDist().inv_cdf(0.99))
    share = (z - from_z) / (to_z - from_z)
    value = fmf(low, 65) ** (1 - share) * fmf(high, 65) ** share
    assert beside(NT, "thickness", value)["nt-fmf"].grade is grade


def test_an_interval_across_a_border_is_undecided() -> None:
    near = fmf(95, 65) - 0.05
    assert beside(NT, "thickness", near, 0.02)["nt-fmf"].grade is Grade.NORMAL
    wide = beside(NT, "thickness", near, 0.1)["nt-fmf"]
    assert wide.grade is Grade.UNDECIDED and wide.reason is not None and "interval" in wide.reason


def test_past_a_centile_that_does_not_tell_grades_apart_it_is_not_assessed() -> None:
    thick = beside(NT, "thickness", 2.6)["nt-germany"]
    assert (thick.grade, thick.bound) == (Grade.NOT_ASSESSED, "above")
    assert thick.reason is not None


def test_a_norm_without_a_spread_gives_what_is_expected_and_no_centile() -> None:
    only = beside(VENTRICLE, "antero_posterior", 1.8)["it-turkey"]
    assert (only.centile, only.z, only.grade) == (None, None, Grade.NOT_ASSESSED)
    assert only.expected == 1.84 and only.reason is not None and "spread" in only.reason


def test_populations_stand_side_by_side() -> None:
    bones = beside(BONE, "length", 2.4)
    assert list(bones) == ["nb-india", "nb-turkey", "nb-spec-1040", "nb-spec-394"]
    expected = [one.expected for one in bones.values() if one.expected]
    assert max(expected) > 1.8 * min(expected)
    assert bones["nb-india"].centile != bones["nb-turkey"].centile


def test_the_centile_of_a_measurement_is_by_the_first_norm_whatever_its_value() -> None:
    measurement = compared(Measurement("length", 2.4, "mm", low=2.3, high=2.5), BONE, shipped_norms(), 65.0)
    assert measurement.centile == measurement.norms[0].centile
    thin = compared(Measurement("thickness", 1.2, "mm", low=1.1, high=1.3), NT, shipped_norms(), 65.0)
    assert thin.norms[0].bound == "below" and thin.centile is None


def test_on_a_plane_that_is_not_known_to_be_standard_there_is_a_centile_and_no_grade() -> None:
    thick = Measurement("thickness", 4.5, "mm", low=4.4, high=4.6)
    graded, ungraded = (compared(thick, NT, shipped_norms(), 65.0, standard=one).norms[0] for one in (True, False))
    assert (graded.grade, ungraded.grade) == (Grade.ABNORMAL, Grade.NOT_ASSESSED)
    assert (graded.centile, graded.bound) == (ungraded.centile, ungraded.bound)
    assert ungraded.reason is not None and "plane" in ungraded.reason


def test_nobody_lies_at_the_centile_0_or_100() -> None:
    long, short = (beside(BONE, "length", value)["nb-india"].centile for value in (9.0, 0.2))
    assert (short, long) == (0.1, 99.9)


def test_without_millimetres_or_an_interval_there_is_a_reason() -> None:
    assert beside(NT, "thickness", None)["nt-fmf"].reason is not None
    units = compared(Measurement("thickness", 0.2, "head units", low=0.1, high=0.3), NT, shipped_norms(), 65.0)
    assert all(one.centile is None and one.reason for one in units.norms) and units.centile is None
    bare = beside(NT, "thickness", 1.7, None)["nt-fmf"]
    assert bare.centile is not None and bare.grade is Grade.NOT_ASSESSED and bare.reason


def test_what_has_no_norm_stays_as_it_is() -> None:
    measurement = Measurement("box_width", 2.0, "mm")
    assert compared(measurement, NT, shipped_norms(), 65.0) is measurement
