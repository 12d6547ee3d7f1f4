"""The page of a graded study: the primary comparison first, then arms side by side, and figures by amount."""

from __future__ import annotations

import numpy as np
import pytest
from study_run_folders import GRADES, make_run, write_figures

from nonet.anatomy import STRUCTURES, Grade, Structure
from nonet.evaluate.grading import read_rows
from nonet.simulate.edits.bands import draw_target, edit_bands
from nonet.study.amounts import amounts_document
from nonet.study.figures import KEYS, pooled
from nonet.study.graded_truth import TrueSize
from nonet.study.plan_file import load_plan
from nonet.study.primary import primary_document
from nonet.study.report import write_report
from nonet.study.report.primary_section import over_the_ruler
from nonet.study.report.wording import decimal
from nonet.study.three_way import three_way

PLAN = """
name = "graded"
task = "labels"
labels = "labels.csv"
labels_from = "edits"
external_data = "/private/place/heads"
external = "test"
positive = "abnormal"
kinds = ["boosting", "logistic_regression"]
resamples = 60

[arms]
deep = ["deep"]
"without size" = ["radiomics_without_morphology", "deep"]

[baselines]
"ruler alone" = ["ruler"]
"box alone" = ["box_size"]

[primary]
structures = ["thalami", "midbrain"]
arm = "without size"
against = "deep"
ruler = "ruler alone"
kind = "boosting"

[raters]
residuals = "residuals.json"
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict]:
    folder = tmp_path_factory.mktemp("graded")
    figures = make_run(folder, PLAN, GRADES, frames=120)
    plan, _ = load_plan(folder / "study.toml")
    predictions = pooled(read_rows(folder / "predictions.csv", "abnormal", KEYS))
    figures["primary"] = primary_document(predictions, plan)
    figures["three_way"] = three_way(figures["cells"], plan)
    figures["amounts"] = amounts_document(predictions, truth_of_rows(predictions), plan.resamples)
    write_figures(folder, figures)
    write_report(folder)
    return (folder / "report.html").read_text(encoding="utf-8"), figures


def truth_of_rows(predictions: dict) -> dict[tuple[str, str], TrueSize]:
    """True sizes of the midbrain, in the order of its grades."""
    rng = np.random.default_rng(8)
    band = edit_bands().of(Structure.MIDBRAIN, "extent")
    words = next(iter(predictions.values())).words
    keys = zip(words["image"].tolist(), words["structure"].tolist(), words["answer"].tolist(), strict=True)
    return {
        (image, structure): TrueSize(band.structure, band.variable, draw_target(band, Grade(answer), rng), edited=True)
        for image, structure, answer in keys
        if structure == Structure.MIDBRAIN.value
    }


def test_the_primary_comparison_stands_first_with_what_features_bring_over_the_ruler(page: tuple[str, dict]) -> None:
    text, figures = page
    assert text.index('id="primary"') < text.index('id="flow"')
    assert over_the_ruler(figures["primary"]) in text
    for one in (*figures["primary"]["against"], *figures["primary"]["ruler"]):
        assert decimal(one["auc"]["value"]) in text
    assert "controlled edits" in text


def test_arms_stand_side_by_side_and_every_figure_is_there(page: tuple[str, dict]) -> None:
    text, figures = page
    section = text[text.index('id="three-way"') :]
    section = section[: section.index("</section>")]
    assert "a second data set" in section
    for one in figures["three_way"]:
        assert decimal(one["ordinal_auc"]["value"]) in section
        assert decimal(one["accuracy"]["value"]) in section


def test_figures_by_amount_have_their_share_of_the_ceiling_and_a_curve(page: tuple[str, dict]) -> None:
    text, figures = page
    section = text[text.index('id="amounts"') :]
    section = section[: section.index("</section>")]
    best = figures["best"]
    (cell,) = (
        one for one in figures["amounts"]["cells"]
        if (one["scheme"], one["arm"], one["kind"]) == ("internal", best["arm"], best["kind"])
    )  # fmt: skip
    for name in ("nearest", "middle", "farthest"):
        assert f"{name} third" in section
        assert decimal(cell["thirds"][name]["abnormal_against_normal"]["value"]) in section
        assert decimal(cell["thirds"][name]["abnormal_against_normal"]["share"]) in section
    assert "<svg" in section
    assert section.count("ruler alone, logistic regression") == 2
    assert STRUCTURES[2].label in section or "midbrain" in section
