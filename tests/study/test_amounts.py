"""Figures by amount: thirds beyond the border, doses, and the ceiling that the error of a start leaves."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from errors_raised import raised
from nonet.anatomy import Grade, Structure
from nonet.errors import DatasetError
from nonet.evaluate.grading import WORDS, GradedRows
from nonet.simulate.edits.bands import GRADES, draw_target, edit_bands
from nonet.study.amounts import THIRDS, amounts_document
from nonet.study.graded_truth import TrueSize, TrueSizes, read_truth, truth_csv
from nonet.study.oracle import beyond, mean_ordered, oracle_scores, severity

NT = edit_bands().of(Structure.NUCHAL_TRANSLUCENCY, "thickness")
ROWS = 180


def sizes_of(edited: bool) -> TrueSizes:
    rng = np.random.default_rng(5)
    return {
        (f"{number}.png", NT.structure.value): TrueSize(
            NT.structure, NT.variable, draw_target(NT, GRADES[number % 3], rng), edited
        )
        for number in range(ROWS)
    }


def graded_by_size(truth: TrueSizes, noise: float) -> GradedRows:
    """A grader that knows the true size but for an error of its own, in millimetres."""
    rng = np.random.default_rng(6)
    values = np.array([one.target for one in truth.values()]) + noise * rng.normal(size=ROWS)
    level = severity(NT, values)
    shares = np.exp(-((level[:, None] - [-0.5, 0.5, 1.5]) ** 2) * 4)
    shares /= shares.sum(axis=1, keepdims=True)
    words = {word: np.array([f"{word} {place}" for place in range(ROWS)]) for word in WORDS}
    words |= {
        "image": np.array([image for image, _ in truth]),
        "structure": np.full(ROWS, NT.structure.value),
        "answer": np.array([NT.grade(one.target).value for one in truth.values()]),
    }
    sets = shares == shares.max(axis=1, keepdims=True)
    return GradedRows(tuple(one.value for one in GRADES), "abnormal", words, shares, sets, np.full(ROWS, "fold 0"))


def test_severity_rises_with_the_grade_on_both_sides_of_normal() -> None:
    for band in edit_bands().bands:
        levels = {grade: [severity(band, np.array(pair)) for pair in band.ranges(grade)] for grade in GRADES}
        highest = {grade: np.max(levels[grade]) for grade in GRADES}
        lowest = {grade: np.min(levels[grade]) for grade in GRADES}
        assert highest[Grade.NORMAL] <= 0 < lowest[Grade.BORDERLINE], band
        assert highest[Grade.BORDERLINE] < 1 < lowest[Grade.ABNORMAL], band
        for low, high in band.ranges(Grade.ABNORMAL):
            assert min(beyond(band, low), beyond(band, high)) > 0
        for low, high in band.ranges(Grade.BORDERLINE):
            assert max(beyond(band, low), beyond(band, high)) < 0


def test_the_oracle_errs_by_the_error_of_the_start_alone() -> None:
    labels = np.arange(ROWS) % 3
    exact, called = oracle_scores(list(sizes_of(edited=False).values()))
    assert mean_ordered(exact, labels) == 1
    assert called[:, labels == 2].all()
    edited, called = oracle_scores(list(sizes_of(edited=True).values()))
    assert 0.9 < mean_ordered(edited, labels) < 1
    assert 0.8 < called[:, labels == 2].mean() < 1
    assert mean_ordered(edited, np.zeros(ROWS, np.intp)) is None


def test_thirds_and_doses_follow_the_true_size() -> None:
    truth = sizes_of(edited=True)
    rows = graded_by_size(truth, 0.4)
    document = amounts_document(
        {("internal", "fusion", "boosting"): rows, ("all", "fusion", "boosting"): rows}, truth, 50
    )
    (cell,), (ceiling,) = document["cells"], document["ceilings"]
    assert (cell["scheme"], cell["structure"], cell["variable"], cell["unit"]) == (
        "internal", "nuchal_translucency", "thickness", "mm",
    )  # fmt: skip
    thirds = [cell["thirds"][name] for name in THIRDS]
    assert [one["rows"] for one in thirds] == [ROWS // 9, ROWS // 9, ROWS // 9]
    assert all(one["to"] <= other["from"] for one, other in pairwise(thirds))
    sensitivity = [one["sensitivity"]["value"] for one in thirds]
    assert sensitivity[0] < sensitivity[2]
    ordered = [one["abnormal_against_normal"]["value"] for one in thirds]
    assert ordered[0] <= ordered[2]
    assert cell["auc"]["share"] == pytest.approx(cell["auc"]["value"] / ceiling["auc"], abs=1e-5)
    assert cell["auc"]["share"] < 1
    dose = [one["probability"]["value"] for one in cell["dose"]]
    assert len(dose) == 10
    assert sum(one["rows"] for one in cell["dose"]) == ROWS
    assert np.corrcoef(dose, [one["mean"] for one in cell["dose"]])[0, 1] > 0.8
    assert dose[0] < 0.1
    assert dose[-1] > 0.8


def test_without_true_sizes_there_are_none(tmp_path: Path) -> None:
    rows = graded_by_size(sizes_of(edited=True), 0.4)
    assert amounts_document({("internal", "fusion", "boosting"): rows}, {}, 50) is None
    assert read_truth(tmp_path) == {}
    (tmp_path / "truth.csv").write_text("file,nt_mm\na.png,2.0\n")
    assert read_truth(tmp_path) == {}, "a table of simulated sizes is another kind"


def test_a_table_of_true_sizes_is_read_and_written(tmp_path: Path) -> None:
    truth = sizes_of(edited=True)
    (tmp_path / "truth.csv").write_text(truth_csv(truth))
    again = read_truth(tmp_path)
    assert again.keys() == truth.keys()
    assert [one.target for one in again.values()] == pytest.approx([one.target for one in truth.values()], rel=1e-5)
    assert all(one.edited for one in again.values())
    head = "image,structure,variable,unit,target\n"
    for line, found in {
        "a.png,nuchal_translucency,colour,mm,2": "'colour' has no bands",
        "a.png,nuchal_translucency,thickness,px,2": "unit 'px'",
        "a.png,nuchal_translucency,thickness,mm,thick": "target 'thick'",
        "a.png,NT,thickness,mm,2\na.png,NT,thickness,mm,2": "again",
    }.items():
        (tmp_path / "truth.csv").write_text(f"{head}{line}\n")
        with raised(DatasetError, found=found):
            read_truth(tmp_path)
