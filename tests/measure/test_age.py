"""Crown-rump length and gestational age: what can be, and what agrees."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonet.errors import SettingsError
from nonet.measure.age import CRL_RANGE_MM, crl_of, days_of, days_text, parse_days


def test_age_is_that_of_the_published_formula() -> None:
    assert days_of(45.0) == pytest.approx(8.052 * math.sqrt(1.037 * 45) + 23.73)
    assert days_text(days_of(45.0)) == "11+1" and days_text(days_of(84.0)) == "14+0"


@given(st.floats(*CRL_RANGE_MM))
def test_an_age_alone_gives_the_length_it_comes_from(crl: float) -> None:
    inside = min(max(crl, CRL_RANGE_MM[0] + 1e-6), CRL_RANGE_MM[1] - 1e-6)
    assert crl_of(None, days_of(inside)) == pytest.approx(inside)


@pytest.mark.parametrize("crl", [44.9, 84.1, 0, -3, math.nan, math.inf])
def test_a_length_outside_the_range_is_an_error(crl: float) -> None:
    with pytest.raises(SettingsError) as raised:
        crl_of(crl, None)
    assert "45 to 84" in raised.value.rule


@pytest.mark.parametrize("days", [0, -5, 76, 100, 280, 1e9, math.nan])
def test_an_age_whose_length_is_outside_is_an_error(days: float) -> None:
    with pytest.raises(SettingsError):
        crl_of(None, days)


def test_length_and_age_agree_to_seven_days() -> None:
    age = days_of(65.0)
    assert crl_of(65.0, age + 6.9) == 65.0 and crl_of(65.0, age - 6.9) == 65.0
    for days in (age + 7.1, age - 7.1):
        with pytest.raises(SettingsError) as raised:
            crl_of(65.0, days)
        assert "7 days" in raised.value.rule


def test_nothing_given_is_no_length() -> None:
    assert crl_of(None, None) is None


@pytest.mark.parametrize(("text", "days"), [("12+3", 87), ("12w3d", 87), (" 12W3 ", 87), ("87", 87), ("13+6", 97)])
def test_ages_are_weeks_and_days_or_days(text: str, days: float) -> None:
    assert parse_days(text) == days


@pytest.mark.parametrize("text", ["", "12+7", "12.5", "twelve", "-87", "12+", "1e2", "12+3+1", "9999", "１２+3x"])
def test_other_words_are_no_age(text: str) -> None:
    with pytest.raises(SettingsError):
        parse_days(text)
