"""What the page on the study says in words is what its committed figures say."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from nonet.evaluate.grading import read_rows
from nonet.study.figures import KEYS, pooled, results

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/explanation/study.md"
LEVEL = 0.05


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    return json.loads((ROOT / "benchmarks/results/studies/plane-quality/figures.json").read_text())


@pytest.fixture(scope="module")
def page() -> str:
    return " ".join(PAGE.read_text().split())


def better(figures: dict[str, Any], arm: str, than: str) -> dict[str, dict[str, Any]]:
    """The kinds of grader by which an arm beats another after correction."""
    internal = [one for one in figures["differences"]["arms"] if one.get("scheme", "internal") == "internal"]
    return {
        one["cell"][1]: one
        for one in internal
        if (one["cell"][0], one["against"][0]) == (arm, than) and one["p_holm"] < LEVEL and one["auc"]["value"] > 0
    }


def auc(figures: dict[str, Any], scheme: str, arm: str) -> list[float]:
    return [one["auc"]["value"] for one in figures["cells"] if (one["scheme"], one["arm"]) == (scheme, arm)]


def test_which_arm_beats_which_is_said_as_it_is(figures: dict[str, Any], page: str) -> None:
    over_deep = better(figures, "fusion", "deep")
    assert list(over_deep) == ["boosting"]
    one = over_deep["boosting"]
    said = f"by boosting only ({one['auc']['value']:.3f}, p {one['p_holm']:.3f} after correction)"
    assert f"**Fusion beats deep features alone** {said}, and radiomic features by no kind" in page
    assert not better(figures, "fusion", "radiomics")
    assert list(better(figures, "deep", "radiomics")) == ["tab_transformer"]
    assert "deep features beat radiomic ones by the TabTransformer only" in page


def test_what_features_add_where_a_maker_is_left_out_is_said_as_it_is(figures: dict[str, Any], page: str) -> None:
    assert "Where GE is left out, deep features and fusion add to it; where Philips is, nothing does." in page
    for arm in ("deep", "fusion"):
        assert max(auc(figures, "without GE", arm)) > max(auc(figures, "without GE", "detector alone"))
    best_without_philips = max(auc(figures, "without Philips", arm)[0] for arm in ("radiomics", "deep", "fusion"))
    assert best_without_philips <= max(auc(figures, "without Philips", "detector alone"))


def test_a_plane_is_told_by_the_scores_nearly_as_well(figures: dict[str, Any], page: str) -> None:
    assert "Its nine scores alone reach nearly what any arm reaches" in page
    arms = [value for arm in ("radiomics", "deep", "fusion") for value in auc(figures, "internal", arm)]
    assert max(arms) - auc(figures, "internal", "nine scores")[0] < 0.01


def test_the_figures_on_coverage_follow_from_the_predictions_that_are_kept(tmp_path: Path) -> None:
    """Values, not intervals: they need no resamples. Coverage keeps its level, class by class."""
    folder = ROOT / "benchmarks/results/studies/plane-coverage"
    (tmp_path / "predictions.csv").write_bytes(gzip.decompress((folder / "predictions.csv.gz").read_bytes()))
    kept = json.loads((folder / "figures.json").read_text())
    again = results(pooled(read_rows(tmp_path / "predictions.csv", kept["positive"], KEYS)), 2)
    assert len(again) == len(kept["cells"])
    for cell, made in zip(kept["cells"], again, strict=True):
        assert [made[name] for name in ("scheme", "arm", "kind", "repeats")] == [
            cell[name] for name in ("scheme", "arm", "kind", "repeats")
        ]
        for name in ("auc", "accuracy", "sensitivity", "specificity", "calibration_intercept", "calibration_slope"):
            assert made[name]["value"] == cell[name]["value"]
        for name, one in cell["conformal"]["coverage"].items():
            assert made["conformal"]["coverage"][name]["value"] == one["value"]
            if cell["scheme"] == "internal":
                assert abs(one["value"] - 0.95) < 0.03


def test_chance_is_said_as_it_was_measured(page: str) -> None:
    document = json.loads((ROOT / "benchmarks/results/chance.json").read_text())
    assert "Pairs within a fold have the mean that they should have" in page
    for one in document["of"]:
        within, pooled = one["within"], one["pooled"]
        assert abs(within["mean_auc"] - 0.5) < 3 * within["standard_error"]
        if one["kind"] == "logistic_regression":
            assert pooled["mean_auc"] < within["mean_auc"]
            assert one["repeated"]["hold_one_half"] > within["hold_one_half"]
