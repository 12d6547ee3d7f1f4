"""A measurement beside the norms of its structure: centile, z-score and grade of each population, side by side.

Populations are never averaged. Between published centiles the normal deviate is taken to be linear in the logarithm of
the millimetres, as that of the nuchal translucency nearly is (Wright 2008, doi 10.1002/uog.5299); past the outermost
published centile only that it lies past is said.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

import numpy as np

from nonet.anatomy import Grade
from nonet.reading import NormComparison

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nonet.anatomy import Structure
    from nonet.measure.norms import Norm, NormTable
    from nonet.reading import Measurement

__all__ = ["Place", "compared", "first_centile", "grade_by", "place_in"]

_NORMAL, _BORDERLINE = (5.0, 95.0), (1.0, 99.0)
_JUST = 1e-9
"""How far past a published centile a value is that lies past it, at the least."""
_CENTILE_DECIMALS, _Z_DECIMALS, _MM_DECIMALS = 1, 2, 2
_NO_SPREAD = "no spread is published: no centile and no grade"
_NO_VALUE = "not measured in mm: no centile"
_NO_INTERVAL = "the measurement has no interval: not graded"
_STRADDLES = "the interval of the measurement, {0} mm, holds more than one grade"
_UNPUBLISHED = "what is published past that centile does not tell the grades apart"
_PLANE = "not graded: the plane is not known to be standard"
_OUTERMOST = (0.1, 99.9)
"""Centiles that are given, at the least and the most: nobody lies at the 0th or the 100th."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value lies in a population.

    Attributes
    ----------
    centile, z
        Centile, 0 to 100, and normal deviate; of the outermost published centile where ``bound`` is given.
    bound
        ``below`` or ``above`` where only that is known.
    """

    centile: float
    z: float
    bound: Literal["below", "above"] | None = None

    @property
    def least(self) -> float:
        """The lowest centile it can be."""
        return {"below": 0.0, "above": self.centile + _JUST}.get(self.bound or "", self.centile)

    @property
    def greatest(self) -> float:
        """The highest centile it can be."""
        return {"above": 100.0, "below": self.centile - _JUST}.get(self.bound or "", self.centile)


def place_in(norm: Norm, value_mm: float, crl_mm: float) -> Place | None:
    """Where a value lies in a norm at a crown-rump length; None if the norm has no spread."""
    if norm.sd_mm is not None and norm.expected is not None:
        z = (value_mm - norm.expected.at(crl_mm)) / norm.sd_mm.at(crl_mm)
        return Place(100 * _cdf(z), z)
    if not norm.centiles:
        return None
    centiles, values = zip(*norm.curves_at(crl_mm), strict=True)
    if value_mm < values[0]:
        return Place(centiles[0], _quantile(centiles[0]), "below")
    if value_mm > values[-1]:
        return Place(centiles[-1], _quantile(centiles[-1]), "above")
    z = float(np.interp(math.log(value_mm), np.log(values), [_quantile(one) for one in centiles]))
    return Place(100 * _cdf(z), z)


def grade_by(norm: Norm, place: Place, ends: Sequence[Place]) -> Grade | None:
    """The one grade that a value and the ends of its interval can have; None where they can have several.

    Normal from the 5th to the 95th centile, abnormal past the 1st or 99th, borderline between, on the sides of the
    population that are a finding.
    """
    centiles = [one for each in (place, *ends) for one in (each.least, each.greatest)]
    grades = {_grade(norm, centile) for centile in centiles}
    return grades.pop() if len(grades) == 1 else None


def compared(
    measurement: Measurement, structure: Structure, table: NormTable, crl_mm: float, *, standard: bool = True
) -> Measurement:
    """The measurement with its centile, z-score and grade by each norm of its structure in the table.

    Parameters
    ----------
    measurement, structure
        What was measured, of what.
    table
        The norms.
    crl_mm
        The crown-rump length.
    standard
        Whether the plane is known to be standard: on no other is a measurement graded.
    """
    norms = table.of(structure, measurement.name)
    comparisons = tuple(_comparison(measurement, norm, crl_mm) for norm in norms)
    if not standard:
        comparisons = tuple(_ungraded(one) for one in comparisons)
    return replace(measurement, norms=comparisons, centile=first_centile(comparisons)) if comparisons else measurement


def first_centile(comparisons: Sequence[NormComparison]) -> float | None:
    """The centile by a structure's first norm, so that one column is of one population; None past its outermost."""
    first = comparisons[0] if comparisons else None
    return first.centile if first is not None and first.bound is None else None


def _ungraded(comparison: NormComparison) -> NormComparison:
    graded = comparison.centile is not None
    return replace(comparison, grade=Grade.NOT_ASSESSED, reason=_PLANE) if graded else comparison


def _comparison(measurement: Measurement, norm: Norm, crl_mm: float) -> NormComparison:
    nothing = NormComparison(norm.id, norm.population, norm.source.short, reason=_NO_VALUE)
    if measurement.value is None or measurement.unit != norm.unit:
        return nothing
    if not norm.holds_at(crl_mm):
        low, high = norm.crl_mm
        return replace(nothing, reason=f"the norm holds for crown-rump lengths from {low:g} to {high:g} mm")
    expected = _expected(norm, crl_mm)
    place = place_in(norm, measurement.value, crl_mm)
    if place is None:
        return replace(nothing, expected=expected, reason=_NO_SPREAD)
    grade, reason = _graded(measurement, norm, place, crl_mm)
    return replace(
        nothing,
        centile=min(max(round(place.centile, _CENTILE_DECIMALS), _OUTERMOST[0]), _OUTERMOST[1]),
        z=round(place.z, _Z_DECIMALS),
        bound=place.bound,
        expected=expected,
        grade=grade,
        reason=reason,
    )


def _graded(measurement: Measurement, norm: Norm, place: Place, crl_mm: float) -> tuple[Grade, str | None]:
    if measurement.low is None or measurement.high is None:
        return Grade.NOT_ASSESSED, _NO_INTERVAL
    if grade_by(norm, place, ()) is None:
        return Grade.NOT_ASSESSED, _UNPUBLISHED
    ends = [place_in(norm, end, crl_mm) for end in (measurement.low, measurement.high)]
    grade = grade_by(norm, place, [end for end in ends if end is not None])
    if grade is not None:
        return grade, None
    return Grade.UNDECIDED, _STRADDLES.format(f"{measurement.low:g} to {measurement.high:g}")


def _expected(norm: Norm, crl_mm: float) -> float | None:
    """The expected value, else the published median."""
    curve = norm.expected or norm.centiles.get(50.0)
    return None if curve is None else round(curve.at(crl_mm), _MM_DECIMALS)


def _grade(norm: Norm, centile: float) -> Grade:
    low = centile if norm.side in ("low", "both") else 50.0
    high = centile if norm.side in ("high", "both") else 50.0
    if low < _BORDERLINE[0] or high > _BORDERLINE[1]:
        return Grade.ABNORMAL
    return Grade.NORMAL if low >= _NORMAL[0] and high <= _NORMAL[1] else Grade.BORDERLINE


def _cdf(z: float) -> float:
    return NormalDist().cdf(z)


def _quantile(centile: float) -> float:
    return NormalDist().inv_cdf(centile / 100)
