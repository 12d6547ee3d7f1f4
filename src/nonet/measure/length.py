"""A length as a reading gives it: millimetres or a ratio to the head unit, an interval, the place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.detect.head_frame import HEAD_SCALE
from nonet.measure.interval import half_width
from nonet.reading import Measurement

if TYPE_CHECKING:
    from nonet.detect.head_frame import HeadFrame
    from nonet.frame import Spacing
    from nonet.measure.interval import SpanInterval
    from nonet.measure.span import Span

__all__ = ["length_of", "unit_of"]

_DECIMALS, _RATIO_DECIMALS = 2, 4


def unit_of(spacing: Spacing | None) -> str:
    """The unit of lengths: without a pixel size they are ratios to the head unit."""
    return "mm" if spacing else "head units"


def length_of(
    name: str, span: Span, place: HeadFrame, spacing: Spacing | None, interval: SpanInterval | None
) -> Measurement:
    """A distance in the head frame as a measurement; one of no length has no place and no interval.

    Parameters
    ----------
    name
        What the distance is called.
    span
        The distance, in pixels of the head frame.
    place
        Where the head frame lies in the frame.
    spacing
        Of the part of the frame that holds the structure; without one the length is in head units.
    interval
        How wide its interval is; None where nobody knows.
    """
    if span.length == 0:
        return Measurement(name, 0.0, unit_of(spacing))
    first, last = place.to_frame(np.array([[*span.start, *span.start], [*span.end, *span.end]]))[:, :2].tolist()
    if spacing:
        across = np.hypot((last[0] - first[0]) * spacing.x_mm, (last[1] - first[1]) * spacing.y_mm)
        scale, decimals = float(across) / span.length, _DECIMALS
    else:
        scale, decimals = 1 / HEAD_SCALE, _RATIO_DECIMALS
    half = half_width(span, interval.factor) if interval else None
    return Measurement(
        name,
        round(span.length * scale, decimals),
        unit_of(spacing),
        low=None if half is None else round(max(span.length - half, 0) * scale, decimals),
        high=None if half is None else round((span.length + half) * scale, decimals),
        place=((round(first[0], 1), round(first[1], 1)), (round(last[0], 1), round(last[1], 1))),
    )
