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


def difference(figures: dict[str, Any], family: str, scheme: str, arm: str, than: str) -> dict[str, Any]:
    found = [
        one
        for one in figures["differences"][family]
        if (one["scheme"], one["cell"][0], one["against"][0]) == (scheme, arm, than)
    ]
    assert len(found) == 1
    return found[0]


def beats(figures: dict[str, Any], scheme: str, arm: str, than: str, family: str = "arms") -> bool:
    """Whether an arm is above another after correction."""
    one = difference(figures, family, scheme, arm, than)
    return one["p_holm"] < LEVEL and one["auc"]["value"] > 0


SCHEMES = ("internal", "without GE", "without Philips")


def test_which_arm_beats_which_is_said_as_it_is(figures: dict[str, Any], page: str) -> None:
    said = "as it did in the published study: not inside the folds, nor where a maker is left out."
    assert f"**Fusion does not beat deep features alone**, {said}" in page
    assert not any(beats(figures, scheme, "fusion", "deep") for scheme in SCHEMES)
    said = "Nor is either above radiomic features after correction; with the detector's numbers beside it fusion is,"
    assert f"{said} where GE is left out" in page
    assert not any(beats(figures, scheme, arm, "radiomics") for arm in ("fusion", "deep") for scheme in SCHEMES)
    assert [beats(figures, scheme, "fusion and detector", "radiomics") for scheme in SCHEMES] == [False, True, False]


def test_what_the_detector_adds_is_said_as_it_is(figures: dict[str, Any], page: str) -> None:
    said = "after correction it is beyond chance nowhere."
    assert f"**What the detector adds** to both is small: {said}" in page
    assert [beats(figures, scheme, "fusion and detector", "fusion") for scheme in SCHEMES] == [False, False, False]
    for scheme in SCHEMES:
        assert difference(figures, "arms", scheme, "fusion and detector", "fusion")["auc"]["value"] < 0.02


def test_what_features_add_to_the_scores_is_said_as_it_is(figures: dict[str, Any], page: str) -> None:
    said = (
        "**Features add to the detector** inside the folds and where GE is left out: fusion and the detector's numbers "
        "together beat the nine scores. Where Philips is left out nothing does."
    )
    assert said in page
    better = [beats(figures, each, "fusion and detector", "nine scores", "baselines") for each in SCHEMES]
    assert better == [True, True, False]
    arms = ("radiomics", "deep", "fusion", "fusion and detector")
    assert not any(beats(figures, "without Philips", arm, "nine scores", "baselines") for arm in arms)


def test_where_sets_keep_their_promise_is_said_as_it_is(figures: dict[str, Any], page: str) -> None:
    assert "Conformal sets keep their promise inside the folds" in page
    best = figures["best"]["arm"]
    shipped = {one["scheme"]: one["conformal"]["coverage"] for one in figures["cells"] if one["arm"] == best}
    assert all(abs(one["value"] - 0.95) < 0.03 for one in shipped["internal"].values())
    assert "where Philips is left out each class comes within .03 of it or its interval holds it" in page
    assert all(one["value"] > 0.92 or one["high"] >= 0.95 for one in shipped["without Philips"].values())
    short = shipped["without GE"]["non-standard"]
    assert (
        f"where GE is, that of non-standard frames ({short['value']:.2f}, made from 72 of them) falls short of it"
        in page
    )
    assert 0.85 < short["value"] < short["high"] < 0.95
    assert shipped["without GE"]["standard"]["value"] > 0.95


def test_where_probabilities_lean_is_said_as_it_is(figures: dict[str, Any], page: str) -> None:
    assert "inside the folds the calibration intercept lies below 0" in page
    best = figures["best"]["arm"]
    (intercept,) = (
        one["calibration_intercept"] for one in figures["cells"] if (one["scheme"], one["arm"]) == ("internal", best)
    )
    assert intercept["high"] < 0


def test_plane_figures_follow_from_the_predictions_that_are_kept(figures: dict[str, Any], tmp_path: Path) -> None:
    check_figures("plane-quality", tmp_path)


def test_the_figures_on_coverage_follow_from_the_predictions_that_are_kept(tmp_path: Path) -> None:
    """Coverage keeps its level, class by class."""
    for cell in check_figures("plane-coverage", tmp_path):
        for one in cell["conformal"]["coverage"].values():
            if cell["scheme"] == "internal":
                assert abs(one["value"] - 0.95) < 0.03


def check_figures(study: str, folder: Path) -> list[dict[str, Any]]:
    """Values, not intervals: they need no resamples."""
    kept_in = ROOT / "benchmarks/results/studies" / study
    (folder / "predictions.csv").write_bytes(gzip.decompress((kept_in / "predictions.csv.gz").read_bytes()))
    kept = json.loads((kept_in / "figures.json").read_text())
    again = results(pooled(read_rows(folder / "predictions.csv", kept["positive"], KEYS)), 2)
    assert len(again) == len(kept["cells"])
    for cell, made in zip(kept["cells"], again, strict=True):
        assert [made[name] for name in ("scheme", "arm", "kind", "repeats")] == [
            cell[name] for name in ("scheme", "arm", "kind", "repeats")
        ]
        for name in ("auc", "accuracy", "sensitivity", "specificity", "calibration_intercept", "calibration_slope"):
            assert made[name]["value"] == cell[name]["value"]
        for name, one in cell["conformal"]["coverage"].items():
            assert made["conformal"]["coverage"][name]["value"] == one["value"]
    return list(kept["cells"])


def test_what_each_step_of_the_selection_brings_is_said_as_it_is(page: str, tmp_path: Path) -> None:
    check_figures("plane-selection", tmp_path)
    selection = json.loads((ROOT / "benchmarks/results/studies/plane-selection/figures.json").read_text())
    changes = selection["differences"]["variants"]
    assert len(changes) == 21
    assert "corrected for all 21 differences" in page

    def change(variant: str, scheme: str) -> float:
        """The difference where it holds after correction, or else 0."""
        one = difference(selection, "variants", scheme, variant, "radiomics")
        return one["auc"]["value"] if one["p_holm"] < LEVEL else 0.0

    assert "**The stability filter costs most where GE is left out**" in page
    stability = [change("no stability filter", scheme) for scheme in SCHEMES]
    assert stability == [0, max(one["auc"]["value"] for one in changes), 0]
    brought = difference(selection, "variants", "without Philips", "no stability filter", "radiomics")["auc"]["value"]
    assert "Where Philips is, it brings as much" in page
    assert brought == pytest.approx(-stability[1], abs=0.002)
    assert "**The LASSO at the minimum** beats one standard error more where GE is left out" in page
    assert [change("LASSO at the minimum", scheme) > 0 for scheme in SCHEMES] == [False, True, False]
    assert "**PCA and ridge** are below the LASSO where GE is left out" in page
    assert [change("PCA and ridge", scheme) < 0 for scheme in SCHEMES] == [False, True, False]
    assert "The redundancy filter and the elastic net change nothing beyond chance" in page
    assert not any(
        change(variant, scheme) for variant in ("no redundancy filter", "elastic net", "no LASSO") for scheme in SCHEMES
    )


def test_how_kinds_of_graders_compare_is_said_as_it_is(page: str, tmp_path: Path) -> None:
    check_figures("plane-kinds", tmp_path)
    document = json.loads((ROOT / "benchmarks/results/studies/plane-kinds/figures.json").read_text())
    differences = document["differences"]["kinds"]
    assert len(differences) == 27
    assert "corrected for all 27 differences" in page
    beyond_chance = [one for one in differences if one["p_holm"] < LEVEL]
    assert all(one["auc"]["value"] > 0 for one in beyond_chance)
    above = {(one["scheme"], *one["cell"], one["against"][1]) for one in beyond_chance}
    assert "**Inside the folds the three kinds are alike**" in page
    assert "Where Philips is left out, nothing is beyond chance" in page
    assert {scheme for scheme, *_ in above} == {"without GE"}
    assert "it is below the other two in both arms with deep features" in page
    for arm in ("deep", "fusion"):
        for kind in ("tab_transformer", "logistic_regression"):
            assert ("without GE", arm, kind, "boosting") in above
    assert "The TabTransformer is above logistic regression there with deep features alone" in page
    between = {arm for _, arm, kind, other in above if (kind, other) == ("tab_transformer", "logistic_regression")}
    assert between == {"deep"}


def test_what_a_site_gets_is_said_as_it_was_measured(page: str) -> None:
    document = json.loads((ROOT / "benchmarks/results/site_study.json").read_text())
    means = document["mean_auc_abnormal_against_normal"]
    own = means["fusion, logistic_regression"]
    assert "is above one model for both in the mean of the seeds, and above boosting and the TabTransformer" in page
    for other in ("one model for both, logistic_regression", "fusion, boosting", "fusion, tab_transformer"):
        assert all(own[structure] > means[other][structure] for structure in own)
    assert len(document["runs"]) == 5


def test_chance_is_said_as_it_was_measured(page: str) -> None:
    document = json.loads((ROOT / "benchmarks/results/chance.json").read_text())
    assert "Pairs within a fold have the mean that they should have" in page
    for one in document["of"]:
        within, pooled = one["within"], one["pooled"]
        assert abs(within["mean_auc"] - 0.5) < 3 * within["standard_error"]
        if one["kind"] == "logistic_regression":
            assert pooled["mean_auc"] < within["mean_auc"]
            assert one["repeated"]["hold_one_half"] > within["hold_one_half"]


def test_what_twins_cost_is_said_as_it_was_measured() -> None:
    page = " ".join((ROOT / "docs/how-to/adapt-to-a-hospital.md").read_text().split())
    document = json.loads((ROOT / "benchmarks/results/robustness.json").read_text())
    assert document["frames_seen_in_training"] == 0
    twins = {one["twin"]: one for one in document["twins"]}
    assert "Zoom costs nothing to speak of" in page
    assert "gain, JPEG, speckle and mirroring cost little" in page
    for name, one in twins.items():
        if one["family"] == "zoom":
            assert one["change"]["plane_auc"]["value"] > -0.01
            assert one["change"]["ap50"]["value"] > -0.02
            assert one["change"]["sensitivity"]["value"] >= -0.02
        if name.startswith(("gain", "JPEG", "speckle", "mirror")):
            assert one["label_changed"]["value"] < 0.05
    assert "a blur and turns of ten degrees change the label of at most one frame in ten" in page
    assert 1 / 11 < max(one["label_changed"]["value"] for one in twins.values()) <= 1 / 10
    assert "take at most .06 off the sensitivity" in page
    assert -0.06 <= min(one["change"]["sensitivity"]["value"] for one in twins.values()) < -0.05
    assert "Few of these changes reverse it" in page
    assert max(one["label_reversed"]["value"] for one in twins.values()) <= 0.04


def test_what_the_criteria_notice_is_said_as_it_was_measured() -> None:
    page = " ".join((ROOT / "docs/how-to/adapt-to-a-hospital.md").read_text().split())
    document = json.loads((ROOT / "benchmarks/results/criteria.json").read_text())
    limits = json.loads((ROOT / "src/nonet/grade/plane_criteria.json").read_text())
    assert document["limits"] == limits
    assert all(one["value"] <= 0.10 for one in document["as it is"].values())
    noticed = {one["twin"]: one[one["criterion"]]["value"] for one in document["twins"]}
    assert "A head at 0.8 of its size is missed as often as not" in page
    assert 0.4 < noticed["zoom 0.8 on black"] < 0.6
    assert "a cut and a stronger blur are noticed nearly always" in page
    assert min(value for name, value in noticed.items() if name.startswith("cut") or name == "blur 1.5 px") > 0.95


def test_how_far_the_ceiling_is_is_said_as_it_was_measured() -> None:
    page = " ".join((ROOT / "docs/explanation/detector.md").read_text().split())
    document = json.loads((ROOT / "benchmarks/results/box_noise.json").read_text())
    left = {
        structure: row["ap50_95"]["value"] - row["measured"]["ap50_95"]["value"]
        for structure, row in document["structures"].items()
    }
    assert "About nine tenths of the variance" in page
    assert 0.85 < document["mean"]["noise_share"]["value"] < 0.95
    assert "The ceiling lies .02 of AP50:95 above what is reached" in page
    assert abs(document["mean"]["ap50_95"]["value"] - document["mean"]["measured"]["ap50_95"]["value"] - 0.02) < 0.005
    assert "nasal bone, nasal tip and midbrain are farthest from it, by .03 to .05" in page
    assert sorted(left, key=left.__getitem__)[:-4:-1] == ["nasal_bone", "nasal_tip", "midbrain"]
    assert all(0.03 < left[structure] < 0.055 for structure in ("nasal_tip", "nasal_bone", "midbrain"))


def test_what_the_networks_beside_do_better_and_worse_is_said_as_it_was_measured() -> None:
    page = " ".join((ROOT / "docs/explanation/detector.md").read_text().split())
    detectors = json.loads((ROOT / "benchmarks/results/detection/full-strength.json").read_text())["detectors"]
    assert [one["bundle"]["name"] for one in detectors] == ["nonet-default", "nonet-yolo11n", "nonet-swin"]
    assert {one["frames_seen_in_training"] for one in detectors} == {0}
    _, yolo, swin = detectors
    assert "YOLO11n places thalami and midbrain as well, the nuchal translucency and the nasal tip less well" in page
    less = {structure: row["ap50_95"] for structure, row in yolo["less_the_first"]["structures"].items()}
    assert min(less[structure]["high"] for structure in ("thalami", "midbrain")) > 0
    assert max(less[structure]["high"] for structure in ("nuchal_translucency", "nasal_tip")) < 0
    said = "The Swin finds as much as YOLO11n and places it a little less closely, above all the nuchal translucency"
    assert said in page
    found, placed = ([one["mean"][name]["value"] for one in (yolo, swin)] for name in ("ap50", "ap50_95"))
    assert abs(found[1] - found[0]) < 0.005
    assert 0 < placed[0] - placed[1] < 0.015
    behind = {structure: row["ap50_95"]["value"] for structure, row in swin["less_the_first"]["structures"].items()}
    assert min(behind, key=behind.__getitem__) == "nuchal_translucency"


def test_what_a_like_budget_gives_is_said_as_it_was_measured() -> None:
    page = " ".join((ROOT / "docs/explanation/detector.md").read_text().split())
    detectors = json.loads((ROOT / "benchmarks/results/detection/like-budget.json").read_text())["detectors"]
    assert [one["bundle"]["name"] for one in detectors] == ["nonet-lite0", "nonet-yolo11n", "nonet-swin"]
    assert {one["frames_seen_in_training"] for one in detectors} == {0}
    said = "neither YOLO11n nor the Swin differs beyond chance from the shipped trunk in AP50:95"
    assert f"**At a like budget the three are alike**: {said}" in page
    for one in detectors[1:]:
        assert one["less_the_first"]["mean"]["ap50_95"]["low"] < 0 < one["less_the_first"]["mean"]["ap50_95"]["high"]
    yolo, swin = (
        {structure: row["ap50_95"] for structure, row in one["less_the_first"]["structures"].items()}
        for one in detectors[1:]
    )
    assert "YOLO11n places the nasal bone more closely and the nuchal translucency less" in page
    assert yolo["nasal_bone"]["low"] > 0 > yolo["nuchal_translucency"]["high"]
    assert swin["nuchal_translucency"]["high"] < 0
