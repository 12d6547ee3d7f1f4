"""How well a measurement on a frame is repeated on the frames around it."""

from __future__ import annotations

from statistics import median, stdev
from typing import TYPE_CHECKING

from nonet.cine.loop import RepeatedMeasurement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nonet.anatomy import Structure
    from nonet.reading import Measurement, Reading

__all__ = ["repeated"]

_DECIMALS = 3


def repeated(reading: Reading, around: Sequence[tuple[int, Reading]]) -> tuple[RepeatedMeasurement, ...]:
    """Each measurement of a frame that has a value, with those of frames around it that have one.

    Parameters
    ----------
    reading
        Of the frame.
    around
        Numbers and readings of frames around it that were computed themselves.
    """
    others = [(number, dict(_values(other))) for number, other in around]
    return tuple(
        _repeated(key, one, [(number, found[key]) for number, found in others if key in found])
        for key, one in _values(reading)
    )


def _values(reading: Reading) -> Iterator[tuple[tuple[Structure, str, str], Measurement]]:
    for found in reading.findings:
        for one in found.measurements:
            if one.value is not None:
                yield (found.structure, one.name, one.unit), one


def _repeated(
    key: tuple[Structure, str, str], one: Measurement, others: Sequence[tuple[int, Measurement]]
) -> RepeatedMeasurement:
    structure, name, unit = key
    assert one.value is not None
    values = [other.value for _, other in others if other.value is not None]
    every = [one.value, *values]
    return RepeatedMeasurement(
        structure,
        name,
        unit,
        one.value,
        tuple(number for number, _ in others),
        tuple(values),
        round(median(every), _DECIMALS),
        round(stdev(every), _DECIMALS) if values else None,
    )
