"""Shrink or enlarge a rounded region about its middle; what surrounds it gives way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nonet.simulate.edits.shape import between_knots, smooth_step
from nonet.simulate.edits.window import Window

if TYPE_CHECKING:
    from nonet.reading import Box
    from nonet.simulate.edits.window import FloatArray

__all__ = ["RegionShape", "region_shape"]

_RIM = 1.12
"""The region with its border, in half sides of its box."""
_REACH = 1.9
_MARGIN = (_REACH - 1) / 2
"""Where nothing moves any more."""


class RegionShape:
    """The rounded region that fills a box; see `Shape`. Its size is the height of the box."""

    power = 2.0

    def __init__(self, window: Window, box: Box, start: float) -> None:
        self.window, self._start = window, start
        rows, columns = window.grid()
        x1, y1, x2, y2 = window.inside(box)
        self._half = (y2 - y1) / 2, (x2 - x1) / 2
        self._off = (rows - (y1 + y2) / 2) + 0 * columns, (columns - (x1 + x2) / 2) + 0 * rows
        self._radius = np.hypot(self._off[0] / self._half[0], self._off[1] / self._half[1])
        self.zone = smooth_step((_REACH - self._radius) / 0.15)
        self.sharp = np.zeros_like(self.zone)

    def displaced(self, now: float, before: float) -> FloatArray:
        """See `Shape`."""
        seen, lay = self._knots(now), self._knots(before)
        moved = between_knots(self._radius, seen, [there - here for here, there in zip(seen, lay, strict=True)])
        share = moved / np.maximum(self._radius, 1e-6)
        share = ndimage.gaussian_filter(share, 1.5) * (self.zone > 0)
        return np.stack([share * self._off[0], share * self._off[1]])

    def _knots(self, size: float) -> list[FloatArray]:
        places = [0.0, _RIM * size / self._start, _REACH]
        return [np.full((1, 1), place) for place in places]


def region_shape(grey: FloatArray, box: Box, start: float) -> RegionShape:
    """The region in a box.

    Parameters
    ----------
    grey
        ``float64[H, W]``, the frame.
    box
        Of the structure.
    start
        The size it has, pixels.

    Raises
    ------
    SettingsError
        If the box does not lie in the frame.
    """
    beside, above = _MARGIN * box.width + 3, _MARGIN * box.height + 3
    return RegionShape(Window.around(box, beside, above, above, grey.shape), box, start)
