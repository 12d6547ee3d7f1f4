"""How wide the interval of each measurement is: a factor on how far it depends on what is called a border."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from nonet.anatomy import Structure

if TYPE_CHECKING:
    from nonet.measure.protocols import Measured
    from nonet.measure.span import Span

__all__ = ["INTERVAL_FILE", "SpanInterval", "half_width", "intervals"]

INTERVAL_FILE = "intervals.json"
"""Beside this module; ``tools/fit_measurement_intervals.py`` writes it."""

_LEAST_SPREAD_PX = 0.5


@dataclass(frozen=True, slots=True)
class SpanInterval:
    """How wide the interval of a measurement is.

    Attributes
    ----------
    factor
        Half of it, in spreads of the border: how far the length changes with what is called a border or an end
        (`Span.low` to `Span.high`).
    share
        The share of known lengths that such intervals hold.
    frames
        How many frames with a known length it is from.
    source
        Which these are.
    """

    factor: float
    share: float
    frames: int
    source: str


@cache
def intervals() -> dict[Measured, SpanInterval]:
    """The intervals of this version, by structure and name; a measurement whose truth nobody knows has none."""
    text = resources.files(__package__).joinpath(INTERVAL_FILE).read_text(encoding="utf-8")
    return {
        (Structure(structure), name): SpanInterval(**fields)
        for structure, named in json.loads(text).items()
        for name, fields in named.items()
    }


def half_width(span: Span, factor: float) -> float:
    """Half of the interval of a length, pixels of the head frame."""
    return factor * max(abs(span.high - span.low), _LEAST_SPREAD_PX)
