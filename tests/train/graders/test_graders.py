"""Three kinds of grader, one search, and the same probabilities in onnxruntime."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest
from sklearn.linear_model import LogisticRegression

from errors_raised import raised
from nonet.errors import BundleError, TrainingError
from nonet.grade import FeatureRows, Grader, GraderSpec, NotAssessed, NotAssessedReason, Prediction
from nonet.grade.held_out import halves
from nonet.train.graders import Copies, Found, GraderKind, TrainedGrader, finish_grader, search
from nonet.train.graders.baselines import BlockScaling, logistic_regression

if TYPE_CHECKING:
    from collections.abc import Callable

FAST = {
    GraderKind.TAB_TRANSFORMER: {"epochs": 20, "rate": 5e-3, "weight_decay": 0.1, "depth": 1, "binned": 4},
    GraderKind.BOOSTING: {"max_iter": 20},
}
WORDS = ("palate", "midbrain", "thalami")


def frames(rows: int = 240, classes: int = 3, seed: int = 0) -> tuple[FeatureRows, list[str], np.ndarray]:
    """Features with gaps and a structure, answers that follow from both, and three rows a patient."""
    rng = np.random.default_rng(seed)
    values = rng.normal(50, 20, (rows, 6))
    word = rng.integers(0, 3, rows)
    score = values[:, 0] + 10 * word + rng.normal(0, 5, rows)
    answers = np.array(["abnormal", "normal", "borderline"])[
        np.digitize(score, np.quantile(score, np.arange(1, classes) / classes))
    ]
    values[rng.random(values.shape) < 0.02] = np.nan
    names = tuple(f"feature_{place}" for place in range(6))
    structures = tuple(WORDS[place] for place in word)
    return FeatureRows(names, values, {"structure": structures}), answers.tolist(), np.arange(rows) // 3


@cache
def found(kind: GraderKind, classes: int = 3) -> Found:
    features, answers, groups = frames(classes=classes)
    return search(kind, features, answers, groups, budget=2, folds=2, fixed=FAST.get(kind))


@cache
def trained(kind: GraderKind, classes: int = 3) -> TrainedGrader:
    _, answers, groups = frames(classes=classes)
    return finish_grader(found(kind, classes), answers, groups)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("kind", GraderKind)
def test_the_grader_says_what_the_classifier_says(kind: GraderKind, classes: int) -> None:
    best, made = found(kind, classes), trained(kind, classes)
    fresh, _, _ = frames(500, seed=1)
    fresh = FeatureRows(fresh.names, fresh.values, {"structure": ("never seen", *fresh.categories["structure"][1:])})
    expected = np.mean(
        [
            made.spec.calibration.apply(classifier.predict_proba(preprocessing.apply(fresh).astype(np.float64)))
            for preprocessing, classifier in best.members
        ],
        axis=0,
    )
    outputs = Grader(made.model, made.spec).probabilities(fresh)
    assert outputs == pytest.approx(expected, abs=1e-5)


def block_of(column: str) -> str:
    return "first" if column == "feature_0" else "others"


@pytest.mark.parametrize("block_of", [None, block_of], ids=["columns alike", "blocks alike"])
@pytest.mark.parametrize("fixed", [{}, {"by_word": 0}, {"components": 0.9}, {"by_word": 0, "components": 0.8}], ids=str)
def test_a_logistic_regression_of_any_form_is_exported_as_it_is(
    fixed: dict[str, float], block_of: Callable[[str], str] | None
) -> None:
    features, answers, groups = frames()
    best = search(
        GraderKind.LOGISTIC_REGRESSION, features, answers, groups, budget=1, folds=2, fixed=fixed, block_of=block_of
    )
    made = finish_grader(best, answers, groups)
    fresh, _, _ = frames(300, seed=1)
    session = Grader(made.model, made.spec)._session
    inputs = [preprocessing.apply(fresh) for preprocessing, _ in best.members]
    said = session.run({f"{member}.features": each for member, each in enumerate(inputs)})
    for (_, classifier), own, each in zip(best.members, inputs, said, strict=True):
        assert each == pytest.approx(classifier.predict_proba(own.astype(np.float64)), abs=1e-5)


def test_blocks_have_the_same_sum_of_squares_and_what_comes_after_them_stays() -> None:
    rows = np.random.default_rng(0).normal(size=(200, 12))
    scaling = BlockScaling(["few"] + ["many"] * 10)
    scaled = scaling.transform(rows)
    assert scaling.factors[0] ** 2 == pytest.approx((scaling.factors[1:] ** 2).sum())
    assert (scaling.factors**2).mean() == pytest.approx(1)
    assert scaled[:, :11] == pytest.approx(rows[:, :11] * scaling.factors)
    assert (scaled[:, 11] == rows[:, 11]).all()


def test_a_column_of_its_own_block_counts_more_under_the_same_penalty() -> None:
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=(150, 101))
    labels = (numbers[:, 0] + rng.normal(0, 0.5, 150) > 0).astype(int)
    fresh = rng.normal(size=(2000, 101))
    answers = fresh[:, 0] > 0
    alike, blocks = (
        logistic_regression([], 101, C=1e-2, blocks=blocks).fit(numbers, labels).score(fresh, answers)
        for blocks in ((), ["detector", *["deep"] * 100])
    )
    assert blocks > alike + 0.1


def test_a_logistic_regression_by_word_is_one_model_for_each_word() -> None:
    rng = np.random.default_rng(0)
    numbers, word = rng.normal(size=(600, 3)), rng.integers(0, 2, 600)
    labels = (numbers[:, 0] * np.where(word == 1, 1, -1) + rng.normal(0, 0.5, 600) > 0).astype(int)
    inputs = np.column_stack([numbers, word])
    for_all, own = (logistic_regression([3], 4, by_word=by_word, C=1e4).fit(inputs, labels) for by_word in (0, 1))
    assert for_all.score(inputs, labels) < 0.6
    assert own.score(inputs, labels) > 0.8
    for one in (0, 1):
        alone = LogisticRegression(C=1e4).fit(numbers[word == one], labels[word == one])
        expected = alone.predict_proba(numbers[word == one])
        assert own.predict_proba(inputs[word == one]) == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize("kind", GraderKind)
def test_the_uncalibrated_model_agrees_to_five_decimals_at_opset_17(kind: GraderKind) -> None:
    best, made = found(kind), trained(kind)
    inputs = [preprocessing.apply(frames(300, seed=2)[0]) for preprocessing, _ in best.members]
    session = Grader(made.model, made.spec)._session
    outputs = session.run({f"{member}.features": each for member, each in enumerate(inputs)})
    for (_, classifier), own, said in zip(best.members, inputs, outputs, strict=True):
        assert said == pytest.approx(classifier.predict_proba(own.astype(np.float64)), abs=1e-5)
    opsets = {o.domain: o.version for o in onnx.load_from_string(made.model).opset_import}
    assert opsets[""] == 17
    assert opsets.get("ai.onnx.ml", 3) == 3


def test_inputs_on_a_threshold_of_a_tree_take_the_same_branch() -> None:
    best, made = found(GraderKind.BOOSTING), trained(GraderKind.BOOSTING)
    preprocessing, classifier = best.members[0]
    nodes = np.concatenate([tree.nodes for step in classifier["model"]._predictors for tree in step])
    splits = nodes[nodes["is_leaf"] == 0]
    rows = np.zeros((3 * len(splits), preprocessing.width), np.float32)
    near = splits["num_threshold"].astype(np.float32)
    places = np.tile(np.minimum(splits["feature_idx"], 5), 3)
    rows[np.arange(len(rows)), places] = np.concatenate([near, np.nextafter(near, np.float32(9)), near - 1e-6])
    session = Grader(made.model, made.spec)._session
    outputs = session.run({f"{member}.features": rows for member in range(len(best.members))})
    assert outputs[0] == pytest.approx(classifier.predict_proba(rows.astype(np.float64)), abs=1e-5)


@pytest.mark.parametrize("kind", GraderKind)
def test_every_kind_learns(kind: GraderKind) -> None:
    _, answers, _ = frames()
    best = found(kind)
    labels = np.searchsorted(best.classes, answers)
    chance = np.log(3)
    assert best.best.log_loss < chance - 0.1
    assert best.best == min(best.trials, key=lambda trial: trial.log_loss)
    kept = best.out_of_fold[np.arange(len(labels)), labels]
    assert best.best.log_loss == pytest.approx(-np.log(kept).mean(), abs=1e-6)


def test_every_kind_tries_as_many_settings() -> None:
    assert {len(found(kind).trials) for kind in GraderKind} == {2}


def test_a_search_is_the_same_again() -> None:
    features, answers, groups = frames()
    again = search(
        GraderKind.TAB_TRANSFORMER, features, answers, groups, budget=2, folds=2, fixed=FAST[GraderKind.TAB_TRANSFORMER]
    )
    assert again.trials == found(GraderKind.TAB_TRANSFORMER).trials


def test_out_of_fold_rows_were_not_seen_with_their_group() -> None:
    """A feature that names the patient, and answers by patient: only a leak could tell them."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(60), 5)
    answers = rng.choice(["no", "yes"], 60)[groups]
    names = FeatureRows(("patient",), rng.permutation(60)[groups][:, None].astype(float))
    settings = {"max_iter": 60, "min_samples_leaf": 2, "max_leaf_nodes": 31, "learning_rate": 0.3}
    grouped = search(GraderKind.BOOSTING, names, answers.tolist(), groups, budget=1, fixed=settings)
    leaking = search(GraderKind.BOOSTING, names, answers.tolist(), budget=1, fixed=settings)
    assert leaking.best.log_loss < 0.2
    assert grouped.best.log_loss > 0.6


def test_a_class_in_fewer_groups_than_folds_is_refused() -> None:
    features, _, groups = frames(30)
    with raised(TrainingError, found="the rarest in 1 groups, for 3 folds"):
        search(GraderKind.LOGISTIC_REGRESSION, features, ["no"] * 27 + ["yes"] * 3, groups)
    with raised(TrainingError, found="1 classes"):
        search(GraderKind.LOGISTIC_REGRESSION, features, ["no"] * 30, groups)


@pytest.mark.parametrize("kind", GraderKind)
def test_a_prediction_has_probabilities_and_the_conformal_set_of_its_members(kind: GraderKind) -> None:
    """Counted by hand: how many held-out rows of a class are as strange under the member that did not see them."""
    best, made = found(kind), trained(kind)
    fresh = frames(60, seed=3)[0]
    apart = np.stack(
        [
            made.spec.calibration.apply(classifier.predict_proba(preprocessing.apply(fresh).astype(np.float64)))
            for preprocessing, classifier in best.members
        ]
    )
    for row, prediction in enumerate(Grader(made.model, made.spec).predict(fresh)):
        assert isinstance(prediction, Prediction)
        assert sum(prediction.probabilities.values()) == pytest.approx(1)
        for place, name in enumerate(made.spec.classes):
            held = made.spec.conformal.scores[place]
            stranger = sum(sum(one >= 1 - apart[m, row, place] for one in own) for m, own in enumerate(held))
            p = (1 + stranger) / (1 + sum(map(len, held)))
            if abs(p - 0.05) > 0.02:
                assert (name in prediction.conformal_set) == (p > 0.05)


def test_conformal_sets_of_fresh_frames_hold_their_level() -> None:
    """240 rows trained on, all of them scored: the coverage of one draw is within four of its own deviations."""
    made = trained(GraderKind.LOGISTIC_REGRESSION)
    fresh, answers, _ = frames(6000, seed=5)
    predicted = Grader(made.model, made.spec).predict(fresh)
    held = [a in one.conformal_set for a, one in zip(answers, predicted, strict=True) if isinstance(one, Prediction)]
    assert 0.95 - 4 * np.sqrt(0.05 * 0.95 / 240) < np.mean(held) < 1


def test_a_row_that_cannot_be_assessed_has_its_reason() -> None:
    features, _, _ = frames(4, seed=4)
    values = np.where(np.arange(4)[:, None] == 1, np.nan, np.nan_to_num(features.values, nan=50))
    rows = FeatureRows(features.names, values, {"structure": ("palate", "palate", "nasal bone", "palate")})
    made = trained(GraderKind.LOGISTIC_REGRESSION)
    withheld = [None, None, None, NotAssessed(NotAssessedReason.NOT_VISIBLE)]
    predicted = Grader(made.model, made.spec).predict(rows, withheld)
    assert isinstance(predicted[0], Prediction)
    assert predicted[1] == NotAssessed(NotAssessedReason.MISSING_FEATURES, "100% of the features have no value")
    assert [why.reason for why in predicted[2:] if isinstance(why, NotAssessed)] == [
        NotAssessedReason.UNKNOWN_CATEGORY,
        NotAssessedReason.NOT_VISIBLE,
    ]


def test_a_specification_survives_its_document() -> None:
    spec = trained(GraderKind.TAB_TRANSFORMER).spec
    assert GraderSpec.from_json(spec.to_json().encode()) == spec


@pytest.mark.parametrize(
    "change",
    [
        {"format": 5},
        {"conformal": {"level": 0.9, "scores": [[[], []]] * 3, "draws": 3}},
        {"format": 1},
        {"members": []},
        {"members": [], "conformal": {"level": 0.9, "scores": [[], [], []]}},
        {"classes": ["a", "a", "b"]},
        {"classes": ["a", "b"]},
        {"kind": None},
        {"most_missing": float("nan")},
        {"conformal": {"level": 0.9, "thresholds": [0.5]}},
    ],
)
def test_a_specification_that_disagrees_with_itself_is_refused(change: dict[str, object]) -> None:
    document = json.loads(trained(GraderKind.LOGISTIC_REGRESSION).spec.to_json())
    with pytest.raises(BundleError):
        GraderSpec.from_json(json.dumps({**document, **change}).encode())


@pytest.mark.parametrize("levels", [[0.9], [0.9, float("nan"), 0.9]])
def test_levels_are_one_a_class(levels: list[float]) -> None:
    document = json.loads(trained(GraderKind.LOGISTIC_REGRESSION).spec.to_json())
    document["conformal"]["levels"] = levels
    with pytest.raises(BundleError):
        GraderSpec.from_json(json.dumps(document).encode())


def test_levels_of_single_classes_change_the_sets_and_nothing_else() -> None:
    made = trained(GraderKind.LOGISTIC_REGRESSION)
    rows, first = frames()[0], made.spec.classes[0]
    other = made.spec.at_levels({first: 0.3})
    assert GraderSpec.from_json(other.to_json().encode()) == other
    assert other.levels == {**made.spec.levels, first: 0.3}
    probabilities, sets = Grader(made.model, made.spec).graded(rows)
    same, narrower = Grader(made.model, other).graded(rows)
    assert np.array_equal(probabilities, same)
    assert np.array_equal(sets[:, 1:], narrower[:, 1:])
    assert narrower[:, 0].sum() < sets[:, 0].sum()
    assert not (narrower[:, 0] & ~sets[:, 0]).any()


def test_a_document_of_format_2_has_one_level_for_all_classes() -> None:
    spec = trained(GraderKind.LOGISTIC_REGRESSION).spec
    document = json.loads(spec.to_json())
    del document["conformal"]["levels"]
    read = GraderSpec.from_json(json.dumps({**document, "format": 2}).encode())
    assert read.levels == dict.fromkeys(spec.classes, spec.conformal.level)


def test_a_model_of_another_width_is_refused() -> None:
    made, other = trained(GraderKind.LOGISTIC_REGRESSION, 2), trained(GraderKind.LOGISTIC_REGRESSION)
    with raised(BundleError, found="probabilities of shape"):
        Grader(made.model, other.spec)


def test_no_row_gives_no_answer() -> None:
    made = trained(GraderKind.LOGISTIC_REGRESSION)
    nothing = FeatureRows(frames()[0].names, np.empty((0, 6)), {"structure": ()})
    assert Grader(made.model, made.spec).predict(nothing) == ()


def test_calibration_and_conformal_rows_share_no_patient() -> None:
    _, answers, groups = frames()
    first, second = halves(np.searchsorted(sorted(set(answers)), answers), groups)
    assert not set(groups[first]) & set(groups[second])


@pytest.mark.parametrize("text", [b"[" * 100_000, b"{", b"null", b"\xff"])
def test_a_text_that_is_no_specification_is_refused(text: bytes) -> None:
    with pytest.raises(BundleError):
        GraderSpec.from_json(text)


def test_copies_train_only_where_their_row_trains() -> None:
    rng = np.random.default_rng(4)
    features = FeatureRows(("a", "b", "c"), rng.normal(size=(120, 3)))
    answers = rng.permutation(["no", "yes"] * 60).tolist()
    five = np.repeat(np.arange(120), 5)
    settings = {"min_samples_leaf": 2, "max_iter": 60}
    copied = search(
        GraderKind.BOOSTING, features, answers, budget=1, fixed=settings, copies=Copies(features.take(five), five)
    )
    plain = search(GraderKind.BOOSTING, features, answers, budget=1, fixed=settings)
    right = np.array(copied.classes)[copied.out_of_fold.argmax(axis=1)] == np.array(answers)
    assert 0.35 < right.mean() < 0.65, "a copy of a row that is tested was trained on"
    assert copied.out_of_fold.shape == plain.out_of_fold.shape
    assert not np.allclose(copied.out_of_fold, plain.out_of_fold), "the copies were not trained on"
    assert copied.copies is not None
    assert copied.copies.probabilities == pytest.approx(copied.out_of_fold[five]), "by the member that saw neither"
    assert copied.copies.counts == pytest.approx(np.full(600, 0.2))


def test_copies_make_a_grader_steady_where_they_differ_from_their_rows() -> None:
    rng = np.random.default_rng(5)
    labels = np.arange(200) % 2
    kept = labels + rng.normal(0, 0.6, 200)
    fickle = labels + rng.normal(0, 0.2, 200)
    features = FeatureRows(("kept", "fickle"), np.column_stack([kept, fickle]))
    changed = FeatureRows(features.names, np.column_stack([kept, rng.normal(0.5, 1, 200)]))
    answers = np.array(["no", "yes"])[labels].tolist()
    graders = [
        finish_grader(search(GraderKind.LOGISTIC_REGRESSION, features, answers, copies=copies), answers)
        for copies in (None, Copies(changed, np.arange(200)))
    ]
    plain, steady = (Grader(made.model, made.spec).graded(changed)[0][:, 1] for made in graders)
    loss = [float(-np.log(np.where(labels == 1, each, 1 - each)).mean()) for each in (plain, steady)]
    assert loss[1] < loss[0] - 0.1


def test_the_copies_of_a_row_together_count_as_much_as_the_row() -> None:
    features, answers, _ = frames(120, classes=2)
    slopes = []
    for number in (1, 5):
        of = np.repeat(np.arange(120), number)
        best = search(
            GraderKind.LOGISTIC_REGRESSION, features, answers, budget=1, folds=2, copies=Copies(features.take(of), of)
        )
        slopes.append(best.members[0][1]["model"].coef_)
    assert slopes[0] == pytest.approx(slopes[1], abs=1e-3)


def test_copies_of_some_rows_are_numbered_as_these() -> None:
    copies = Copies(FeatureRows(("a",), np.arange(6.0)[:, None]), np.array([0, 0, 1, 2, 2, 3]))
    taken = copies.take(np.array([2, 0]))
    assert taken.of.tolist() == [1, 1, 0, 0]
    assert taken.features.values.ravel().tolist() == [0.0, 1.0, 3.0, 4.0]


def test_several_draws_of_the_inner_folds_make_one_grader() -> None:
    """Each row is held out once a draw; the draws together count as one, and the grader is the mean of all members."""
    features, answers, _ = frames(classes=2)
    once = search(GraderKind.LOGISTIC_REGRESSION, features, answers, budget=1)
    thrice = search(GraderKind.LOGISTIC_REGRESSION, features, answers, budget=1, draws=3)
    rows = len(answers)
    assert thrice.out_of_fold.shape == (3 * rows, 2)
    assert thrice.out_of_fold[:rows] == pytest.approx(once.out_of_fold), (
        "the first draw is the one there would be alone"
    )
    assert len(thrice.members) == 9
    assert set(thrice.member_of_row[rows : 2 * rows]) == {3, 4, 5}
    assert not np.array_equal(thrice.member_of_row[:rows], thrice.member_of_row[rows : 2 * rows] - 3)
    made = finish_grader(thrice, answers)
    assert (made.spec.format, made.spec.conformal.draws) == (4, 3)
    assert GraderSpec.from_json(made.spec.to_json().encode()) == made.spec
    assert finish_grader(once, answers).spec.format == 2
    held = [[len(scores) for scores in of_class] for of_class in made.spec.conformal.scores]
    assert [sum(each) for each in held] == [3 * answers.count(name) for name in made.spec.classes]
    alone = Grader(made.model, made.spec)
    assert alone.probabilities(features).shape == (rows, 2)


def test_copies_are_held_out_in_every_draw() -> None:
    features, answers, _ = frames(120, classes=2)
    of = np.repeat(np.arange(120), 2)
    best = search(
        GraderKind.LOGISTIC_REGRESSION, features, answers, budget=1, draws=2, copies=Copies(features.take(of), of)
    )
    assert best.copies is not None
    assert best.copies.of.tolist() == [*of, *(of + 120)]
    assert best.copies.probabilities == pytest.approx(best.out_of_fold[best.copies.of])
    assert best.copies.counts == pytest.approx(np.full(480, 0.5))
