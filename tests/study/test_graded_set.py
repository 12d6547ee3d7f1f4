"""A study of a graded set, tested on a second one: who is rated, what is tested, and what the run folder holds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from graded_set import PLAN, make_graded_set

from errors_raised import raised
from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.datasets import load
from nonet.errors import LeakError, SettingsError
from nonet.study.cache import Cache
from nonet.study.graded_truth import read_truth
from nonet.study.pipeline import compute_study, run_study
from nonet.study.plan_file import load_plan
from nonet.study.result import StudyResult
from nonet.study.study_features import DEVICES, OWN, REVIEWERS
from nonet.study.study_inputs import StudyInputs, unwatched

SOURCES, OTHERS = 12, 10

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Study:
    """A study that was run: its folders, its result, and its figures."""

    data: Path
    other: Path
    run: Path
    plan: Path
    result: StudyResult
    figures: dict[str, Any]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("graded")
    make_graded_set(folder / "edits", SOURCES, first=5_000_000)
    make_graded_set(folder / "heads", OTHERS, first=5_100_000, copies=False)
    plan = folder / "plan.toml"
    plan.write_text(PLAN.format(external="heads"))
    result = run_study(plan, folder / "run", data=folder / "edits")
    figures = json.loads((folder / "run" / "figures.json").read_text())
    return Study(folder / "edits", folder / "heads", folder / "run", plan, result, figures)


def test_unedited_frames_alone_are_rated(study: Study) -> None:
    features = study.result.features
    for source in (REVIEWERS, DEVICES):
        rated = set(features.subject[features.source == source].tolist())
        assert rated
        assert rated <= {f"head-{number}.png" for number in range(SOURCES)}
    assert not {f"head-{number}.png" for number in range(SOURCES)} & set(study.result.rows.images.tolist())
    assert len(set(study.result.rows.groups.tolist())) == SOURCES
    only_rated = set(features.subject[features.source == OWN].tolist()) - set(study.result.rows.images.tolist())
    assert len([name for name in only_rated if not name.startswith("external/")]) == 4


def test_the_second_data_set_is_tested_by_every_arm_and_baseline(study: Study) -> None:
    external = [one for one in study.figures["cells"] if one["scheme"] == "external"]
    assert [one["arm"] for one in external] == ["detector", "echo", "ruler alone", "box alone"]
    assert {one["rows"] for one in external} == {OTHERS * 3 * 2}
    rows = dict(study.result.predictions)["external", "all", "echo", "logistic_regression"]
    assert all(name.startswith("external/") for name in rows.words["image"].tolist())


def test_a_frame_of_the_study_in_the_second_data_set_is_a_leak(study: Study, tmp_path: Path) -> None:
    plan, sha = load_plan(study.plan)
    inputs = StudyInputs(
        plan, sha, study.plan, study.data, load(study.data), Bundle(DEFAULT_BUNDLE), Cache(study.run / "stages"),
        1, unwatched, study.data, load(study.data),
    )  # fmt: skip
    with raised(LeakError, found="shared"):
        compute_study(inputs)


def test_a_level_of_one_class_is_said_and_goes_into_the_sets(study: Study) -> None:
    levels = [fitted.spec.levels for fitted in study.result.fitted.values()]
    assert all(one == {"abnormal": 0.95, "borderline": 0.6, "normal": 0.95} for one in levels)
    assert "of borderline 60 %" in (study.run / "report.html").read_text(encoding="utf-8")


def test_a_level_of_a_class_that_the_labels_do_not_have_is_refused(study: Study, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN.format(external="heads").replace("borderline =", "doubtful ="))
    with raised(SettingsError, found="doubtful"):
        run_study(plan, tmp_path / "run", data=study.data, external_data=study.other)


def test_the_ruler_reads_what_is_seen(study: Study) -> None:
    size = study.result.features.values[:, study.result.features.names.index("ruler.size")]
    structures = study.result.features.structure
    nuchal = size[(study.result.features.source == OWN) & (structures == "nuchal_translucency")]
    assert np.isfinite(nuchal).mean() > 0.5
    models = {one["arm"]: one["columns"] for one in study.figures["models"]}
    assert (models["ruler alone"], models["box alone"]) == (3, 2)


def test_figures_by_amount_are_those_of_both_data_sets(study: Study) -> None:
    amounts = study.figures["amounts"]
    found = {(one["scheme"], one["structure"], one["standard_error"] > 0) for one in amounts["ceilings"]}
    structures = ("nuchal_translucency", "nasal_bone")
    assert found == {(scheme, each, scheme == "internal") for scheme in ("internal", "external") for each in structures}
    assert all(one["auc"] == 1 for one in amounts["ceilings"] if one["scheme"] == "external")
    assert len(amounts["cells"]) == 2 * 2 * 4
    assert read_truth(study.run).keys() == study.result.truth.keys()
