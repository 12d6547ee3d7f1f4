"""The LASSO solves the loss that it names, takes the penalty of its rule, and chooses what tells classes apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.utils.estimator_checks import estimator_checks_generator

from nonet.select.lasso import LassoSelector, PenaltyPath, _inner_folds
from nonet.select.penalty_rule import PenaltyRule


def two_classes(rows: int, columns: int, seed: int, informative: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Normal columns, of which the first few tell a third of the rows from the others."""
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(rows, columns))
    score = table[:, :informative].sum(axis=1) + rng.normal(size=rows)
    return table, score > np.quantile(score, 2 / 3)


def standardised(table: np.ndarray, like: np.ndarray | None = None) -> np.ndarray:
    known = table if like is None else like
    return (table - known.mean(axis=0)) / known.std(axis=0)


def balance(positive: np.ndarray) -> np.ndarray:
    return np.where(positive, len(positive) / (2 * positive.sum()), len(positive) / (2 * (~positive).sum()))


def slopes(scaled: np.ndarray, positive: np.ndarray, weights: np.ndarray, offset: float) -> np.ndarray:
    """Derivatives of the mean balanced log loss by each weight, and last by the offset."""
    sign = np.where(positive, 1, -1)
    pull = -balance(positive) * sign / (1 + np.exp(sign * (scaled @ weights + offset)))
    return np.append(pull @ scaled, pull.sum()) / len(scaled)


def best_offset(scaled: np.ndarray, positive: np.ndarray, weights: np.ndarray) -> float:
    """The offset that these weights go with: where its slope is 0."""
    return brentq(lambda offset: slopes(scaled, positive, weights, offset)[-1], -50, 50)


def by_proximal_gradient(scaled: np.ndarray, positive: np.ndarray, penalty: float) -> tuple[np.ndarray, float]:
    """Weights and offset at the least of the loss plus the L1 norm of the weights (Beck and Teboulle 2009: FISTA)."""
    design = np.column_stack([scaled, np.ones(len(scaled))])
    step = 4 / np.linalg.eigvalsh(design.T @ (design * balance(positive)[:, None]) / len(design)).max()
    now = ahead = np.zeros(design.shape[1])
    for turn in range(1_500):
        there = ahead - step * slopes(scaled, positive, ahead[:-1], ahead[-1])
        shrunk = np.sign(there) * np.maximum(np.abs(there) - step * penalty, 0)
        last, now = now, np.append(shrunk[:-1], there[-1])
        ahead = now + turn / (turn + 3) * (now - last)
    return now[:-1], float(now[-1])


def largest_penalty(table: np.ndarray, positive: np.ndarray) -> float:
    return float(np.abs(slopes(standardised(table), positive, np.zeros(table.shape[1]), 0)).max())


@pytest.mark.parametrize(
    ("estimator", "check"),
    [
        pytest.param(estimator, check, id=getattr(check, "func", check).__name__)
        for estimator, check in estimator_checks_generator(LassoSelector())
    ],
)
def test_scikit_learn_contract(estimator: LassoSelector, check: object) -> None:
    check(estimator)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(30, 80), st.integers(2, 8), st.floats(0.02, 0.95))
def test_weights_satisfy_the_conditions_of_the_least_loss(seed: int, rows: int, columns: int, share: float) -> None:
    """Karush-Kuhn-Tucker: the slope pays the penalty exactly at each weight, and at most where there is none."""
    table, positive = two_classes(rows, columns, seed)
    penalty = share * largest_penalty(table, positive)
    weights = LassoSelector(penalties=[penalty]).fit(table, positive).coef_[0]
    scaled = standardised(table)
    slope = slopes(scaled, positive, weights, best_offset(scaled, positive, weights))[:-1]
    used = weights != 0
    assert slope[used] == pytest.approx(-penalty * np.sign(weights[used]), abs=1e-3)
    assert (np.abs(slope[~used]) <= penalty + 1e-3).all()


@pytest.mark.parametrize("share", [0.8, 0.3, 0.1, 0.03])
def test_another_solver_finds_the_same_weights(share: float) -> None:
    table, positive = two_classes(90, 6, seed=1)
    penalty = share * largest_penalty(table, positive)
    expected, _ = by_proximal_gradient(standardised(table), positive, penalty)
    found = LassoSelector(penalties=[penalty]).fit(table, positive)
    assert found.coef_[0] == pytest.approx(expected, abs=2e-3)
    assert found.get_support().tolist() == (expected != 0).tolist()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(20, 80), st.integers(2, 12))
def test_nothing_is_chosen_above_the_largest_penalty_and_something_below(seed: int, rows: int, columns: int) -> None:
    table, positive = two_classes(rows, columns, seed)
    largest = largest_penalty(table, positive)
    assert not LassoSelector(penalties=[1.01 * largest]).fit(table, positive).get_support().any()
    assert LassoSelector(penalties=[0.9 * largest]).fit(table, positive).get_support().any()


def test_the_path_walks_down_from_the_largest_penalty_until_the_loss_no_longer_falls() -> None:
    table, positive = two_classes(150, 30, seed=2)
    (path,) = LassoSelector(points=20, reach=0.01, patience=3).fit(table, positive).paths_
    walked = largest_penalty(table, positive) * np.geomspace(1, 0.01, 20)
    assert path.penalties == pytest.approx(walked[: len(path.penalties)])
    assert len(path.penalties) == len(path.losses) == len(path.errors) < 20
    assert len(path.losses) - 1 - path.losses.argmin() == 3
    (all_of_it,) = LassoSelector(points=20, reach=0.01, patience=20).fit(table, positive).paths_
    assert all_of_it.penalties == pytest.approx(walked)
    assert all_of_it.losses[: len(path.losses)].tolist() == path.losses.tolist()


def test_losses_of_the_path_are_those_of_rows_that_were_not_trained_on() -> None:
    """Each fold is standardised and fitted anew, here by the other solver."""
    table, positive = two_classes(80, 4, seed=3)
    patients = np.arange(80) // 2
    (path,) = LassoSelector(folds=4, random_state=5).fit(table, positive, patients).paths_
    folds = list(StratifiedGroupKFold(4, shuffle=True, random_state=5).split(table, positive, patients))
    counts = balance(positive)
    for place in (0, 4, len(path.penalties) - 1):
        losses = []
        for train, test in folds:
            scaled = standardised(table[train])
            weights, offset = by_proximal_gradient(scaled, positive[train], path.penalties[place])
            chance = 1 / (1 + np.exp(-standardised(table[test], like=table[train]) @ weights - offset))
            right = np.where(positive[test], chance, 1 - chance)
            losses.append((counts[test] * -np.log(right)).sum() / counts[test].sum())
        assert path.losses[place] == pytest.approx(np.mean(losses), abs=1e-3)
        assert path.errors[place] == pytest.approx(np.std(losses, ddof=1) / 2, abs=1e-3)


@pytest.mark.parametrize(("error", "chosen"), [(0.0, 2.0), (0.02, 2.0), (0.05, 4.0), (0.3, 8.0)])
def test_one_standard_error_of_the_best_decides(error: float, chosen: float) -> None:
    """The error is that of the least loss; those of the other penalties do not matter."""
    losses, errors = np.array([0.69, 0.54, 0.50, 0.51]), np.array([9.0, 9.0, error, 9.0])
    assert PenaltyPath(np.array([8.0, 4.0, 2.0, 1.0]), losses, errors).chosen() == chosen


def test_the_other_rule_takes_the_least_loss() -> None:
    path = PenaltyPath(np.array([8.0, 4.0, 2.0, 1.0]), np.array([0.69, 0.54, 0.50, 0.51]), np.full(4, 0.3))
    assert path.chosen(PenaltyRule.MINIMUM) == 2.0
    table, positive = two_classes(150, 30, seed=2)
    least, largest = (
        LassoSelector(rule=rule).fit(table, positive).get_support().sum()
        for rule in (PenaltyRule.MINIMUM, PenaltyRule.ONE_STANDARD_ERROR)
    )
    assert least > largest


def test_a_rare_class_keeps_the_support_that_saga_finds() -> None:
    """7 % of 300, off centre: a penalised intercept would move what is chosen."""
    rng = np.random.default_rng(4)
    table = rng.normal(size=(300, 10))
    positive = np.zeros(300, bool)
    positive[np.argsort(table[:, 0] + 0.5 * table[:, 1] + rng.normal(0, 0.3, 300))[-21:]] = True
    scaled = standardised(table)
    for share in (0.5, 0.1, 0.03):
        penalty = share * largest_penalty(table, positive)
        saga = LogisticRegression(
            l1_ratio=1, solver="saga", C=1 / (penalty * 300), class_weight="balanced", tol=1e-8, max_iter=20_000
        ).fit(scaled, positive)
        found = LassoSelector(penalties=[penalty]).fit(table, positive)
        assert found.coef_[0] == pytest.approx(saga.coef_[0], abs=5e-3)
        assert found.get_support().tolist() == (np.abs(saga.coef_[0]) > 1e-6).tolist()


def test_the_penalty_is_the_largest_within_one_standard_error() -> None:
    for seed in range(5):
        table, positive = two_classes(120, 8, seed)
        found = LassoSelector().fit(table, positive)
        (path,) = found.paths_
        bar = min(path.losses) + path.errors[list(path.losses).index(min(path.losses))]
        good = [penalty for penalty, loss in zip(path.penalties, path.losses, strict=True) if loss <= bar]
        assert found.penalties_.tolist() == [max(good)]
        assert max(good) > path.penalties[path.losses.argmin()]


def three_classes(rows: int, columns: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Class ``k`` is where column ``k`` is high."""
    rng = np.random.default_rng(seed)
    answers = np.arange(rows) % 3
    table = rng.normal(size=(rows, columns))
    table[np.arange(rows), answers] += 2
    return table, np.array(["absent", "short", "whole"])[answers]


def test_of_three_classes_each_is_set_against_the_others_and_the_supports_are_united() -> None:
    table, answers = three_classes(240, 12, seed=4)
    found = LassoSelector().fit(table, answers)
    assert found.classes_.tolist() == ["absent", "short", "whole"]
    assert (found.coef_.shape, found.penalties_.shape, len(found.paths_)) == ((3, 12), (3,), 3)
    for place, one in enumerate(found.classes_):
        alone = LassoSelector(penalties=[found.penalties_[place]]).fit(table, answers == one)
        assert found.coef_[place] == pytest.approx(alone.coef_[0])
    assert found.get_support().tolist() == [bool(any(column)) for column in found.coef_.T]
    assert found.get_support()[:3].all()


def test_a_column_that_one_class_alone_needs_is_in_the_union() -> None:
    table, answers = three_classes(240, 3, seed=5)
    penalties = np.array([0.5 * largest_penalty(table, answers == "absent"), 9.0, 9.0])
    found = LassoSelector(penalties=penalties).fit(table, answers)
    assert not found.coef_[1:].any()
    assert found.coef_[0, 0] > 0
    assert found.get_support()[0]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_units_signs_and_names_of_classes_do_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    table, positive = two_classes(60, 6, seed)
    penalty = [0.2 * largest_penalty(table, positive)]
    found = LassoSelector(penalties=penalty).fit(table, positive)
    sign = rng.choice([-1, 1], 6)
    changed = (table + rng.normal(0, 3, 6)) * sign * 10 ** rng.uniform(-6, 6, 6)
    assert LassoSelector(penalties=penalty).fit(changed, positive).coef_[0] == pytest.approx(
        found.coef_[0] * sign, abs=2e-3
    )
    swapped = np.where(positive, "a", "b")
    assert LassoSelector(penalties=penalty).fit(table, swapped).coef_ == pytest.approx(-found.coef_, abs=2e-3)


def test_units_do_not_matter_to_the_penalty() -> None:
    table, positive = two_classes(90, 6, seed=6)
    found = LassoSelector().fit(table, positive)
    moved = LassoSelector().fit(table * 10.0 ** np.arange(-3, 3) + 5, positive)
    assert moved.penalties_ == pytest.approx(found.penalties_)
    assert moved.get_support().tolist() == found.get_support().tolist()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 12), st.integers(2, 6))
def test_inner_folds_keep_groups_whole_and_test_each_row_once(seed: int, patients: int, folds: int) -> None:
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(2 * patients), rng.integers(1, 5, 2 * patients))
    labels = groups % 2
    divided = list(_inner_folds(labels, groups, folds, seed))
    assert len(divided) == min(folds, patients)
    assert sorted(row for _, test in divided for row in test) == list(range(len(labels)))
    for train, test in divided:
        assert not set(groups[train]) & set(groups[test])
        assert len(train) + len(test) == len(labels)


def test_columns_that_only_name_the_patient_are_not_chosen() -> None:
    """Each patient has values of their own and one class: rows tell nothing of other patients."""
    rng = np.random.default_rng(7)
    patients = np.repeat(np.arange(24), 8)
    table = rng.normal(size=(24, 20))[patients] + 0.05 * rng.normal(size=(len(patients), 20))
    answers = patients % 2
    assert LassoSelector().fit(table, answers, patients).get_support().sum() <= 1
    assert LassoSelector().fit(table, answers).get_support().sum() >= 10


def test_groups_may_be_names() -> None:
    table, positive = two_classes(60, 4, seed=8)
    numbers = np.arange(60) // 3
    named = LassoSelector().fit(table, positive, [f"patient-{number:02}" for number in numbers])
    assert named.penalties_.tolist() == LassoSelector().fit(table, positive, numbers).penalties_.tolist()


def test_noise_chooses_few() -> None:
    counts = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        found = LassoSelector().fit(rng.normal(size=(100, 40)), rng.random(100) < 0.4)
        counts.append(int(found.get_support().sum()))
    assert np.mean(counts) <= 1
    assert counts.count(0) >= 6


@pytest.mark.parametrize("seed", range(5))
def test_planted_columns_are_found_among_noise(seed: int) -> None:
    table, positive = two_classes(250, 40, seed, informative=3)
    weights = np.abs(LassoSelector().fit(table, positive).coef_[0])
    assert weights[:3].min() > 3 * weights[3:].max()
    assert (weights[3:] > 0).sum() <= 8


def test_given_penalties_skip_the_inner_folds_and_give_the_same_fit() -> None:
    table, answers = three_classes(90, 5, seed=9)
    found = LassoSelector().fit(table, answers)
    again = LassoSelector(penalties=tuple(found.penalties_)).fit(table, answers)
    assert again.paths_ == ()
    assert again.coef_.tolist() == found.coef_.tolist()
    one_patient = LassoSelector(penalties=tuple(found.penalties_)).fit(table, answers, np.zeros(90))
    assert one_patient.coef_.tolist() == found.coef_.tolist()


def test_a_constant_column_is_never_chosen() -> None:
    table, positive = two_classes(60, 3, seed=10)
    table[:, 2] = 0.1 + 0.2
    assert LassoSelector(penalties=[1e-3]).fit(table, positive).get_support().tolist() == [True, True, False]
    constant = LassoSelector().fit(np.ones((60, 2)), positive)
    assert not constant.get_support().any()


@pytest.mark.parametrize("penalties", [[], [1.0, 1.0], [0.0], [-1.0], [np.nan]])
def test_there_is_a_positive_penalty_for_each_problem(penalties: list[float]) -> None:
    table, positive = two_classes(40, 3, seed=11)
    with pytest.raises(ValueError, match="a positive penalty for each of 1 problems"):
        LassoSelector(penalties=penalties).fit(table, positive)


def test_one_class_cannot_be_told_apart() -> None:
    with pytest.raises(ValueError, match="Found: one class"):
        LassoSelector().fit(np.eye(6), np.zeros(6))


@pytest.mark.parametrize("groups", [None, np.append(np.arange(38), [38, 38])])
def test_each_class_has_two_groups_or_more(groups: np.ndarray | None) -> None:
    alone = 1 if groups is None else 2
    with pytest.raises(ValueError, match="two groups or more of each class"):
        LassoSelector().fit(two_classes(40, 3, seed=12)[0], np.arange(40) >= 40 - alone, groups)


@pytest.mark.parametrize("gap", [np.nan, np.inf])
def test_rows_have_no_gaps(gap: float) -> None:
    table, positive = two_classes(40, 3, seed=13)
    table[7, 1] = gap
    with pytest.raises(ValueError, match="contains"):
        LassoSelector().fit(table, positive)


def test_there_is_a_group_for_each_row() -> None:
    table, positive = two_classes(40, 3, seed=14)
    with pytest.raises(ValueError, match=r"\[40, 39\]"):
        LassoSelector().fit(table, positive, np.arange(39))


def test_an_elastic_net_solves_its_loss_and_keeps_twins_together() -> None:
    table, positive = two_classes(300, 6, seed=5)
    twins = np.column_stack([table, table[:, 0] + np.random.default_rng(0).normal(0, 1e-3, 300)])
    penalty, share = 0.05, 0.5
    net = LassoSelector(penalties=(penalty,), l1_ratio=share).fit(twins, positive)
    lasso = LassoSelector(penalties=(penalty * share,)).fit(twins, positive)
    assert net.get_support()[[0, -1]].all()
    assert np.ptp(np.abs(net.coef_[0, [0, -1]])) < 0.02
    assert np.ptp(np.abs(lasso.coef_[0, [0, -1]])) > 0.1
    scaled, weights = standardised(twins), net.coef_[0]
    gradient = slopes(scaled, positive, weights, best_offset(scaled, positive, weights))[:-1]
    chosen = weights != 0
    pull = gradient + penalty * (1 - share) * weights
    assert pull[chosen] == pytest.approx(-penalty * share * np.sign(weights[chosen]), abs=2e-3)
    assert (np.abs(pull[~chosen]) <= penalty * share + 2e-3).all()
