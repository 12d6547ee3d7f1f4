"""Checklists are answered by what the run holds and the plan states: what is not known is No."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from html_reading import section
from study_run_folders import FRAMES, FRAMES_PLAN, GRADES, LEAST_PLAN, STRUCTURES_PLAN, make_run

from nonet.evaluate.grading import UNKNOWN
from nonet.study.plan import Reporting
from nonet.study.report import write_report
from nonet.study.report.checklists import NO, _known, _lists, answers
from nonet.study.report.report_page import _SECTIONS
from nonet.study.report.run_results import RunResults

COUNTS = {"TRIPOD+AI": 52, "CLAIM 2024": 44, "CLEAR": 58, "METRICS": 30}


def results_of(folder: Path, plan: str, **rows: object) -> RunResults:
    make_run(folder, plan, replace(FRAMES, **rows))
    return RunResults.read(folder)


def given(results: RunResults) -> dict[str, dict[str, str]]:
    """The answer to each item of each list."""
    sections = {one.name: one.title for one in _SECTIONS if one.make(results) is not None}
    return {name: {one.number: one.place for one in answers(results, sections, items)} for name, _, items in _lists()}


def test_every_item_is_there_once_and_its_evidence_is_known(tmp_path: Path) -> None:
    results = results_of(tmp_path, FRAMES_PLAN)
    sections = {one.name: one.title for one in _SECTIONS}
    fields = {f"reporting.{name}" for name in Reporting.__dataclass_fields__}
    holding = {*sections, *fields, *_known(results, sections), "external", "left_out", "centres", "shipped"}
    assert {name: len(items) for name, _, items in _lists()} == COUNTS
    for _, _, items in _lists():
        assert len({number for number, *_ in items}) == len(items)
        assert {each for _, _, *evidence in items for each in evidence} <= holding


def test_what_the_site_alone_knows_is_no_until_the_plan_states_it(tmp_path: Path) -> None:
    silent = given(results_of(tmp_path / "silent", FRAMES_PLAN))
    stated = given(results_of(tmp_path / "stated", FRAMES_PLAN + '\n[reporting]\nethics = "Approved 2026-1"\n'))
    for name, number in (("TRIPOD+AI", "17"), ("CLEAR", "8")):
        assert silent[name][number] == NO
        assert stated[name][number] == "Reporting: ethics"
    changed = {number for number, place in stated["TRIPOD+AI"].items() if place != NO}
    assert changed - {number for number, place in silent["TRIPOD+AI"].items() if place != NO} == {"17"}


def test_what_the_run_does_not_hold_is_no(tmp_path: Path) -> None:
    whole = given(results_of(tmp_path / "whole", FRAMES_PLAN))
    least = given(results_of(tmp_path / "least", LEAST_PLAN, devices=(UNKNOWN,)))
    assert whole["METRICS"]["27"] == "Graders compared"
    for number in ("4", "13", "24", "27", "30"):
        assert least["METRICS"][number] == NO, number
    assert least["CLAIM 2024"]["36"] == NO


@pytest.mark.parametrize(("plan", "rows"), [(FRAMES_PLAN, FRAMES), (STRUCTURES_PLAN, GRADES)])
def test_the_page_counts_what_it_lists(tmp_path: Path, plan: str, rows: object) -> None:
    make_run(tmp_path, plan, rows)
    write_report(tmp_path)
    words = section((tmp_path / "report.html").read_text(encoding="utf-8"), "checklists")
    counted = re.findall(r"([\w+ ]+): (\d+) of (\d+) items", words)
    assert {name.strip(): int(count) for name, _, count in counted} == COUNTS
    answered = sum(int(stated) for _, stated, _ in counted)
    assert words.count(f">{NO}<") == sum(COUNTS.values()) - answered
