"""The primary comparison: paired, structure by structure, corrected, and what features bring over the ruler."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nonet.anatomy import Structure
from nonet.evaluate.bootstrap import frame_weights
from nonet.evaluate.grading import WORDS, GradedRows
from nonet.evaluate.grading.ordinal_figures import ordinal_auc
from nonet.study.figures import holm
from nonet.study.plan import Plan
from nonet.study.plan_file import load_plan
from nonet.study.primary import primary_document
from nonet.study.report.primary_section import over_the_ruler

GRADES = ("normal", "borderline", "abnormal")
NT, BONE, PALATE = (each.value for each in (Structure.NUCHAL_TRANSLUCENCY, Structure.NASAL_BONE, Structure.PALATE))
PLAN = """
name = "primary"
task = "labels"
labels = "labels.csv"
kinds = ["boosting", "logistic_regression"]
resamples = 200
[arms]
deep = ["deep"]
fusion = ["radiomics", "deep"]
[baselines]
"ruler alone" = ["ruler"]
[primary]
structures = ["nuchal_translucency", "nasal_bone", "palate"]
arm = "fusion"
against = "deep"
ruler = "ruler alone"
"""


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    (tmp_path / "plan.toml").write_text(PLAN)
    return load_plan(tmp_path / "plan.toml")[0]


def graded(strength: dict[str, float], seed: int, frames: int = 90) -> GradedRows:
    """Probabilities that follow the grade of a structure with a strength."""
    rng = np.random.default_rng(seed)
    structures = np.repeat(list(strength), frames)
    labels = np.tile(np.arange(frames) % 3, len(strength))
    labels[np.flatnonzero(structures == PALATE)[9:]] = 0
    raw = np.exp(
        rng.normal(size=(len(labels), 3))
        + np.array([strength[each] for each in structures])[:, None] * np.eye(3)[labels]
    )
    words = {word: np.full(len(labels), "a") for word in WORDS}
    names = np.tile([f"{number}.png" for number in range(frames)], len(strength))
    words |= {"image": names, "group": names, "structure": structures, "answer": np.array(GRADES)[labels]}
    shares = raw / raw.sum(axis=1, keepdims=True)
    return GradedRows(GRADES, "abnormal", words, shares, shares > 0.3, np.full(len(labels), "fold 0"))


def test_it_is_paired_within_each_structure_and_corrected_over_all_that_are_named(plan: Plan) -> None:
    strong, weak = {NT: 2.5, BONE: 1.0, PALATE: 1.0}, {NT: 0.5, BONE: 1.0, PALATE: 1.0}
    predictions = {
        ("internal", "fusion", "boosting"): graded(strong, 1),
        ("internal", "deep", "boosting"): graded(weak, 2),
        ("internal", "ruler alone", "logistic_regression"): graded({**strong, BONE: 3.0}, 3),
        ("all", "fusion", "boosting"): graded(strong, 1),
    }
    found = primary_document(predictions, plan)
    assert found["figure"] == "ordinal AUC"
    assert [one["structure"] for one in found["against"]] == [NT, BONE], "the palate has three rows of a class"
    first = found["against"][0]
    weights = frame_weights(predictions["internal", "fusion", "boosting"].groups, 200)
    both = []
    for arm in ("fusion", "deep"):
        rows = predictions["internal", arm, "boosting"]
        some = rows.words["structure"] == NT
        both.append(ordinal_auc(rows.take(some), weights[:, some]))
    apart = both[0] - both[1]
    assert first["auc"]["value"] == pytest.approx(apart[0], abs=1e-6)
    assert first["auc"]["low"] == pytest.approx(np.percentile(apart[1:], 2.5), abs=1e-6)
    assert first["ours"]["value"] == pytest.approx(both[0][0], abs=1e-6)
    p = [one["p"] for one in found["against"]]
    assert [one["p_holm"] for one in found["against"]] == holm([*p, 1.0])[:2]
    assert first["p_holm"] < 0.05 < found["against"][1]["p_holm"]
    assert found["ruler"][0]["against"] == ["ruler alone", "logistic_regression"]
    sentence = over_the_ruler(found)
    assert "are worse than the ruler by" in sentence
    assert "bring nothing that can be told from chance in the nuchal translucency" in sentence


def test_the_sentence_says_what_the_figures_say() -> None:
    one = {"scheme": "internal", "cell": ["fusion", "boosting"], "against": ["ruler", "boosting"]}
    gain = {**one, "structure": NT, "auc": {"value": 0.05, "low": 0.02, "high": 0.08}, "p_holm": 0.01}
    chance = {**one, "structure": BONE, "auc": {"value": 0.01, "low": -0.02, "high": 0.04}, "p_holm": 0.6}
    elsewhere = {**chance, "scheme": "external", "structure": PALATE}
    said = over_the_ruler({"figure": "AUC", "ruler": [gain, chance, elsewhere]})
    assert said == (
        "Over the ruler alone, the features of fusion add 0.050 (difference 0.020 to 0.080) in the nuchal translucency "
        "and bring nothing that can be told from chance in the nasal bone (AUC)."
    )
    assert over_the_ruler({"figure": "AUC"}) == ""


def test_a_plan_without_one_has_none(plan: Plan) -> None:
    assert primary_document({}, replace(plan, primary=None)) is None
