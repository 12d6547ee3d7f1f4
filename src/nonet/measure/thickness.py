"""The thickness of the nuchal translucency as a reading gives it: millimetres, an interval, the place."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from nonet.detect.head_frame import HEAD_SCALE
from nonet.measure.nuchal import measure_nuchal_of
from nonet.reading import Measurement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nonet.detect.detector import Located
    from nonet.frame import Spacing
    from nonet.measure.nuchal import NuchalGap
    from nonet.reading import Box

__all__ = [
    "INTERVAL_FILE",
    "ThicknessInterval",
    "half_width",
    "measure_thickness",
    "thickness_interval",
    "without_thickness",
]

INTERVAL_FILE = "thickness_interval.json"
"""Beside this module; ``tools/fit_thickness_interval.py`` writes it."""

_NAME = "thickness"
_DECIMALS, _RATIO_DECIMALS = 2, 4
_LEAST_SPREAD_PX = 0.5
_NO_BORDERS = "not measurable: no two borders of the nuchal translucency are found"
_WRONG_PLANE = "withheld: the plane is not standard"


@dataclass(frozen=True, slots=True)
class ThicknessInterval:
    """How wide the interval of a thickness is.

    Attributes
    ----------
    factor
        Half of it, in spreads of the border: how far the thickness changes with what is called the inner border of a
        line (`NuchalGap.low` to `NuchalGap.high`).
    share
        The share of printed readings that such intervals hold.
    frames
        How many frames with a printed reading it is from.
    source
        Which these are.
    """

    factor: float
    share: float
    frames: int
    source: str


@cache
def thickness_interval() -> ThicknessInterval:
    """The interval of this version."""
    text = resources.files(__package__).joinpath(INTERVAL_FILE).read_text(encoding="utf-8")
    return ThicknessInterval(**json.loads(text))


def half_width(gap: NuchalGap, factor: float) -> float:
    """Half of the interval of a gap, pixels of the head frame."""
    return factor * max(gap.high - gap.low, _LEAST_SPREAD_PX)


def measure_thickness(located: Located, box: Box, spacing: Spacing | None) -> Measurement:
    """The thickness inside a box of the nuchal translucency.

    Parameters
    ----------
    located
        What the detector made of the frame.
    box
        Frame pixels.
    spacing
        Of the part of the frame that holds the box; without one the thickness is in head units.
    """
    unit = "mm" if spacing else "head units"
    gap = measure_nuchal_of(located, box)
    if gap is None:
        return Measurement(_NAME, None, unit, reason=_NO_BORDERS)
    ends = np.array([[*gap.upper, *gap.upper], [*gap.lower, *gap.lower]])
    upper, lower = located.place.to_frame(ends)[:, :2].tolist()
    if spacing:
        across = np.hypot((lower[0] - upper[0]) * spacing.x_mm, (lower[1] - upper[1]) * spacing.y_mm)
        scale, decimals = float(across) / gap.thickness, _DECIMALS
    else:
        scale, decimals = 1 / HEAD_SCALE, _RATIO_DECIMALS
    half = half_width(gap, thickness_interval().factor)
    return Measurement(
        _NAME,
        round(gap.thickness * scale, decimals),
        unit,
        low=round(max(gap.thickness - half, 0) * scale, decimals),
        high=round((gap.thickness + half) * scale, decimals),
        place=((round(upper[0], 1), round(upper[1], 1)), (round(lower[0], 1), round(lower[1], 1))),
    )


def without_thickness(measurements: Sequence[Measurement]) -> tuple[Measurement, ...]:
    """The measurements of a structure on a plane that is not standard: its thickness is no thickness there."""
    return tuple(
        Measurement(each.name, None, each.unit, reason=_WRONG_PLANE) if each.name == _NAME else each
        for each in measurements
    )
