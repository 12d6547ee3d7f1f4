"""The bands of edits are ordered, set apart, of stated sources, and of the population that the benchmark measured."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors_raised import raised
from nonet.anatomy import Grade, Structure
from nonet.errors import SettingsError
from nonet.simulate.edits.bands import GRADES, EditBand, draw_target, edit_bands
from nonet.simulate.edits.edit import EDITED

BANDS = edit_bands().bands
BONE_MM = 2.28
"""Median length of the bone: it is shortened in proportion, and its error with it."""
POPULATIONS = Path(__file__).parents[3] / "benchmarks/results/edit-populations.json"


def named(band: EditBand) -> str:
    return f"{band.structure.value}-{band.variable}"


def test_what_can_be_edited_has_bands_and_nothing_else() -> None:
    assert [(band.structure, band.variable) for band in BANDS] == list(EDITED)


@pytest.mark.parametrize("band", BANDS, ids=named)
def test_every_value_that_is_drawn_has_its_grade(band: EditBand) -> None:
    for grade in GRADES:
        for low, high in band.ranges(grade):
            assert low <= high
            assert {band.grade(low), band.grade((low + high) / 2), band.grade(high)} == {grade}
            assert band.sizes[0] <= low and high <= band.sizes[1]


@pytest.mark.parametrize("band", BANDS, ids=named)
def test_grades_are_two_standard_errors_apart(band: EditBand) -> None:
    assert band.sources and all(source.text and source.checked for source in band.sources)
    for place, one in enumerate(band.beyond):
        high = one.side == "high"
        (normal,), border, abnormal = (band.ranges(grade) for grade in GRADES)
        gaps = (
            (border[place][0] - normal[1], abnormal[place][0] - border[place][1])
            if high
            else (normal[0] - border[place][1], border[place][0] - abnormal[place][1])
        )
        for gap, margin, edge in zip(gaps, one.margins, (band.normal[high], one.borderline_to), strict=True):
            assert gap >= margin / 2 - 1e-9
            if band.standard_error is not None:
                share = edge / BONE_MM if band.variable == "length" else 1.0
                assert 2 <= margin / (share * band.standard_error) <= 3


def test_normal_is_what_set1_has() -> None:
    figures = json.loads(POPULATIONS.read_text())["variables"]
    for band in BANDS:
        if band.structure is Structure.PALATE:
            continue
        row = figures[f"{band.structure.value} {band.variable}"]
        assert band.standard_error == row.get("standard_error")
        assert band.normal[0] == pytest.approx(row["own_unit"]["p5"], abs=0.02)
        if band.structure is not Structure.NUCHAL_TRANSLUCENCY:
            assert band.normal[1] == pytest.approx(row["own_unit"]["p95"], abs=0.03)
    assert edit_bands().reference_mm == pytest.approx(figures["head unit"]["own_unit"]["p50"], abs=0.005)


@given(st.integers(0, 2**32), st.sampled_from(BANDS), st.sampled_from(GRADES))
def test_a_seed_draws_one_target_of_its_grade(seed: int, band: EditBand, grade: Grade) -> None:
    target = draw_target(band, grade, np.random.default_rng(seed))
    assert target == draw_target(band, grade, np.random.default_rng(seed))
    assert band.grade(target) is grade


def test_amounts_are_drawn_evenly() -> None:
    band = edit_bands().of(Structure.NUCHAL_TRANSLUCENCY, "thickness")
    rng = np.random.default_rng(0)
    drawn = np.array([draw_target(band, Grade.ABNORMAL, rng) for _ in range(2000)])
    ((low, high),) = band.ranges(Grade.ABNORMAL)
    counts = np.histogram(drawn, bins=4, range=(low, high))[0]
    assert counts.sum() == 2000
    assert counts == pytest.approx(np.full(4, 500), abs=75)


def test_a_value_is_scaled_by_pixel_size_or_by_the_head_unit() -> None:
    band = edit_bands().of(Structure.FOURTH_VENTRICLE, "antero_posterior")
    assert band.px_per_unit(mm_per_px=0.1) == pytest.approx(10)
    assert band.px_per_unit(head_unit_px=67.8) == pytest.approx(10)
    assert edit_bands().of(Structure.NASAL_BONE, "echo").px_per_unit() == 1
    with raised(SettingsError, found="neither"):
        band.px_per_unit()


def test_what_has_no_published_norm_has_no_bands() -> None:
    with raised(SettingsError, found="no published norm"):
        edit_bands().of(Structure.THALAMI, "extent")
    with raised(SettingsError, found="undecided"):
        draw_target(BANDS[0], Grade.UNDECIDED, np.random.default_rng(0))
