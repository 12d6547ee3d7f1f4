"""Thicken or thin the dark gap between two lines: the lines move apart or together as they are, tissue gives way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nonet.errors import SettingsError
from nonet.simulate.edits.edges import Gap, find_gap
from nonet.simulate.edits.lower_edge import lower_edge
from nonet.simulate.edits.shape import between_knots, smooth_step
from nonet.simulate.edits.window import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nonet.reading import Box
    from nonet.simulate.edits.window import FloatArray

__all__ = ["GapEdit", "GapShape", "gap_shape"]

_LEAST_LINE_PX = 7.0
_SOFT_PX = 6.0
"""Over how many pixels the redrawing sets in at the rim."""
_MOLLIFIED = (1.5, 3.0)
_SQUEEZED = 0.85
"""The share of itself by which the tissue beside a line gives way at most."""
_LEAST_LEAN = 0.6
_SMOOTH = 0.06
"""How smooth a change is along the gap, in widths of its box."""
_CLOSING = 0.95
_INNER = 0.8
"""The share of the box, about its middle, in which a gap has its size."""
_MOVED, _REDRAWN = 0.05, 0.25
"""Shares of the greatest change: below the first a column has room at any rate, from the second on all is redrawn."""
_CARRIED = 1e-6
"""What is carried along moves, and is not redrawn."""


@dataclass(frozen=True, slots=True)
class GapEdit:
    """How the gap of a structure changes.

    Attributes
    ----------
    rise
        Share of the change by which the upper line moves up; the lower one moves down by the rest.
    even
        The least share of the change that a place in the box takes, however thin the gap is there, as long as it stays
        open: 1 moves lines in parallel.
    taper
        Over which share of its box's width, from either end inwards, the change still grows: 0 where all of the box has
        it whole.
    fade
        Over which share of its box's width the change fades out beyond it.
    carries
        Whether what lies below the lower line is carried along as it is, and out of the picture; else it gives way.
    reach
        How far beyond the lines tissue gives way, in the greatest change of size.
    least_reach_px
        The same, at least.
    """

    rise: float
    even: float
    taper: float = 0.0
    fade: float = 0.4
    carries: bool = False
    reach: float = 1.8
    least_reach_px: float = 24.0


class GapShape:
    """A gap that can be shown at any size; see `Shape`.

    Sizes are perpendicular to the lines, where the gap is greatest. Each column takes a share of the change in
    proportion to the gap there, so that a space that closes at its ends does so at any size. What is thickened may
    bulge: the change then grows from the ends of the box inwards.
    """

    power = 24.0

    def __init__(self, grey: FloatArray, window: Window, box: Box, sizes: tuple[float, float, float], how: GapEdit,
                 kept: Sequence[Box], edge: FloatArray) -> None:  # fmt: skip
        start, least, most = sizes
        self.window, self._start, self._how = window, start, how
        edges = window.inside(box)
        part = grey[window.slices]
        gap = find_gap(part, edges, start)
        self._edge = edge[window.slices[1]] - window.top
        self._rows, columns = window.grid()
        self._lean = np.maximum(gap.lean, _LEAST_LEAN)
        self._thinned = self._profile(columns[0], edges, gap, start - least)
        self._thickened = self._profile(columns[0], edges, gap, 0.0, how.taper) if how.taper else self._thinned
        inner = np.abs(columns[0] - (edges[0] + edges[2]) / 2) < _INNER / 2 * (edges[2] - edges[0])
        self._held = np.minimum((gap.lower - gap.upper) * gap.lean, gap.size)[inner], self._thickened[inner]
        self._upper, self._lower = gap.upper, gap.lower
        self._line = max(0.5 * start, _LEAST_LINE_PX)
        self._inner = 0.2 * min(start, least)
        self._most = np.maximum(np.abs(self._shift(least)), np.abs(self._shift(most)))
        self._room(kept, max(most - start, start - least))
        self.zone, self.sharp = self._weights()

    def displaced(self, now: float, before: float) -> FloatArray:
        """See `Shape`."""
        seen, lay = self._knots(now), self._knots(before)
        down = between_knots(self._rows, seen, [there - here for here, there in zip(seen, lay, strict=True)])
        down = ndimage.gaussian_filter(down, _MOLLIFIED) * (self.zone > 0)
        return np.stack([down, np.zeros_like(down)])

    def _shift(self, size: float) -> FloatArray:
        """By how many rows the lines move apart in each column, so that the gap is of a size where it is greatest."""
        if size <= self._start:
            return self._thinned * (size - self._start) / self._lean
        sizes, shares = self._held
        greatest = float(sizes.max()) + size - self._start
        change = float(((greatest - sizes) / np.maximum(shares, 1e-6)).min())
        return self._thickened * change / self._lean

    def _profile(
        self,
        columns: FloatArray,
        edges: tuple[float, float, float, float],
        gap: Gap,
        thinned: float,
        taper: float = 0.0,
    ) -> FloatArray:
        """How much of the change each column takes, fading out beyond the box; nowhere so much that a gap closes."""
        width = edges[2] - edges[0]
        over = self._how.fade * width, (self._how.fade + taper) * width
        left, right = (smooth_step((inside + over[0]) / over[1]) for inside in (columns - edges[0], edges[2] - columns))
        size = np.maximum((gap.lower - gap.upper) * gap.lean, 0)
        share = np.clip(size / max(gap.size, 1e-6), self._how.even, 1.0)
        if thinned > 0:
            share = np.minimum(share, _CLOSING * size / thinned)
        share = np.minimum(ndimage.gaussian_filter1d(share, _SMOOTH * width, mode="nearest"), 1.0)
        peak = float(share[(columns > edges[0] + 0.1 * width) & (columns < edges[2] - 0.1 * width)].max(initial=1e-6))
        return np.asarray(left * right * share / max(peak, 0.5))

    def _room(self, kept: Sequence[Box], change: float) -> None:
        """How far tissue gives way above and below, and how the change is shared where there is little room."""
        reach = max(self._how.reach * change, self._how.least_reach_px)
        above = np.minimum(self._upper - self._line - 1, reach)
        for box in kept:
            x1, _, x2, y2 = self.window.inside(box)
            columns = np.arange(self.window.width)
            over = (columns > x1 - 6) & (columns < x2 + 6) & (y2 < self._lower)
            above = np.where(over, np.minimum(above, self._upper - self._line - y2), above)
        left = self._edge - self._lower - self._line
        below = np.full_like(left, reach) if self._how.carries else np.minimum(left, reach)
        above, below = (np.maximum(ndimage.gaussian_filter1d(one, 12.0), 0.0) for one in (above, below))
        most, moved = self._most, self._most > _MOVED * self._most.max()
        up = np.minimum(self._how.rise * most, _SQUEEZED * above)
        squeezed = left if self._how.carries else _SQUEEZED * below
        if (most - up > squeezed)[moved].any():
            up = np.maximum(up, most - squeezed)
        if (up > _SQUEEZED * above + 1e-6)[moved].any():
            raise SettingsError(
                f"The tissue beside a gap gives way by {_SQUEEZED:.0%} of itself at most",
                found=f"a change by up to {change:.0f} pixels, {float(above.min()):.0f} above and "
                f"{float(below.min()):.0f} below the lines",
                remedy="Ask for sizes nearer to the start, or leave this frame out",
            )
        self._above, self._below = np.maximum(above, 1.0), np.maximum(below, 1.0)
        self._rise = up / np.maximum(most, 1e-9)

    def _knots(self, size: float) -> list[FloatArray]:
        shift = self._shift(size)
        up, down = self._rise * shift, (1 - self._rise) * shift
        return [
            self._upper - self._line - self._above,
            self._upper - self._line - up,
            self._upper + self._inner - up,
            self._lower - self._inner + down,
            self._lower + self._line + down,
            self._lower + self._line + self._below + (down if self._how.carries else 0.0),
        ]

    def _weights(self) -> tuple[FloatArray, FloatArray]:
        first, *_, last = self._knots(self._start)
        rows = self._rows
        along = smooth_step(self._most / (_REDRAWN * max(float(self._most.max()), 1e-9)))
        zone = smooth_step((rows - first) / _SOFT_PX) * smooth_step((last - rows) / _SOFT_PX) * along
        upper = (rows > self._upper - self._line) & (rows < self._upper + self._inner)
        lower = (rows > self._lower - self._inner) & (rows < self._lower + self._line)
        if self._how.carries:
            zone = np.maximum(zone, _CARRIED * ((rows > self._lower) & (self._most > 0)))
        sharp = ndimage.gaussian_filter((upper | lower).astype(np.float64), 1.5)
        return zone, sharp


def gap_shape(
    grey: FloatArray,
    box: Box,
    sizes: tuple[float, float, float],
    how: GapEdit,
    kept: Sequence[Box] = (),
    edge: FloatArray | None = None,
) -> GapShape:
    """The gap in a box.

    Parameters
    ----------
    grey
        ``float64[H, W]``, the frame.
    box
        Of the structure.
    sizes
        The size it has, the least and the greatest that it will be given, pixels.
    how
        How it changes.
    kept
        Boxes of structures above it that stay as they are.
    edge
        ``float64[W]``, the last row of the picture in each column of the frame; by default found in it. Below it a
        frame is `continued` where what lies below the gap is carried along.

    Raises
    ------
    SettingsError
        If the box does not lie in the frame or there is no room for the change.
    """
    start, least, most = sizes
    change = max(most - start, start - least)
    margin = 1.2 * max(how.reach * change, how.least_reach_px) + max(start, _LEAST_LINE_PX) + 8
    below = grey.shape[0] if how.carries else margin
    window = Window.around(box, how.fade * box.width + 8, margin, below, grey.shape)
    return GapShape(grey, window, box, sizes, how, kept, lower_edge(grey) if edge is None else edge)
