"""What became of each feature in a selection: how stable it was, why it left, how often it is chosen."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import FiniteFloat

from nonet.select.removal_reasons import RemovalReason

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["FeatureRecord", "Interval", "left_by_reason"]

Interval = tuple[FiniteFloat, FiniteFloat, FiniteFloat]
"""A coefficient with the ends of its 95 % interval."""


@dataclass(frozen=True, slots=True)
class FeatureRecord:
    """One feature on its way through the three filters.

    Attributes
    ----------
    name
        Of the feature.
    reason
        Why it left, or None for one that was chosen.
    icc
        ICC(A,1) with its interval by source, or None where a source has none; the median over pairs in a source whose
        raters are held against the first.
    least_pair
        ICC(A,1) of the pair that agrees least, by source, where there are pairs.
    reported
        ICC(A,1) by source that removes nothing, or None where it has none.
    rival, correlation
        Of a redundant feature: the kept one it goes with most, and how.
    frequency
        Share of resamples in which redundancy filter and LASSO choose it, if there were any.
    """

    name: str
    reason: RemovalReason | None
    icc: dict[str, Interval | None] = field(default_factory=dict)
    rival: str | None = None
    correlation: FiniteFloat | None = None
    frequency: FiniteFloat | None = None
    least_pair: dict[str, FiniteFloat] = field(default_factory=dict)
    reported: dict[str, FiniteFloat | None] = field(default_factory=dict)


def left_by_reason(columns: Iterable[FeatureRecord]) -> dict[RemovalReason, int]:
    """How many features left for each reason, in the order in which the reasons are met."""
    counts = Counter(column.reason for column in columns)
    return {reason: counts[reason] for reason in RemovalReason}
