"""A study without an external split, baselines, devices, a second arm or kind has its report all the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from html_reading import Reader, before, section
from study_run_folders import FRAMES, FRAMES_PLAN, GRADES, LEAST_PLAN, STRUCTURES_PLAN, make_run, write_figures

from nonet.evaluate.grading import UNKNOWN
from nonet.radiomics.radiomics_settings import RadiomicsSettings
from nonet.study.report import write_report


def page_of(folder: Path) -> str:
    write_report(folder)
    page = (folder / "report.html").read_text(encoding="utf-8")
    Reader(page)
    return page


def test_the_least_study(tmp_path: Path) -> None:
    """One arm, one kind, no baseline, nothing left out, no features that are selected."""
    figures = make_run(tmp_path, LEAST_PLAN, replace(FRAMES, devices=(UNKNOWN,)))
    figures["left_out"], figures["flow"]["left_out"] = [], {}
    write_figures(tmp_path, figures)
    page = page_of(tmp_path)
    assert "there is nothing to compare" in section(page, "differences")
    assert "0 left out" in section(page, "flow")
    assert "none was selected" in section(page, "stability")
    assert "By device" not in section(page, "parts")
    assert 'id="structures"' not in page
    assert "Baselines" not in section(page, "comparison")
    assert "external" not in section(page, "comparison").replace("an external split", "")


def test_what_only_the_site_knows_is_printed_as_given_or_as_not_stated(tmp_path: Path) -> None:
    given = '[reporting]\nethics = "Approved <b>2026-1</b>"\nreaders = "two, blinded"\n'
    make_run(tmp_path, LEAST_PLAN + given, FRAMES)
    words = section(page_of(tmp_path), "reporting")
    assert "Approved &lt;b&gt;2026-1&lt;/b&gt;" in words
    assert "two, blinded" in words
    assert "2 of 16 items are stated" in words
    assert words.count("not stated") == 14


def test_repeats_are_said_among_the_limits(tmp_path: Path) -> None:
    make_run(tmp_path / "one", LEAST_PLAN, FRAMES)
    make_run(tmp_path / "five", LEAST_PLAN.replace("resamples = 60", "resamples = 60\nrepeats = 5"), FRAMES)
    assert "nor with another run of the training" in section(page_of(tmp_path / "one"), "limits")
    assert "other folds and seeds" in section(page_of(tmp_path / "five"), "limits")


@pytest.mark.parametrize("kept", ["reviewers", "devices", None])
def test_one_source_of_ratings_or_none(tmp_path: Path, kept: str | None) -> None:
    sources = f'["{kept}"]' if kept else "[]"
    make_run(tmp_path, f"{STRUCTURES_PLAN}\n[selection]\nsources = {sources}\n", GRADES, frames=40)
    words = Reader(section(page_of(tmp_path), "stability")).text
    assert ("Stable across devices" in words) == (kept == "devices")
    assert ("No source is of devices" in words) == (kept != "devices")


@pytest.mark.slow
def test_many_centres_fit_into_tables_of_their_own(tmp_path: Path) -> None:
    plan = FRAMES_PLAN.replace('leave_out = "device"', 'leave_out = "centre"')
    centres = tuple(f"centre {number}" for number in range(14))
    make_run(tmp_path, plan, replace(FRAMES, centres=centres), frames=420)
    page = page_of(tmp_path)
    source = section(page, "comparison")
    assert source.split("<details")[0].count("<table") == 3
    words = before(source, "<details")
    assert all(f"without {centre}" in words for centre in centres)
    assert "and 5 more" in Reader(section(page, "flow")).text


def test_figures_that_are_not_defined(tmp_path: Path) -> None:
    figures = make_run(tmp_path, FRAMES_PLAN, FRAMES)
    nothing: dict[str, Any] = {"value": None, "low": None, "high": None}
    for one in figures["cells"]:
        if one["scheme"] != "internal":
            one["auc"] = one["within_layout_auc"] = one["sensitivity"] = nothing
        one["kappa"] = {"value": 0.5, "low": None, "high": None}
        one["calibration_slope"] = nothing
        one["conformal"]["coverage"]["standard"] = nothing
    figures["differences"]["arms"][0]["auc"] = nothing
    write_figures(tmp_path, figures)
    words = Reader(page_of(tmp_path)).text
    assert "–: not defined" in words
    assert "None" not in words.split()
    assert "nan" not in words.split()


def test_an_all_but_perfect_grader(tmp_path: Path) -> None:
    """No row is wrong, so none is listed; the curve's corner is enlarged."""
    figures = make_run(tmp_path, LEAST_PLAN, FRAMES)
    path = tmp_path / "predictions.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    sure = [_sure(line) for line in lines[1:]]
    path.write_text("\n".join([lines[0], *sure]) + "\n", encoding="utf-8")
    for one in figures["cells"]:
        one["auc"] = {"value": 1.0, "low": 1.0, "high": 1.0}
    write_figures(tmp_path, figures)
    page = page_of(tmp_path)
    assert "0 have another most probable class" in section(page, "wrong")
    assert "the upper left corner" in section(page, "curves")


def _sure(line: str) -> str:
    columns = line.split(",")
    right = columns[10] == "standard"
    return ",".join([*columns[:11], *(("0.100000", "0.900000") if right else ("0.900000", "0.100000")), *columns[13:]])


def test_the_report_says_what_looked_at_which_frames_and_what_it_ran_on(tmp_path: Path) -> None:
    make_run(tmp_path, FRAMES_PLAN, FRAMES)
    page = page_of(tmp_path)
    choices = Reader(section(page, "choices")).text
    assert "selection of features, imputation, scaling" in choices
    assert "yes: test rows among them" in choices
    settings = Reader(section(page, "radiomics")).text
    assert "fixed number, 32" in settings
    assert "680 x 476 pixels, 84 to a head unit" in settings
    assert RadiomicsSettings().sha256 in settings
    assert "numpy" in Reader(section(page, "environment")).text


def test_a_study_without_radiomic_features_has_no_settings_of_them(tmp_path: Path) -> None:
    make_run(tmp_path, LEAST_PLAN, FRAMES)
    assert 'id="radiomics"' not in page_of(tmp_path)
