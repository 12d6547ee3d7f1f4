"""The record counts why features left."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from nonet.select import FeatureRecord, RemovalReason
from nonet.select.selection_record import left_by_reason


@given(st.lists(st.none() | st.sampled_from(RemovalReason)))
def test_every_reason_is_counted_in_the_order_in_which_they_are_met(reasons: list[RemovalReason | None]) -> None:
    counts = left_by_reason(FeatureRecord(f"feature {place}", reason) for place, reason in enumerate(reasons))
    assert list(counts) == list(RemovalReason)
    assert {reason: count for reason, count in counts.items() if count} == Counter(filter(None, reasons))


def test_reasons_are_met_in_the_order_of_the_filters() -> None:
    assert [str(reason) for reason in RemovalReason] == [
        "missing",
        "constant",
        "few_subjects",
        "unstable",
        "redundant",
        "not_chosen",
    ]
