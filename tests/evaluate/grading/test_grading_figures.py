"""Figures of graded rows, against counts by hand, and the file that they can all be derived from again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from errors_raised import raised
from nonet.errors import DatasetError
from nonet.evaluate.grading import N_TOO_SMALL, UNKNOWN, WORDS, GradedRows, grading_figures, read_rows, write_rows
from nonet.evaluate.grading.class_metrics import ClassMetric, ScoredRows, samples_of_class

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


def test_a_structure_has_figures_from_ten_rows_of_a_class_with_a_caution_below_thirty() -> None:
    answers = ["yes"] * 70 + ["no"] * 49
    structure = ["palate"] * 30 + ["thalami"] * 30 + ["nose"] * 10 + ["palate"] * 30 + ["thalami"] * 10 + ["nose"] * 9
    reported = grading_figures(graded(answers, [0.5] * 119, structure=structure), resamples=10)["structures"]
    assert reported["nose"] == {"counts": {"no": 9, "yes": 10}, "note": N_TOO_SMALL}
    assert reported["thalami"]["auc"]["value"] == 0.5
    assert reported["thalami"]["caution"] == "10 rows of a class"
    assert "caution" not in reported["palate"]


def test_pairs_are_of_one_model_each() -> None:
    """Two folds whose models differ in their offset alone, the one with fewer positives being the surer."""
    answers = ["yes", "no", "no", "no", "yes", "yes", "yes", "no"]
    rows = graded(answers, [0.9, 0.8, 0.85, 0.95, 0.2, 0.1, 0.4, 0.3])
    joined = GradedRows.join([rows.take(np.arange(4)), rows.take(np.arange(4, 8))], ["fold 0", "fold 1"])
    alone = GradedRows.join([rows.take(np.arange(4)), rows.take(np.arange(4, 8))])
    assert grading_figures(joined, resamples=20)["auc"]["value"] == pytest.approx((2 + 1) / (3 + 3))
    assert grading_figures(alone, resamples=20)["auc"]["value"] < 0.4


def test_the_calibration_slope_of_separated_classes_is_not_defined() -> None:
    apart = grading_figures(graded(["no"] * 15 + ["yes"] * 15, [0.3] * 15 + [0.7] * 15), resamples=50)
    assert apart["calibration_slope"] == {"value": None, "low": None, "high": None}
    assert apart["calibration_intercept"]["value"] == pytest.approx(0, abs=1e-6)
    shares = [0.3] * 14 + [0.8] + [0.2] + [0.7] * 14
    nearly = grading_figures(graded(["no"] * 15 + ["yes"] * 15, shares), resamples=400)["calibration_slope"]
    assert nearly["value"] > 1
    assert nearly["low"] > 0
    assert nearly["high"] is None


def test_calibration_is_that_of_a_logistic_regression() -> None:
    """Against statsmodels' way of writing it, by scikit-learn without a penalty."""
    rng = np.random.default_rng(0)
    logit = rng.normal(size=400)
    shares = 1 / (1 + np.exp(-logit))
    truth = rng.random(400) < 1 / (1 + np.exp(-(0.5 + 2 * logit)))
    reported = grading_figures(graded(["yes" if one else "no" for one in truth], shares.tolist()), resamples=20)
    fitted = LogisticRegression(C=np.inf, tol=1e-10).fit(logit[:, None], truth)
    assert reported["calibration_slope"]["value"] == pytest.approx(fitted.coef_[0, 0], abs=1e-4)
    start = reported["calibration_intercept"]["value"]
    assert (1 / (1 + np.exp(-(logit + start)))).mean() == pytest.approx(truth.mean(), abs=1e-6)


@pytest.mark.parametrize("spread", [1e-4, 0.05, 1.5], ids=["nearly constant", "narrow", "nearly separated"])
def test_the_calibration_slope_of_every_resample_is_the_maximum_of_its_likelihood(spread: float) -> None:
    """However the scores lie; a Newton step that is cut or goes too far must not end elsewhere."""
    rng = np.random.default_rng(1)
    truth = np.arange(60) < 25
    logit = spread * (rng.normal(size=60) + (4 if spread == 1.5 else 0.3) * truth)
    rows = ScoredRows(("no", "yes"), np.column_stack([1 - expit(logit), expit(logit)]), truth.astype(np.intp))
    weights = rng.multinomial(60, np.full(60, 1 / 60), size=300)
    slopes = samples_of_class(rows, 1, weights)[ClassMetric.CALIBRATION_SLOPE]
    bounded = np.isfinite(slopes)
    assert bounded.mean() > 0.1
    z = ((logit - logit.mean()) / logit.std())[:, None]
    for drawn, slope in zip(weights[bounded][:40], slopes[bounded][:40], strict=True):
        fitted = LogisticRegression(C=np.inf, tol=1e-12, solver="newton-cholesky").fit(z, truth, sample_weight=drawn)
        assert slope == pytest.approx(fitted.coef_[0, 0] / logit.std(), rel=1e-5)


def three_grades(called: list[str], answers: list[str]) -> GradedRows:
    classes = ("normal", "borderline", "abnormal")
    reported = {name: np.array([UNKNOWN] * len(answers)) for name in WORDS}
    reported |= {"image": np.array([f"{n:03d}.png" for n in range(len(answers))]), "answer": np.array(answers)}
    reported |= {"structure": np.array([""] * len(answers)), "group": reported["image"]}
    shares = np.array([[0.8 if name == one else 0.1 for name in classes] for one in called])
    return GradedRows(classes, "abnormal", reported, shares, np.ones((len(answers), 3), np.bool_))


def test_of_three_grades_sensitivity_is_that_of_the_abnormal_and_every_class_has_its_own() -> None:
    answers = ["normal"] * 20 + ["borderline"] * 12 + ["abnormal"] * 8
    reported = grading_figures(three_grades(["normal"] * 40, answers), resamples=20)
    assert reported["sensitivity"]["value"] == 0
    assert reported["classes"]["abnormal"]["rows"] == 8
    assert reported["classes"]["abnormal"]["called"] == 0
    assert reported["classes"]["normal"]["sensitivity"]["value"] == 1
    assert reported["largest_class"]["value"] == reported["accuracy"]["value"] == 0.5
    assert reported["ppv"] == {"value": None, "low": None, "high": None}


def test_the_positive_class_is_held_against_each_other_alone() -> None:
    """Abnormal is told from normal without fault and from borderline not at all."""
    rng = np.random.default_rng(5)
    labels = np.repeat([0, 1, 2], 40)
    odds = np.where(labels == 0, -3.0, 3.0) + rng.normal(0, 0.5, 120)
    abnormal = 1 / (1 + np.exp(-odds)) * 0.5
    shares = np.column_stack([1 - 2 * abnormal, abnormal, abnormal])
    classes = ("normal", "borderline", "abnormal")
    words = {name: np.array(["x"] * 120) for name in WORDS}
    words |= {"answer": np.array(classes)[labels], "structure": np.array(["nasal_bone"] * 120)}
    words |= {"group": np.array([str(row) for row in range(120)])}
    rows = GradedRows(classes, "abnormal", words, shares, np.ones((120, 3), bool))
    found = grading_figures(rows, resamples=20)["structures"]["nasal_bone"]["auc_against"]
    assert found["normal"]["value"] == 1
    assert found["borderline"]["value"] == 0.5
    assert list(found) == ["normal", "borderline"]


def test_predictive_values_follow_the_prevalence_that_is_stated() -> None:
    rows = graded(["yes"] * 40 + ["no"] * 40, [0.9] * 36 + [0.1] * 4 + [0.9] * 8 + [0.1] * 32)
    reported = grading_figures(rows, resamples=20, prevalence=0.02)
    assert reported["ppv"]["value"] == pytest.approx(36 / 44, abs=1e-6)
    assert reported["npv"]["value"] == pytest.approx(32 / 36, abs=1e-6)
    stated = reported["at_prevalence"]
    assert stated["ppv"]["value"] == pytest.approx(0.02 * 0.9 / (0.02 * 0.9 + 0.98 * 0.2), abs=1e-6)
    assert stated["npv"]["value"] == pytest.approx(0.98 * 0.8 / (0.98 * 0.8 + 0.02 * 0.1), abs=1e-6)


def test_net_benefit_is_counted_right() -> None:
    rows = graded(["yes"] * 40 + ["no"] * 40, [0.9] * 36 + [0.1] * 4 + [0.9] * 8 + [0.1] * 32)
    curve = {one["threshold"]: one for one in grading_figures(rows, resamples=20)["decision_curve"]}
    assert curve[0.25]["net_benefit"]["value"] == pytest.approx((36 - 8 / 3) / 80, abs=1e-6)
    assert curve[0.25]["act_on_all"]["value"] == pytest.approx((40 - 40 / 3) / 80, abs=1e-6)


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
