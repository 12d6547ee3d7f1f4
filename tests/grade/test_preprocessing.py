"""Columns are chosen by name, gaps take the training median, and nothing escapes its range."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from errors_raised import raised
from nonet.errors import BundleError, SettingsError
from nonet.grade import FeatureRows
from nonet.grade.preprocessing import UNKNOWN, Preprocessing

NAN = np.nan
TRAINED = FeatureRows(
    ("a", "b"),
    np.array([[1.0, 5], [2, 5], [NAN, 5], [3, 5]]),
    {"structure": ("palate", "midbrain", "palate", "palate")},
)


def test_training_rows_come_out_standardised() -> None:
    rows = Preprocessing.fit(TRAINED).apply(TRAINED)
    assert rows.dtype == np.float32
    assert rows[:, 0].mean() == pytest.approx(0, abs=1e-6)
    assert rows[:, 0].std() == pytest.approx(1)
    assert rows[2, 0] == pytest.approx(0, abs=1e-6), "the gap took the median, 2"
    assert rows[:, 1].tolist() == [0, 0, 0, 0], "a constant column"
    assert rows[:, 2].tolist() == [1, 0, 1, 1], "places among the sorted words"


def test_other_columns_and_their_order_do_not_matter() -> None:
    fitted = Preprocessing.fit(TRAINED)
    shuffled = FeatureRows(("z", "b", "a"), np.column_stack([np.ones(4), TRAINED.values[:, ::-1]]), TRAINED.categories)
    assert (fitted.apply(shuffled) == fitted.apply(TRAINED)).all()


def test_an_absent_column_is_refused_by_name() -> None:
    fitted = Preprocessing.fit(TRAINED)
    with raised(BundleError, found="no b, structure"):
        fitted.apply(FeatureRows(("a",), np.ones((1, 1))))
    with raised(BundleError, found="no a, b, structure"):
        Preprocessing.fit(TRAINED).apply(FeatureRows((), np.ones((1, 0))))


def test_words_that_training_did_not_see_have_their_code() -> None:
    row = FeatureRows(("a", "b"), np.ones((1, 2)), {"structure": ("thalami",)})
    assert Preprocessing.fit(TRAINED).apply(row)[0, 2] == UNKNOWN


def test_missing_counts_what_is_filled() -> None:
    rows = FeatureRows(("a", "b"), np.array([[NAN, np.inf], [1, NAN], [1, 1]]), {"structure": ("palate",) * 3})
    assert Preprocessing.fit(TRAINED).missing(rows).tolist() == [1, 0.5, 0]


def test_a_column_without_any_value_says_nothing() -> None:
    empty = FeatureRows(("a",), np.full((3, 1), NAN))
    assert Preprocessing.fit(empty).apply(empty).tolist() == [[0], [0], [0]]


@settings(max_examples=50, deadline=None)
@given(arrays(np.float64, (5, 3)), arrays(np.float64, (4, 3)))
def test_any_numbers_give_finite_inputs_within_ten_deviations(trained: np.ndarray, row: np.ndarray) -> None:
    names = ("a", "b", "c")
    rows = Preprocessing.fit(FeatureRows(names, trained)).apply(FeatureRows(names, row))
    assert np.isfinite(rows).all()
    assert np.abs(rows).max() <= 10


@settings(max_examples=50, deadline=None)
@given(st.permutations(range(4)))
def test_taking_rows_and_applying_commute(order: list[int]) -> None:
    fitted, rows = Preprocessing.fit(TRAINED), np.array(order)
    assert (fitted.apply(TRAINED.take(rows)) == fitted.apply(TRAINED)[rows]).all()


@pytest.mark.parametrize(
    "build",
    [
        lambda: FeatureRows(("a",), np.ones((2, 2))),
        lambda: FeatureRows(("a",), np.ones((2, 1)), {"structure": ("palate",)}),
        lambda: FeatureRows(("a", "a"), np.ones((1, 2))),
        lambda: FeatureRows(("a",), np.ones((1, 1)), {"a": ("palate",)}),
    ],
)
def test_tables_that_disagree_with_themselves_are_refused(build: object) -> None:
    with pytest.raises(SettingsError):
        build()
