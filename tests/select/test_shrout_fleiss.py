"""ICC(A,1) of the worked example of Shrout and Fleiss 1979, table 2: 0.29, interval 0.019 to 0.761."""

from __future__ import annotations

import numpy as np
import pytest

from nonet.select.icc import agreement

RATINGS = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], np.float64)


def test_the_published_example_is_met() -> None:
    found = agreement(RATINGS[:, :, None])
    assert found.icc[0] == pytest.approx(0.29, abs=0.005)
    assert (found.low[0], found.high[0]) == pytest.approx((0.019, 0.761), abs=0.001)


def test_it_is_that_of_the_mean_squares_written_out() -> None:
    rng = np.random.default_rng(0)
    ratings = rng.normal(size=(40, 1, 3)) + 0.5 * rng.normal(size=(40, 4, 3))
    n, k, _ = ratings.shape
    grand = ratings.mean(axis=(0, 1))
    rows, columns = ratings.mean(axis=1), ratings.mean(axis=0)
    between = k * ((rows - grand) ** 2).sum(axis=0) / (n - 1)
    raters = n * ((columns - grand) ** 2).sum(axis=0) / (k - 1)
    rest = ((ratings - rows[:, None] - columns + grand) ** 2).sum(axis=(0, 1)) / ((n - 1) * (k - 1))
    expected = (between - rest) / (between + (k - 1) * rest + k * (raters - rest) / n)
    assert agreement(ratings).icc == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("scale", "shift"), [(1e-6, 0.0), (1.0, 50.0), (-3.0, 2.0)])
def test_the_unit_of_a_feature_does_not_matter(scale: float, shift: float) -> None:
    found = agreement((RATINGS * scale + shift)[:, :, None])
    assert found.icc[0] == pytest.approx(agreement(RATINGS[:, :, None]).icc[0], abs=1e-6)


def test_a_constant_feature_has_no_agreement_and_says_why() -> None:
    found = agreement(np.ones((6, 4, 1)))
    assert np.isnan(found.icc[0])
    assert found.reasons[0] is not None
