"""What an edit of echo takes away: a share of what stands out of the tissue around it, more or less of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy import ndimage

from nonet.simulate.edits.edges import find_bar
from nonet.simulate.edits.shape import smooth_step
from nonet.simulate.edits.window import Window

if TYPE_CHECKING:
    from nonet.reading import Box
    from nonet.simulate.edits.window import FloatArray

__all__ = ["EchoVeil", "GapVeil", "Veil", "echo_veil", "gap_veil"]

_SOFT_PX = 9.0
_FILL_PX = 10.0
_NO_LESS = 0.02
"""A line that stands out by less than this share of white is left as it is."""


class Veil(Protocol):
    """A line in a window of its frame whose echo changes.

    Attributes
    ----------
    window, zone, sharp
        As of a `Shape`.
    tissue
        ``float64[H, W]``: what would be seen if the line were not there.
    """

    window: Window
    zone: FloatArray
    sharp: FloatArray
    tissue: FloatArray

    def kept(self, size: float) -> FloatArray:
        """How much of what stands out is seen at a size, ``float64[H, W]``; 1 as it is."""
        ...


class EchoVeil:
    """A bright line at any echo; see `Veil`. Its size is its echo, in the unit of ``start``."""

    def __init__(self, grey: FloatArray, window: Window, box: Box, start: float) -> None:
        self.window, self._start = window, start
        part = grey[window.slices]
        bar = find_bar(part, window.inside(box))
        along, beside = window.axes(bar.x, bar.y, bar.angle)
        far = np.hypot(along / (0.5 * bar.length + 4), beside / (0.55 * box.height + 2))
        self._line = 1.0 - smooth_step((far - 0.85) / 0.6)
        self.zone = 1.0 - smooth_step((far - 1.3) / 0.5)
        self.sharp = self._line
        self.tissue = _without(part, self._line)
        inside = far < 0.5
        ground = float(np.median(self.tissue[inside])) if inside.any() else 0.0
        self._reached = max(bar.grey, ground + 255 * _NO_LESS)
        self._ground = ground

    def kept(self, size: float) -> FloatArray:
        """See `Veil`."""
        wanted = self._reached * size / self._start
        factor = max(wanted - self._ground, 0.0) / (self._reached - self._ground)
        return np.asarray(1.0 + (factor - 1.0) * self._line)


class GapVeil:
    """A bright line with a gap of any width in it; see `Veil`. Its size is the width along the line."""

    def __init__(self, grey: FloatArray, window: Window, box: Box, most: float, place: float) -> None:
        self.window = window
        part = grey[window.slices]
        row, column, angle = _on_brightest(part, window.inside(box), place)
        self._along, beside = window.axes(column, row, angle)
        across = 1.0 - smooth_step((np.abs(beside) - 0.10 * box.height) / (0.24 * box.height))
        self._across = across
        self._most = most
        self.zone = self._cut(most + 2 * _SOFT_PX + 4) * (1.0 - smooth_step((np.abs(beside) - 0.4 * box.height) / 6.0))
        self.sharp = np.zeros_like(self.zone)
        self.tissue = _darker(part, self._cut(most) * across)

    def kept(self, size: float) -> FloatArray:
        """See `Veil`."""
        return np.asarray(1.0 - self._cut(size) * self._across)

    def _cut(self, width: float) -> FloatArray:
        if width <= 0:
            return np.zeros_like(self._along)
        return 1.0 - smooth_step((np.abs(self._along) - width / 2) / _SOFT_PX + 0.5)


def echo_veil(grey: FloatArray, box: Box, start: float) -> EchoVeil:
    """The line in a box, to be shown at another echo than ``start``.

    Raises
    ------
    SettingsError
        If the box does not lie in the frame.
    """
    margin = 1.1 * box.height + 4
    return EchoVeil(grey, Window.around(box, 0.6 * box.width + 4, margin, margin, grey.shape), box, start)


def gap_veil(grey: FloatArray, box: Box, most: float, place: float) -> GapVeil:
    """The bright line in a box, to be shown with a gap of up to ``most`` pixels.

    Parameters
    ----------
    grey, box
        The frame and the structure's box.
    most
        The widest gap it will be given, pixels.
    place
        Where along the line the gap opens, 0 to 1.

    Raises
    ------
    SettingsError
        If the box does not lie in the frame.
    """
    margin = 0.25 * box.height + 4
    return GapVeil(grey, Window.around(box, 0.15 * box.width, margin, margin, grey.shape), box, most, place)


def _without(part: FloatArray, line: FloatArray) -> FloatArray:
    """The tissue around a line, grown smoothly over it."""
    weight = (1.0 - line) ** 2
    spread = 4.0
    filled = ndimage.gaussian_filter(part * weight, spread) / np.maximum(ndimage.gaussian_filter(weight, spread), 1e-3)
    return np.asarray(np.minimum(filled, ndimage.gaussian_filter(part, 1.0)))


def _darker(part: FloatArray, hole: FloatArray) -> FloatArray:
    """Soft tissue in place of a hole: what is darker of its surroundings, grown smoothly over it."""
    around = (ndimage.grey_dilation(hole, size=(21, 21)) > 0.2) & (hole < 0.2)
    level = float(np.percentile(part[around], 60)) if around.any() else float(np.median(part))
    weight = (1.0 - hole) ** 2 * (part <= level) + 1e-6
    filled = ndimage.gaussian_filter(part * weight, _FILL_PX) / ndimage.gaussian_filter(weight, _FILL_PX)
    return np.asarray(np.minimum(part, filled))


def _on_brightest(
    part: FloatArray, edges: tuple[float, float, float, float], place: float
) -> tuple[float, float, float]:
    """A point on the brightest leg in a box, by its share of the leg's length, and the leg's direction."""
    x1, y1, x2, y2 = edges
    smooth = ndimage.gaussian_filter(part, 2.0)
    rows, columns = np.ogrid[: part.shape[0], : part.shape[1]]
    inside = (rows >= y1) & (rows <= y2) & (columns >= x1) & (columns <= x2)
    bright = inside & (smooth >= np.percentile(smooth[inside], 82))
    labels, count = ndimage.label(bright)
    sums = ndimage.sum_labels(smooth, labels, np.arange(1, count + 1))
    points = np.argwhere(labels == 1 + int(np.argmax(sums))).astype(np.float64)
    weights = smooth[tuple(points.astype(int).T)]
    middle = np.average(points, axis=0, weights=weights)
    spread = np.cov((points - middle).T, aweights=weights) + 1e-6 * np.eye(2)
    axis = np.linalg.eigh(spread)[1][:, 1]
    axis = axis if axis[1] >= 0 else -axis
    along = (points - middle) @ axis
    low, high = np.percentile(along, (10, 90))
    wanted = low + (0.3 + 0.4 * place) * (high - low)
    near = points[np.abs(along - wanted) < 3]
    weights = smooth[tuple(near.astype(int).T)]
    row, column = np.average(near, axis=0, weights=weights) if len(near) else middle + wanted * axis
    return float(row), float(column), float(np.arctan2(axis[0], axis[1]))
