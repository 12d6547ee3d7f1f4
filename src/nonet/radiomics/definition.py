"""What a feature and a family of features are: a name, an IBSI id, and a formula that reads a matrix.

A family measures a region once (its matrix, its histogram, its shape) and then asks each of its
features to read a value from that. A reading that is not a finite number is undefined.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from nonet.radiomics.arithmetic import Reals, summed
from nonet.radiomics.radiomics_settings import Aggregation, RadiomicsSettings
from nonet.radiomics.region import RegionOfInterest
from nonet.radiomics.undefined import Undefined

__all__ = ["DirectionalFamily", "Family", "Feature", "FeatureColumn", "StackedFamily"]

M = TypeVar("M")
F = TypeVar("F", bound=Callable[..., float | Reals])


@dataclass(frozen=True, slots=True)
class Feature(Generic[M]):
    """One feature: its name in the family, where IBSI defines it, its formula, and why it may be undefined."""

    name: str
    ibsi_id: str
    section: str
    formula: Callable[[M], float | Reals]
    undefined: Undefined


@dataclass(frozen=True, slots=True)
class FeatureColumn:
    """One of the 215 numbers: a feature of a family in one aggregation.

    ``section`` is that of the IBSI reference manual, version 1.1 (arXiv:1612.07003v11);
    ``undefined`` is the reason to give where the formula yields no finite number.
    """

    name: str
    family: str
    ibsi_id: str
    section: str
    definition: str
    aggregation: Aggregation | None
    undefined: Undefined


class Family(Generic[M]):
    """Features that read the same measurement of a region, in the order in which they were declared.

    Parameters
    ----------
    key
        Prefix of the features' names, for example ``glszm``.
    title
        Name in IBSI.
    ibsi_id
        Four-letter id of the family.
    measure
        Turns a region into what the formulas read.
    suffix
        What the names end in, for example ``_2d`` where IBSI knows 2-D and 3-D forms.
    """

    def __init__(
        self, key: str, title: str, ibsi_id: str, measure: Callable[[RegionOfInterest], M], suffix: str = ""
    ) -> None:
        self.key = key
        self.title = title
        self.ibsi_id = ibsi_id
        self.measure = measure
        self.suffix = suffix
        self.features: list[Feature[M]] = []

    def feature(
        self, name: str, ibsi_id: str, section: str, undefined: Undefined = Undefined.NO_VARIATION
    ) -> Callable[[F], F]:
        """Declare the decorated formula as the family's next feature."""

        def declare(formula: F) -> F:
            self.features.append(Feature(name, ibsi_id, section, formula, undefined))
            return formula

        return declare

    def columns(self, settings: RadiomicsSettings) -> tuple[FeatureColumn, ...]:
        """The columns that :meth:`values` fills."""
        return tuple(self._column(feature, self.suffix, None) for feature in self.features)

    def values(self, regions: Sequence[RegionOfInterest]) -> list[Reals]:
        """The features of each region, ``float64[len(columns)]``, NaN or infinite where undefined."""
        return [self._read(self.measure(region)) for region in regions]

    def _read(self, measured: M) -> Reals:
        return np.array([feature.formula(measured) for feature in self.features], dtype=np.float64).reshape(-1)

    def _column(self, feature: Feature[M], suffix: str, aggregation: Aggregation | None) -> FeatureColumn:
        _, _, definition = (feature.formula.__doc__ or "").partition(": ")
        return FeatureColumn(
            name=f"{self.key}_{feature.name}{suffix}",
            family=self.key,
            ibsi_id=feature.ibsi_id,
            section=feature.section,
            definition=definition.splitlines()[0].removesuffix("."),
            aggregation=aggregation,
            undefined=feature.undefined,
        )


class DirectionalFamily(Family[M]):
    """A family whose matrix has a direction: its formulas read four directions and their sum at once.

    ``measure`` gives five matrices along the first axis, the last one being the sum of the others.
    """

    def columns(self, settings: RadiomicsSettings) -> tuple[FeatureColumn, ...]:
        """The columns that :meth:`values` fills: all features in one aggregation, then in the next."""
        return tuple(
            self._column(feature, f"_{aggregation}", aggregation)
            for aggregation in settings.aggregations
            for feature in self.features
        )

    def values(self, regions: Sequence[RegionOfInterest]) -> list[Reals]:
        """The features of each region, ``float64[len(columns)]``, NaN or infinite where undefined."""
        return [_aggregated(self._table(self.measure(region)), region.settings.aggregations) for region in regions]

    def _table(self, measured: M) -> Reals:
        """``float64[features, matrices]``."""
        return np.array([feature.formula(measured) for feature in self.features])


class StackedFamily(DirectionalFamily[M]):
    """A directional family that reads the matrices of many regions at once, where these are alike.

    Parameters
    ----------
    stack
        Joins measurements along their first axis.
    kind
        What two measurements must have in common to be joined.
    """

    def __init__(
        self,
        key: str,
        title: str,
        ibsi_id: str,
        measure: Callable[[RegionOfInterest], M],
        stack: Callable[[Sequence[M]], M],
        kind: Callable[[M], Hashable],
    ) -> None:
        super().__init__(key, title, ibsi_id, measure)
        self.stack = stack
        self.kind = kind

    def values(self, regions: Sequence[RegionOfInterest]) -> list[Reals]:
        """The features of each region, ``float64[len(columns)]``, NaN or infinite where undefined."""
        measured = [self.measure(region) for region in regions]
        tables: dict[int, Reals] = {}
        for members in _alike([self.kind(one) for one in measured]):
            joined = self._table(self.stack([measured[index] for index in members]))
            tables.update(zip(members, np.split(joined, len(members), axis=1), strict=True))
        return [_aggregated(tables[index], region.settings.aggregations) for index, region in enumerate(regions)]


def _alike(kinds: Sequence[Hashable]) -> list[list[int]]:
    """Indices of equal kinds together."""
    groups: dict[Hashable, list[int]] = {}
    for index, kind in enumerate(kinds):
        groups.setdefault(kind, []).append(index)
    return list(groups.values())


def _aggregated(table: Reals, aggregations: Sequence[Aggregation]) -> Reals:
    """Columns of a table of four directions and their sum."""
    by_aggregation = {
        Aggregation.AVERAGED: _mean_over_directions(table[:, :-1]),
        Aggregation.MERGED: table[:, -1],
    }
    return np.concatenate([by_aggregation[aggregation] for aggregation in aggregations])


def _mean_over_directions(table: Reals) -> Reals:
    """Mean over the directions that have any entry at all; a row of pixels has one of four."""
    present = ~np.isnan(table).all(axis=0)
    return summed(table[:, present]) / np.float64(np.count_nonzero(present))
