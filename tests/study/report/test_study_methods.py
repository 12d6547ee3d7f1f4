"""The methods hold every setting of the plan; the truth is called what it is."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from html_reading import Reader, section
from study_run_folders import FRAMES, FRAMES_PLAN, GRADES, LEAST_PLAN, STRUCTURES_PLAN, make_run

from nonet.datasets.tasks import Task
from nonet.study.plan import LabelsFrom, Plan
from nonet.study.plan_file import load_plan
from nonet.study.report import write_report
from nonet.study.report.truth import Truth, truth_of
from nonet.study.report.wording import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Made


def values(of: Any) -> Iterator[str]:
    """Every value in a plan as the methods write it; what is so or not is said in words."""
    if is_dataclass(of):
        for field in fields(of):
            yield from values(getattr(of, field.name))
    elif isinstance(of, dict):
        for name, value in of.items():
            yield name
            yield from values(value)
    elif isinstance(of, tuple):
        for value in of:
            yield from values(value)
    elif isinstance(of, Enum):
        yield KINDS.get(of.value, of.value)
    elif isinstance(of, str):
        yield of.rpartition("/")[2]
    elif of is not None and not isinstance(of, bool):
        yield f"{of:g}"


def test_every_setting_of_the_plan_is_among_the_methods(made: Made) -> None:
    plan, _ = load_plan(made.folder / "study.toml")
    reported = re.findall(r'<span class="set">(.*?)</span>', section(made.page, "methods"))
    assert set(values(plan)) <= set(reported)


def test_bundles_of_folds_are_said(tmp_path: Path) -> None:
    shipping = '\n[bundle]\nname = "ours"\nversion = "1"\n'
    for folds in ("false", "true"):
        make_run(tmp_path / folds, LEAST_PLAN + shipping + f"folds = {folds}\n", FRAMES)
        write_report(tmp_path / folds)
        words = section((tmp_path / folds / "report.html").read_text(encoding="utf-8"), "methods")
        assert ("those of the outer folds" in words) is (folds == "true")


def test_settings_follow_the_plan(tmp_path: Path) -> None:
    make_run(tmp_path, LEAST_PLAN + "[raters]\nheads = 4321\n", FRAMES)
    write_report(tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert '<span class="set">4321</span> simulated heads' in page


def test_every_work_that_is_cited_is_listed(made: Made) -> None:
    words = Reader(section(made.page, "methods")).text
    listed = Reader(section(made.page, "references")).text
    cited = set(re.findall(r"(\w+)(?: and \w+| et al\.)? \(?(?:19|20)\d\d", words)) - {"scaling"}
    assert {"Holm", "Guo", "Shrout", "Tibshirani", "Huang"} <= cited
    for name in cited:
        assert name in listed


@pytest.mark.parametrize(
    ("task", "labels_from", "truth"),
    [
        (Task.PLANE, LabelsFrom.SITE, Truth.FILED),
        (Task.VISIBILITY, LabelsFrom.SITE, Truth.BOXED),
        (Task.LABELS, LabelsFrom.SITE, Truth.SITE),
        (Task.LABELS, LabelsFrom.EDITS, Truth.EDITS),
        (Task.LABELS, LabelsFrom.SIMULATION, Truth.SIMULATION),
    ],
)
def test_truth_is_called_what_it_is(task: Task, labels_from: LabelsFrom, truth: Truth) -> None:
    assert truth_of(Plan("a study", task, {}, labels_from=labels_from)) is truth


def test_edits_are_named_in_the_sentence_that_gives_the_figure(tmp_path: Path) -> None:
    plan = STRUCTURES_PLAN.replace("labels = ", 'labels_from = "edits"\nlabels = ')
    make_run(tmp_path, plan, GRADES, frames=60)
    write_report(tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    sentence = re.search(r'<p class="abstract">(.*?)</p>', page)
    assert sentence and "controlled edits" in sentence[1]
    assert "no grades of patients" in section(page, "methods")
    assert "Nothing here says how the grader does on patients" in section(page, "limits")


def test_site_labels_are_called_the_sites_own(of_structures: Made) -> None:
    assert "site's own" in Reader(section(of_structures.page, "methods")).text
    assert "site's own" in Reader(section(of_structures.page, "limits")).text


def test_limits_follow_from_the_rows(of_frames: Made, of_structures: Made, tmp_path: Path) -> None:
    frames, structures = (Reader(section(one.page, "limits")).text for one in (of_frames, of_structures))
    assert "Patients are unknown" in frames
    assert "Patients are unknown" not in structures
    assert "may all be of one hospital" in frames
    assert "Rows are of 2 centres" in structures
    assert "No external split" not in frames
    assert "No external split" in structures
    assert "little optimistic" in frames
    make_run(tmp_path, LEAST_PLAN, replace(FRAMES, centres=("one",)))
    write_report(tmp_path)
    least = Reader(section((tmp_path / "report.html").read_text(encoding="utf-8"), "limits")).text
    assert "All rows are of one hospital" in least
    assert "optimistic" not in least


def test_tables_of_features_are_named_in_the_methods(tmp_path: Path) -> None:
    plan = FRAMES_PLAN.split("[bundle]")[0].replace(
        "task =", 'features = ["/home/someone/radiomics.parquet"]\ntask =', 1
    )
    plan = plan.replace('sources = ["reviewers", "devices"]\nreported = ["machines"]', "sources = []\nreported = []")
    make_run(tmp_path, plan, FRAMES)
    write_report(tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "radiomics.parquet" in page
    assert "someone" not in page
    assert "reference boxes are never used" not in page


def test_reference_boxes_are_said(tmp_path: Path) -> None:
    for boxes, words in (("detected", "reference boxes are never used"), ("reference", "those of the data set")):
        make_run(tmp_path / boxes, f'boxes = "{boxes}"\n' + LEAST_PLAN, FRAMES)
        write_report(tmp_path / boxes)
        assert words in section((tmp_path / boxes / "report.html").read_text(encoding="utf-8"), "methods")
