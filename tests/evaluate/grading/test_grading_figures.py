"""Figures of graded rows, against counts by hand, and the file that they can all be derived from again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from errors_raised import raised
from nonet.errors import DatasetError
from nonet.evaluate.grading import N_TOO_SMALL, UNKNOWN, WORDS, GradedRows, grading_figures, read_rows, write_rows

CLASSES = ("no", "yes")


def graded(
    answers: list[str], shares: list[float], sets: list[tuple[bool, bool]] | None = None, **words: list[str]
) -> GradedRows:
    rows = len(answers)
    reported = {name: np.array(words.get(name, [UNKNOWN] * rows)) for name in WORDS}
    reported |= {"image": np.array([f"{n:03d}.png" for n in range(rows)]), "answer": np.array(answers)}
    reported["structure"] = np.array(words.get("structure", [""] * rows))
    reported["group"] = np.array(words.get("group", [f"g{n}" for n in range(rows)]))
    inside = np.array(sets) if sets else np.ones((rows, 2), np.bool_)
    return GradedRows(CLASSES, "yes", reported, np.column_stack([1 - np.array(shares), shares]), inside)


def test_the_four_figures_of_most_interest_are_counted_right() -> None:
    rows = graded(["yes", "yes", "yes", "no", "no"], [0.9, 0.8, 0.3, 0.6, 0.1])
    reported = grading_figures(rows, resamples=50)
    assert reported["auc"]["value"] == pytest.approx(5 / 6, abs=1e-6)
    assert reported["accuracy"]["value"] == pytest.approx(3 / 5)
    assert reported["sensitivity"]["value"] == pytest.approx(2 / 3, abs=1e-6)
    assert reported["specificity"]["value"] == pytest.approx(1 / 2)
    assert reported["confusion"] == {"no": {"no": 1, "yes": 1}, "yes": {"no": 1, "yes": 2}}
    assert reported["auc"]["low"] <= reported["auc"]["value"] <= reported["auc"]["high"]


def test_sets_are_counted_class_by_class() -> None:
    sets = [(False, True), (True, True), (False, False), (True, False)]
    reported = grading_figures(graded(["yes", "yes", "yes", "no"], [0.9, 0.5, 0.5, 0.1], sets), resamples=10)[
        "conformal"
    ]
    assert reported["coverage"]["yes"]["value"] == pytest.approx(2 / 3, abs=1e-6)
    assert reported["coverage"]["no"]["value"] == 1
    assert reported["mean_size"]["value"] == 1
    assert reported["singletons"]["value"] == 0.5
    assert reported["empty"]["value"] == 0.25


def test_rows_of_an_unknown_layout_are_in_no_pair_within_layouts() -> None:
    layout = ["a", "a", UNKNOWN, UNKNOWN]
    reported = grading_figures(graded(["yes", "no", "yes", "no"], [0.9, 0.1, 0.1, 0.9], layout=layout), resamples=10)
    assert reported["within_layout_auc"]["value"] == 1
    assert reported["auc"]["value"] == 0.5
    alone = grading_figures(graded(["yes", "no"], [0.9, 0.1]), resamples=10)
    assert alone["within_layout_auc"]["value"] is None


def test_a_structure_with_fewer_than_thirty_rows_of_a_class_has_no_figures() -> None:
    answers = ["yes"] * 60 + ["no"] * 59
    structure = ["palate"] * 30 + ["thalami"] * 30 + ["palate"] * 30 + ["thalami"] * 29
    reported = grading_figures(graded(answers, [0.5] * 119, structure=structure), resamples=10)["structures"]
    assert reported["thalami"] == {"counts": {"no": 29, "yes": 30}, "note": N_TOO_SMALL}
    assert reported["palate"]["auc"]["value"] == 0.5


def test_a_patients_rows_are_drawn_together() -> None:
    """Of two patients, a resample has both, or one alone and no AUC: every AUC there is is that of all rows."""
    rows = graded(["yes", "yes", "no"], [0.9, 0.2, 0.5], group=["p", "p", "q"])
    reported = grading_figures(rows, resamples=200)["auc"]
    assert reported == {"value": 0.5, "low": 0.5, "high": 0.5}


def test_parts_are_joined_in_the_order_of_images() -> None:
    rows = graded(["yes", "no", "yes"], [0.9, 0.2, 0.5])
    joined = GradedRows.join([rows.take(np.array([2])), rows.take(np.array([1, 0]))])
    assert joined.words["image"].tolist() == rows.words["image"].tolist()
    assert (joined.probabilities == rows.probabilities).all()


def test_the_file_gives_back_what_was_written(tmp_path: Path) -> None:
    rows = graded(["yes", "no"], [0.25, 0.125], [(True, False), (False, True)], device=["GE", "a,b"])
    write_rows([(("one", "x"), rows), (("two", "x"), rows)], tmp_path / "rows.csv", ("scheme", "arm"))
    reported = dict(read_rows(tmp_path / "rows.csv", "yes", ("scheme", "arm")))
    assert set(reported) == {("one", "x"), ("two", "x")}
    back = reported["two", "x"]
    assert back.classes == CLASSES
    assert {name: words.tolist() for name, words in back.words.items()} == {
        name: words.tolist() for name, words in rows.words.items()
    }
    assert (back.probabilities == rows.probabilities).all()
    assert (back.sets == rows.sets).all()


@pytest.mark.parametrize(
    "text", ["", "image,answer\na,b\n", "image,structure,group,centre,device,layout,answer,p:a\nx"]
)
def test_another_file_is_refused_by_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "other.csv").write_text(text)
    with raised(DatasetError, found=r"other\.csv"):
        read_rows(tmp_path / "other.csv", "yes", ("scheme",))
