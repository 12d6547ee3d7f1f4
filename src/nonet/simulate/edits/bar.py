"""Shorten or lengthen a bright line along its axis; what lies beyond its ends gives way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nonet.simulate.edits.edges import find_bar
from nonet.simulate.edits.shape import between_knots, smooth_step
from nonet.simulate.edits.window import Window

if TYPE_CHECKING:
    from nonet.reading import Box
    from nonet.simulate.edits.window import FloatArray

__all__ = ["BarShape", "bar_shape"]

_REACH = 1.3
"""How far beyond its ends tissue gives way, in lengths of the line."""
_BESIDE = 0.5
"""Half the thickness of what is shortened with the line, in heights of its box."""
_FADED = 0.55
"""Over what distance beside that the change fades out."""
_END_PX = 3.0
_SOFT_PX = 5.0


class BarShape:
    """The bright line in a box; see `Shape`. Its size is its length along its axis, which all of it shares evenly."""

    power = 24.0

    def __init__(self, grey: FloatArray, window: Window, box: Box, start: float, most: float) -> None:
        self.window, self._start = window, start
        bar = find_bar(grey[window.slices], window.inside(box))
        self._axis = np.sin(bar.angle), np.cos(bar.angle)
        self._along, beside = window.axes(bar.x, bar.y, bar.angle)
        self._share = 1.0 - smooth_step((np.abs(beside) - _BESIDE * box.height) / (_FADED * box.height))
        self._half = max(start, bar.length) / 2 + _END_PX
        self._outer = self._half * max(most / start, 1.0) + _REACH * start
        zone = smooth_step((self._outer - np.abs(self._along)) / _SOFT_PX) * smooth_step(self._share / 0.2)
        self.zone = zone
        self.sharp = np.asarray(self._share * (np.abs(self._along) < self._half + 3))

    def displaced(self, now: float, before: float) -> FloatArray:
        """See `Shape`."""
        seen, lay = self._knots(now), self._knots(before)
        along = between_knots(self._along, seen, [there - here for here, there in zip(seen, lay, strict=True)])
        along = ndimage.gaussian_filter(along, 1.0) * (self.zone > 0)
        return np.stack([along * self._axis[0], along * self._axis[1]])

    def _knots(self, size: float) -> list[FloatArray]:
        half = self._half * (1 + (size / self._start - 1) * self._share)
        outer = np.full_like(half, self._outer)
        return [-outer, -half, half, outer]


def bar_shape(grey: FloatArray, box: Box, sizes: tuple[float, float, float]) -> BarShape:
    """The line in a box.

    Parameters
    ----------
    grey
        ``float64[H, W]``, the frame.
    box
        Of the structure.
    sizes
        The length it has, the least and the greatest that it will be given, pixels.

    Raises
    ------
    SettingsError
        If the box does not lie in the frame.
    """
    start, _, most = sizes
    margin = (_BESIDE + _FADED) * box.height + 4
    beside = (_REACH + 0.5) * max(start, most) + 12 + 0.3 * box.width
    return BarShape(grey, Window.around(box, beside, margin, margin, grey.shape), box, start, most)
