"""Which features come out alike when the same anatomy is measured again, and which of them an arm is graded by."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nonet.select import FeatureRecord

    Records = Mapping[str, Sequence[FeatureRecord]]

__all__ = ["left_by_filter", "selected_features", "stable_shares"]

ALL = "all"
"""Beside the sources themselves: stable by every source that removes features."""

_DEEP = "deep"


def stable_shares(
    records: Records, sources: Sequence[str], reported: Sequence[str], least: float, least_pair: float
) -> list[dict[str, Any]]:
    """For each structure and family of features, how many reach the ICC, source by source and in all of them.

    Features without a coefficient, being constant or undefined too often, are counted and not stable.

    Parameters
    ----------
    records
        By structure, what became of each feature.
    sources
        The sources of ratings that remove features.
    reported
        Those that remove none.
    least, least_pair
        ICC(A,1), of the point estimate, and that of any pair where raters are held against the first.
    """
    shares = []
    for structure, columns in records.items():
        for family in dict.fromkeys(family_of(column.name) for column in columns):
            own = [column for column in columns if family_of(column.name) == family]
            stable = {
                source: [_stable(column, source, least, least_pair) for column in own]
                for source in (*sources, *reported)
            }
            surely = [all(_surely(column, source, least) for source in sources) for column in own]
            counts = {source: sum(each) for source, each in stable.items()}
            counts[ALL] = sum(map(all, zip(*(stable[source] for source in sources), strict=True))) if sources else 0
            part = _DEEP if family == _DEEP else "radiomics"
            shares.append(
                {
                    "structure": structure,
                    "part": part,
                    "family": family,
                    "features": len(own),
                    "stable": counts,
                    "stable_by_lower_bound": sum(surely),
                }
            )
    return shares


def left_by_filter(records: Records) -> list[dict[str, Any]]:
    """For each structure and kind of feature, how many left for which reason, and how many were chosen."""
    counts = Counter(
        (structure, _DEEP if family_of(column.name) == _DEEP else "radiomics", column.reason or "chosen")
        for structure, columns in records.items()
        for column in columns
    )
    return [
        {"structure": structure, "part": part, "reason": str(reason), "features": count}
        for (structure, part, reason), count in counts.items()
    ]


def selected_features(records: Records) -> list[dict[str, Any]]:
    """The chosen features, the most often chosen first, with their ICC by source and their frequency over resamples."""
    chosen = [
        {
            "structure": structure,
            "feature": column.name,
            "frequency": column.frequency,
            "icc": {source: None if icc is None else list(icc) for source, icc in column.icc.items()},
        }
        for structure, columns in records.items()
        for column in columns
        if column.reason is None
    ]
    return sorted(chosen, key=lambda one: -(one["frequency"] or 0))


def family_of(name: str) -> str:
    """The family that a feature belongs to, by the first part of its name."""
    return name.split("_", maxsplit=1)[0]


def _stable(column: FeatureRecord, source: str, least: float, least_pair: float) -> bool:
    if source in column.reported:
        found = column.reported[source]
        return found is not None and found >= least
    one = column.icc.get(source)
    return one is not None and one[0] >= least and column.least_pair.get(source, 1.0) >= least_pair


def _surely(column: FeatureRecord, source: str, least: float) -> bool:
    """Whether the lower end of the interval reaches the threshold too."""
    one = column.icc.get(source)
    return one is not None and one[1] >= least
