"""ICC(A,1) is that of the published tables, of a general least-squares analysis, and covers as often as it says."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from nonet.errors import SettingsError
from nonet.select import RemovalReason, agreement
from nonet.select.icc import transferred_agreement

SHROUT_FLEISS = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7.0]])
"""Six subjects by four judges: Shrout and Fleiss 1979, table 2."""


def by_least_squares(table: np.ndarray) -> tuple[float, float, float]:
    """ICC(2,1) from two regressions on indicator columns, the interval as Shrout and Fleiss write it (p. 424)."""
    n, k = table.shape
    subject, rater = np.eye(n)[np.repeat(np.arange(n), k)], np.eye(k)[np.tile(np.arange(k), n)]
    flat = table.ravel()

    def left(design: np.ndarray) -> float:
        return float(((flat - design @ np.linalg.lstsq(design, flat, rcond=None)[0]) ** 2).sum())

    both = left(np.hstack([subject, rater]))
    bms, jms, ems = (left(rater) - both) / (n - 1), (left(subject) - both) / (k - 1), both / ((n - 1) * (k - 1))
    rho = (bms - ems) / (bms + (k - 1) * ems + k * (jms - ems) / n)
    ratio, rest = jms / ems, n * (1 + (k - 1) * rho) - k * rho
    v = (k - 1) * (n - 1) * (k * rho * ratio + rest) ** 2 / ((n - 1) * (k * rho * ratio) ** 2 + rest**2)
    lower, upper = stats.f.ppf(0.975, n - 1, v), stats.f.ppf(0.975, v, n - 1)
    noise = k * jms + (k * n - k - n) * ems
    low = n * (bms - lower * ems) / (lower * noise + n * bms)
    return rho, low, n * (upper * bms - ems) / (noise + n * upper * bms)


def drawn(shape: tuple[int, int, int], seed: int, noise: float = 0.7, bias: float = 0.4) -> np.ndarray:
    rng = np.random.default_rng(seed)
    subjects, raters, features = shape
    heads, offsets = rng.normal(size=(subjects, 1, features)), rng.normal(0, bias, (1, raters, features))
    return heads + offsets + rng.normal(0, noise, shape)


def test_the_worked_example_of_shrout_and_fleiss() -> None:
    """Table 4 prints .29; R's psych 2.x prints the interval .019 to .76 for the same table."""
    found = agreement(SHROUT_FLEISS[:, :, None])
    assert found.icc[0] == pytest.approx(0.29, abs=0.005)
    assert (found.low[0], found.high[0]) == (pytest.approx(0.019, abs=5e-4), pytest.approx(0.76, abs=5e-3))
    assert found.subjects.tolist() == [6]


@pytest.mark.parametrize("shape", [(3, 2, 4), (8, 9, 4), (40, 3, 200)])
def test_a_least_squares_analysis_of_each_feature_says_the_same(shape: tuple[int, int, int]) -> None:
    ratings = drawn(shape, seed=1)
    found = agreement(ratings)
    for place in range(shape[2]):
        expected = by_least_squares(ratings[:, :, place])
        assert (found.icc[place], found.low[place], found.high[place]) == pytest.approx(expected, abs=1e-7)


def by_table_7(table: np.ndarray, level: float) -> tuple[float, float]:
    """Interval of ICC(A,1) from the mean squares, with the a, b and v of McGraw and Wong 1996, table 7."""
    n, k = table.shape
    rows, columns = table.mean(axis=1, keepdims=True), table.mean(axis=0, keepdims=True)
    msr, msc = k * rows.var(ddof=1), n * columns.var(ddof=1)
    mse = ((table - rows - columns + table.mean()) ** 2).sum() / ((n - 1) * (k - 1))
    r = (msr - mse) / (msr + (k - 1) * mse + k / n * (msc - mse))
    a, b = k * r / (n * (1 - r)), 1 + k * r * (n - 1) / (n * (1 - r))
    v = (a * msc + b * mse) ** 2 / ((a * msc) ** 2 / (k - 1) + (b * mse) ** 2 / ((n - 1) * (k - 1)))
    lower, upper = (stats.f.ppf(1 - (1 - level) / 2, *freedom) for freedom in ((n - 1, v), (v, n - 1)))
    noise = k * msc + (k * n - k - n) * mse
    low = n * (msr - lower * mse) / (lower * noise + n * msr)
    return low, n * (upper * msr - mse) / (noise + n * upper * msr)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_the_interval_is_that_of_mcgraw_and_wong(level: float) -> None:
    """McGraw and Wong 1996, Psychol. Methods 1, 30, table 7."""
    for shape in [(6, 4, 20), (30, 2, 20), (12, 9, 20)]:
        ratings = drawn(shape, seed=8, noise=0.5)
        found = agreement(ratings, level=level)
        for place in range(shape[2]):
            expected = by_table_7(ratings[:, :, place], level)
            assert (found.low[place], found.high[place]) == pytest.approx(expected, abs=1e-9)


def test_the_interval_covers_the_true_coefficient() -> None:
    """1 / (1 + 0.25 + 0.25); the interval is an approximation (Satterthwaite), a little short with few raters."""
    found = agreement(drawn((30, 6, 4000), seed=2, noise=0.5, bias=0.5))
    covered = ((found.low <= 1 / 1.5) & (found.high >= 1 / 1.5)).mean()
    assert covered == pytest.approx(0.94, abs=0.025)


def test_a_constant_offset_of_a_rater_lowers_agreement() -> None:
    ratings = np.repeat(np.arange(20.0)[:, None, None], 2, axis=1)
    assert agreement(ratings).icc[0] == 1
    ratings[:, 1] += 5
    assert agreement(ratings).icc[0] < 0.8


def test_identical_ratings_agree_fully_and_without_doubt() -> None:
    found = agreement(np.repeat(drawn((12, 1, 3), seed=3), 4, axis=1))
    for one in (found.icc, found.low, found.high):
        assert one == pytest.approx(1)


def test_only_subjects_whom_every_rater_saw_count() -> None:
    ratings = drawn((30, 3, 2), seed=4)
    ratings[5, 1, 0] = np.nan
    ratings[7, 2, 0] = np.inf
    found, without = agreement(ratings), agreement(np.delete(ratings, [5, 7], axis=0))
    assert found.subjects.tolist() == [28, 30]
    assert (found.icc[0], found.low[0], found.high[0]) == pytest.approx(
        (without.icc[0], without.low[0], without.high[0])
    )


def test_what_has_no_agreement_says_why() -> None:
    ratings = drawn((12, 3, 4), seed=5)
    ratings[4:, 0, 0] = np.nan
    ratings[:, :, 1] = 0.1 + 0.2
    ratings[:, :, 2] = np.nan
    found = agreement(ratings, least=5)
    assert found.reasons == (RemovalReason.FEW_SUBJECTS, RemovalReason.CONSTANT, RemovalReason.FEW_SUBJECTS, None)
    assert np.isnan(found.icc).tolist() == np.isnan(found.low).tolist() == [True, True, True, False]


@given(st.integers(0, 10_000), st.integers(3, 12), st.integers(2, 5))
def test_permutations_permute_and_units_do_not_matter(seed: int, subjects: int, raters: int) -> None:
    rng = np.random.default_rng(seed)
    ratings = drawn((subjects, raters, 6), seed)
    found = agreement(ratings)
    slope, offset = rng.choice([-1, 1], 6) * 10 ** rng.uniform(-6, 6, 6), rng.normal(0, 3, 6)
    order = rng.permutation(6)
    changed = (ratings + offset) * slope
    moved = agreement(changed[rng.permutation(subjects)][:, rng.permutation(raters)][:, :, order])
    for name in ("icc", "low", "high"):
        assert getattr(moved, name) == pytest.approx(getattr(found, name)[order], abs=1e-6)


@given(st.integers(0, 10_000), st.integers(3, 8), st.integers(2, 5), st.floats(0, 50), st.floats(0, 50))
def test_the_interval_is_there_and_holds_its_estimate(
    seed: int, subjects: int, raters: int, noise: float, bias: float
) -> None:
    found = agreement(drawn((subjects, raters, 5), seed, noise, bias))
    assert (found.low <= found.icc).all()
    assert (found.icc <= found.high).all()
    assert (found.high <= 1 + 1e-12).all()


@pytest.mark.parametrize("size", [1e-300, 1e300])
def test_huge_and_tiny_numbers_do_not_overflow(size: float) -> None:
    ratings = drawn((20, 3, 4), seed=6)
    assert agreement(ratings * size).icc == pytest.approx(agreement(ratings).icc)


def test_no_features_are_no_error() -> None:
    assert agreement(np.zeros((5, 2, 0))).reasons == ()


@pytest.mark.parametrize(
    ("shape", "settings"), [((5, 2), {}), ((5, 1, 3), {}), ((5, 2, 3), {"least": 2}), ((5, 2, 3), {"level": 1.0})]
)
def test_what_is_no_table_of_ratings_is_refused(shape: tuple[int, ...], settings: dict[str, float]) -> None:
    with pytest.raises(SettingsError):
        agreement(np.zeros(shape), **settings)


def test_nine_raters_of_two_thousand_features_take_a_moment() -> None:
    ratings = drawn((200, 9, 2007), seed=7)
    begun = time.process_time()
    agreement(ratings)
    assert time.process_time() - begun < 2


def test_the_variance_of_other_subjects_takes_the_place_of_the_heads_own() -> None:
    rng = np.random.default_rng(3)
    heads, machines = rng.normal(0, 0.2, (400, 1, 1)), rng.normal(0, 0.3, (1, 9, 1))
    ratings = heads + machines + rng.normal(0, 0.4, (400, 9, 1))
    found = transferred_agreement(ratings, np.array([1.0]))
    spread = float(machines.var(ddof=1))
    assert found.icc[0] == pytest.approx(1 / (1 + spread + 0.16), abs=0.01)
    assert agreement(ratings).icc[0] < 0.25
    own = agreement(ratings)
    between = heads.var(ddof=1) * np.ones(1)
    assert transferred_agreement(ratings, between).icc[0] == pytest.approx(own.icc[0], abs=0.02)
    assert np.isnan(transferred_agreement(ratings, np.array([np.nan])).icc[0])
