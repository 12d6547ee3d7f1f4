"""The TabTransformer keeps scikit-learn's contract, learns, and says the same in onnxruntime."""

from __future__ import annotations

import time

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from sklearn.datasets import make_classification
from sklearn.utils.estimator_checks import estimator_checks_generator

from nonet.train.graders.tab_transformer import TabTransformerClassifier, export_tab_transformer
from nonet.train.graders.tab_transformer.fit_network import inner_slice
from nonet.train.graders.tab_transformer.token_columns import describe_columns

SMALL = {"depth": 1, "width": 8, "heads": 2, "epochs": 20, "patience": 6, "binned": 4, "rate": 5e-3}


def table(rows: int = 400, classes: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Six numbers and two columns of codes; the class depends on numbers and codes together."""
    rng = np.random.default_rng(seed)
    numbers, codes = rng.normal(size=(rows, 6)), rng.integers(0, 4, (rows, 2))
    score = numbers[:, 0] * np.where(codes[:, 0] < 2, 1, -1) + rng.normal(0, 0.2, rows)
    edges = np.quantile(score, np.arange(1, classes) / classes)
    return np.column_stack([numbers, codes]).astype(np.float32), np.digitize(score, edges)


@pytest.mark.parametrize(
    ("estimator", "check"),
    [
        pytest.param(estimator, check, id=getattr(check, "func", check).__name__)
        for estimator, check in estimator_checks_generator(TabTransformerClassifier(**SMALL))
    ],
)
def test_scikit_learn_contract(estimator: TabTransformerClassifier, check: object) -> None:
    check(estimator)


@pytest.mark.parametrize("categorical", [(), (6, 7)])
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("binned", [0, 4])
def test_the_onnx_model_gives_the_probabilities_of_predict_proba(
    categorical: tuple[int, ...], classes: int, binned: int
) -> None:
    rows, answers = table(classes=classes)
    settings = {**SMALL, "binned": binned, "epochs": 4}
    classifier = TabTransformerClassifier(categorical=categorical, **settings).fit(rows[:200], answers[:200])
    raw = export_tab_transformer(classifier)
    session = onnxruntime.InferenceSession(raw, providers=["CPUExecutionProvider"])
    rows[200:210, 6:] = -1
    for chosen in (rows[200:], rows[200:201]):
        (outputs,) = session.run(["probabilities"], {"features": chosen})
        assert outputs == pytest.approx(classifier.predict_proba(chosen), abs=1e-5)
    assert [(o.domain, o.version) for o in onnx.load_from_string(raw).opset_import] == [("", 17)]


def test_it_learns_what_depends_on_a_word_and_a_number_together() -> None:
    rows, answers = table(rows=1200)
    classifier = TabTransformerClassifier(categorical=(6, 7), **SMALL).fit(rows[:800], answers[:800])
    assert classifier.score(rows[800:], answers[800:]) > 0.8


def test_bins_see_what_a_shallow_look_at_numbers_does_not() -> None:
    """Ten periods of a square wave in one column: a step at each quantile shows them."""
    rng = np.random.default_rng(0)
    rows = rng.uniform(0, 1, (1000, 3)).astype(np.float32)
    answers = (np.floor(rows[:, 0] * 10) % 2).astype(int)
    scores = [
        TabTransformerClassifier(**{**SMALL, "binned": binned}, bins=10).fit(rows[:700], answers[:700])
        .score(rows[700:], answers[700:])
        for binned in (0, 3)
    ]  # fmt: skip
    assert scores[1] > 0.85
    assert scores[0] < 0.7


def test_all_columns_may_be_words() -> None:
    rows, _ = table()
    words = rows[:, 6:]
    classifier = TabTransformerClassifier(categorical=(0, 1), **SMALL).fit(words, words[:, 0] < 2)
    assert classifier.score(words, words[:, 0] < 2) == 1


def test_shuffled_answers_score_at_chance() -> None:
    rows, answers = table(classes=2)
    shuffled = np.random.default_rng(0).permutation(answers)
    classifier = TabTransformerClassifier(categorical=(6, 7), **SMALL).fit(rows[:200], shuffled[:200])
    assert abs(classifier.score(rows[200:], shuffled[200:]) - 0.5) < 0.12


def test_the_same_seed_gives_the_same_numbers_whatever_the_threads_and_global_seed() -> None:
    rows, answers = table(rows=100)
    settings = {**SMALL, "epochs": 3}
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    first = TabTransformerClassifier(**settings).fit(rows, answers).predict_proba(rows)
    assert (torch.get_rng_state() == before).all()
    torch.manual_seed(99)
    torch.set_num_threads(2)
    second = TabTransformerClassifier(**settings).fit(rows, answers).predict_proba(rows)
    torch.set_num_threads(threads)
    other = TabTransformerClassifier(**settings, random_state=1).fit(rows, answers).predict_proba(rows)
    assert (first == second).all()
    assert (first != other).any()


def test_a_weight_on_a_class_makes_it_more_probable() -> None:
    rows, answers = table(classes=2)
    rare = np.concatenate([np.flatnonzero(answers == 0), np.flatnonzero(answers == 1)[:20]])
    plain, balanced = (
        TabTransformerClassifier(class_weight=weight, **{**SMALL, "epochs": 5})
        .fit(rows[rare], answers[rare])
        .predict_proba(rows)[:, 1]
        .mean()
        for weight in (None, "balanced")
    )
    assert balanced > plain + 0.1


def test_the_inner_slice_takes_whole_groups_and_leaves_rows_of_every_class() -> None:
    rng = np.random.default_rng(0)
    labels, groups = rng.integers(0, 3, 300), rng.integers(0, 100, 300)
    aside = inner_slice(labels, groups, 0.2, rng)
    assert not set(groups[aside]) & set(groups[~aside])
    share = np.bincount(labels[aside]) / np.bincount(labels)
    assert (share > 0.1).all()
    assert (share < 0.21).all()


def test_a_class_of_one_row_is_trained_on_and_few_rows_are_all_trained_on() -> None:
    labels = np.array([0] * 30 + [1])
    assert not inner_slice(labels, np.arange(31), 0.9, np.random.default_rng(0))[30]
    assert not inner_slice(labels[:10], np.arange(10), 0.5, np.random.default_rng(0)).any()


def test_the_columns_that_part_the_classes_best_are_cut() -> None:
    rows, answers = table()
    rows[:, 3] = answers + np.random.default_rng(0).normal(0, 0.1, len(rows))
    rows[:, 4] = 7
    columns = describe_columns(rows, answers, (6, 7), 2, 4)
    assert 3 in columns.edges
    assert columns.continuous == tuple(range(6))
    assert columns.levels == {6: (0, 1, 2, 3), 7: (0, 1, 2, 3)}
    cut = np.digitize(rows[:, 3], columns.edges[3], right=True)
    assert np.bincount(cut).tolist() == [100] * 4
    assert 4 not in describe_columns(rows, answers, (6, 7), 6, 4).edges


@pytest.mark.parametrize(
    "setting", [{"width": 10, "heads": 4}, {"categorical": (9,)}, {"inner_share": 1.0}, {"bins": 1}, {"epochs": 0}]
)
def test_settings_without_a_meaning_are_refused(setting: dict[str, object]) -> None:
    rows, answers = table(rows=30)
    with pytest.raises(ValueError, match=r"must|from 0 to 1|holds places"):
        TabTransformerClassifier(**setting).fit(rows, answers)


def test_a_few_hundred_rows_of_two_hundred_columns_take_less_than_ten_seconds() -> None:
    rows, answers = make_classification(400, 200, n_informative=10, random_state=0)
    begun = time.process_time()
    TabTransformerClassifier().fit(rows, answers)
    assert time.process_time() - begun < 10
