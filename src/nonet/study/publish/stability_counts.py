"""Which features come out alike when the same anatomy is measured again, and which of them an arm is graded by."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from nonet.study.study_features import MACHINES, STYLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nonet.select import FeatureRecord

    Records = Mapping[str, Sequence[FeatureRecord]]

__all__ = ["left_by_filter", "selected_features", "stable_shares"]

CENTRES, ALL = "centres", "all"
"""Beside the sources themselves: stable by every machine, real styles and simulated; and by every source."""

_DEEP = "deep"


def stable_shares(records: Records, sources: Sequence[str], least: float) -> list[dict[str, Any]]:
    """For each structure and family of features, how many reach the ICC, source by source and in all of them.

    Features without a coefficient, being constant or undefined too often, are counted and not stable.

    Parameters
    ----------
    records
        By structure, what became of each feature.
    sources
        The sources of ratings.
    least
        ICC(A,1), of the point estimate.
    """
    shares = []
    for structure, columns in records.items():
        for family in dict.fromkeys(family_of(column.name) for column in columns):
            own = [column for column in columns if family_of(column.name) == family]
            together = {**{source: (source,) for source in sources}, ALL: tuple(sources)}
            if {MACHINES, STYLES} <= set(sources):
                together[CENTRES] = (STYLES, MACHINES)
            counts = {name: sum(_stable(column, wanted, least) for column in own) for name, wanted in together.items()}
            part = _DEEP if family == _DEEP else "radiomics"
            shares.append(
                {"structure": structure, "part": part, "family": family, "features": len(own), "stable": counts}
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


def _stable(column: FeatureRecord, sources: Iterable[str], least: float) -> bool:
    found = [column.icc.get(source) for source in sources]
    return all(one is not None and one[0] >= least for one in found)
