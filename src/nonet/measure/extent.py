"""How far a structure's box reaches, in millimetres.

The extent of a box is no clinical measurement: the nuchal box is about twice as high as the
callipers' thickness, and says so in its name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.reading import Measurement

if TYPE_CHECKING:
    from nonet.frame import Spacing
    from nonet.reading import Box

__all__ = ["EXTENTS", "measure_extent"]

EXTENTS = ("box_width", "box_height")
"""The names of what is given of every box."""

_DECIMALS = 2
_UNKNOWN = "not assessed: no pixel size"


def measure_extent(box: Box, spacing: Spacing | None) -> tuple[Measurement, ...]:
    """Width and height of a box in millimetres, to 0.01 mm.

    Parameters
    ----------
    box
        Frame pixels.
    spacing
        Of the part of the frame that holds the box; None gives measurements without a value.
    """
    return (
        _length(EXTENTS[0], box.width, spacing.x_mm if spacing else None),
        _length(EXTENTS[1], box.height, spacing.y_mm if spacing else None),
    )


def _length(name: str, pixels: float, mm_per_px: float | None) -> Measurement:
    if mm_per_px is None:
        return Measurement(name, None, "mm", reason=_UNKNOWN)
    return Measurement(name, round(pixels * mm_per_px, _DECIMALS), "mm")
