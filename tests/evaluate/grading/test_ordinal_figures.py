"""Figures of ordered grades: the share of pairs in order, and what a reading calls abnormal."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from nonet.evaluate.bootstrap import frame_weights
from nonet.evaluate.grading import WORDS, GradedRows, grading_figures
from nonet.evaluate.grading.class_metrics import mean_auc
from nonet.evaluate.grading.ordinal_figures import expected_grade, ordinal_auc, ordinal_figures

GRADES = ("normal", "borderline", "abnormal")


def rows_of(labels: list[int], probabilities: np.ndarray, structures: list[str], divisions: list[str]) -> GradedRows:
    classes = GRADES if probabilities.shape[1] == 3 else ("normal", "abnormal")
    words = {word: np.array([f"{word} {place}" for place in range(len(labels))]) for word in WORDS}
    words |= {"structure": np.array(structures), "answer": np.array([classes[label] for label in labels])}
    sets = probabilities >= 0.3
    return GradedRows(classes, "abnormal", words, probabilities, sets, np.array(divisions))


@pytest.fixture
def rows() -> GradedRows:
    rng = np.random.default_rng(3)
    labels = rng.integers(3, size=120)
    raw = np.exp(rng.normal(size=(120, 3)) + 1.5 * np.eye(3)[labels])
    shares = np.round(raw / raw.sum(axis=1, keepdims=True), 1)
    structures = rng.choice(["nuchal_translucency", "nasal_bone"], 120).tolist()
    return rows_of(labels.tolist(), shares, structures, rng.choice(["fold 0", "fold 1"], 120).tolist())


def test_it_is_the_share_of_pairs_of_one_structure_and_one_model_in_order(rows: GradedRows) -> None:
    right, pairs = 0.0, 0
    scores, labels = expected_grade(rows), rows.labels
    for one, other in combinations(range(len(rows)), 2):
        same = rows.words["structure"][one] == rows.words["structure"][other]
        if labels[one] != labels[other] and same and rows.divisions[one] == rows.divisions[other]:
            pairs += 1
            gap = (scores[one] - scores[other]) * np.sign(labels[one] - labels[other])
            right += 0.5 if gap == 0 else gap > 0
    weights = frame_weights(rows.groups, 5)
    assert ordinal_auc(rows, weights)[0] == pytest.approx(right / pairs)
    drawn = np.repeat(np.arange(len(rows)), weights[1])
    assert ordinal_auc(rows, weights)[1] == pytest.approx(
        ordinal_auc(rows.take(drawn), np.ones((1, len(drawn)), np.int32))[0]
    )


def test_of_two_grades_it_is_the_auc() -> None:
    rng = np.random.default_rng(4)
    labels = rng.integers(2, size=60)
    positive = np.clip(0.3 * labels + rng.uniform(0, 0.7, 60), 0, 1)
    shares = np.column_stack([1 - positive, positive])
    two = rows_of(labels.tolist(), shares, ["nasal_bone"] * 60, ["fold 0"] * 60)
    weights = frame_weights(two.groups, 20)
    np.testing.assert_allclose(ordinal_auc(two, weights), mean_auc(two.scored, weights))


def test_a_reading_calls_abnormal_where_the_set_holds_it_alone() -> None:
    shares = np.array([[0.1, 0.2, 0.7], [0.2, 0.35, 0.45], [0.2, 0.2, 0.6], [0.6, 0.3, 0.1], [0.25, 0.55, 0.2]])
    rows = rows_of([2, 2, 0, 0, 1], shares, ["nasal_bone"] * 5, ["fold 0"] * 5)
    found = ordinal_figures([rows], np.ones((1, 5), np.int32))
    values = {name: one["value"] for name, one in found.items()}
    assert values["sensitivity"] == 0.5
    assert values["sensitivity_at_argmax"] == 1
    assert values["normal_called_abnormal"] == values["normal_called_abnormal_at_argmax"] == 0.5
    assert (values["undecided"], values["no_grade_fits"]) == (0.4, 0)
    assert values["abnormal_against_normal"] == 0.75


def test_grades_alone_have_them_at_the_top_and_structure_by_structure(rows: GradedRows) -> None:
    found = grading_figures(rows, 20)
    assert found["grades"]["auc"]["low"] < found["grades"]["auc"]["value"] < found["grades"]["auc"]["high"]
    assert set(found["structures"]["nasal_bone"]["grades"]) == set(found["grades"])
    words = {**rows.words, "answer": np.char.add("type ", rows.words["answer"])}
    other = GradedRows(
        tuple(f"type {name}" for name in GRADES), "type abnormal", words, rows.probabilities, rows.sets, rows.divisions
    )
    assert "grades" not in grading_figures(other, 20)
