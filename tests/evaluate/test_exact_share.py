"""Exact intervals: the published ends, and a width where all or none are."""

import pytest

from nonet.evaluate.exact_share import exact_share


def test_all_of_twenty_may_be_five_in_six() -> None:
    """1 - (0.025) ** (1 / 20), by hand."""
    assert exact_share(20, 20) == {"value": 1.0, "low": pytest.approx(0.025 ** (1 / 20), abs=1e-5), "high": 1.0}
    assert exact_share(0, 20)["high"] == pytest.approx(1 - 0.025 ** (1 / 20), abs=1e-5)


def test_one_in_ten_has_the_tabulated_interval() -> None:
    """Clopper and Pearson's table: 0.0025 to 0.4450."""
    found = exact_share(1, 10)
    assert (found["low"], found["high"]) == pytest.approx((0.0025, 0.4450), abs=1e-4)
