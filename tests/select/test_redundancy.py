"""Of features that go together the most stable stays: the same as one pair after another, and fast."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.utils.estimator_checks import estimator_checks_generator

from nonet.select import redundancy
from nonet.select.redundancy import RedundancyFilter


def related(rows: int, columns: int, seed: int) -> np.ndarray:
    """Columns made of a few factors, so that many go together."""
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(rows, max(columns // 4, 1)))
    return factors[:, rng.integers(factors.shape[1], size=columns)] + rng.normal(size=(rows, columns)) * rng.uniform(
        0.05, 1, columns
    )


def one_pair_after_another(rows: np.ndarray, icc: np.ndarray, threshold: float) -> list[int]:
    kept: list[int] = []
    for column in sorted(range(rows.shape[1]), key=lambda column: (-icc[column], column)):
        if all(abs(np.corrcoef(rows[:, column], rows[:, other])[0, 1]) <= threshold for other in kept):
            kept.append(column)
    return sorted(kept)


@pytest.mark.parametrize(
    ("estimator", "check"),
    [
        pytest.param(estimator, check, id=getattr(check, "func", check).__name__)
        for estimator, check in estimator_checks_generator(RedundancyFilter())
    ],
)
def test_scikit_learn_contract(estimator: RedundancyFilter, check: object) -> None:
    check(estimator)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 40), st.sampled_from([0.3, 0.7, 0.9]), st.sampled_from([1, 7, 256]))
def test_it_keeps_what_one_pair_after_another_keeps(seed: int, columns: int, threshold: float, block: int) -> None:
    rows, icc = related(30, columns, seed), np.random.default_rng(seed).integers(3, size=columns) / 2
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redundancy, "_BLOCK", block)
        kept = RedundancyFilter(threshold=threshold).fit(rows, icc=icc).get_support()
    assert np.flatnonzero(kept).tolist() == one_pair_after_another(rows, icc, threshold)


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_permutations_permute_and_units_do_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, icc, order = related(40, 25, seed), rng.permutation(25) / 25, rng.permutation(25)
    found = RedundancyFilter(threshold=0.7).fit(rows, icc=icc)
    changed = rows * rng.choice([-1, 1], 25) * 10 ** rng.uniform(-6, 6, 25) + rng.normal(size=25)
    moved = RedundancyFilter(threshold=0.7).fit(changed[:, order], icc=icc[order])
    assert moved.get_support().tolist() == found.get_support()[order].tolist()
    assert np.abs(moved.correlation_) == pytest.approx(np.abs(found.correlation_[order]), abs=1e-6, nan_ok=True)


def test_a_feature_that_left_names_the_kept_one_it_goes_with() -> None:
    rows = related(50, 30, seed=3)
    icc = np.linspace(0.75, 1, 30)
    found = RedundancyFilter(threshold=0.6).fit(rows, icc=icc)
    kept = found.get_support()
    assert 0 < kept.sum() < 30
    for column in np.flatnonzero(~kept):
        rival = found.rival_[column]
        assert kept[rival]
        assert icc[rival] > icc[column]
        assert found.correlation_[column] == pytest.approx(np.corrcoef(rows[:, column], rows[:, rival])[0, 1])
        assert abs(found.correlation_[column]) > 0.6
    assert (found.rival_[kept] == -1).all()


def test_a_copy_leaves_and_so_does_a_constant() -> None:
    rows = related(20, 2, seed=4)
    table = np.column_stack([rows[:, 0], -3 * rows[:, 0], np.full(20, 0.3), rows[:, 1]])
    found = RedundancyFilter().fit(table)
    assert found.get_support().tolist() == [True, False, False, True]
    assert found.rival_.tolist() == [-1, 0, -1, -1]
    assert found.correlation_[1] == pytest.approx(-1)


def test_there_is_an_icc_for_each_column() -> None:
    with pytest.raises(ValueError, match="One ICC a column"):
        RedundancyFilter().fit(np.eye(4), icc=[0.8, 0.9])


def test_all_features_of_a_box_take_a_moment() -> None:
    rows = related(600, 2007, seed=5)
    begun = time.process_time()
    RedundancyFilter().fit(rows, icc=np.random.default_rng(5).random(2007))
    assert time.process_time() - begun < 2
