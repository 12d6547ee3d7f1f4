"""The height of an echo-poor region across the middle of its box, from the border above it to the border below.

Grey is averaged over the columns in the middle of the box. Near the upper and the lower edge of the box the place is
looked for where this mean rises most steeply outward; each border is where it has risen a stated share of its way from
the region to what bounds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nonet.measure.line_pair import smoothed
from nonet.measure.span import Span

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.measure.patch import HeadPicture
    from nonet.reading import Box

    Grey = NDArray[np.float64]

__all__ = ["HeightSearch", "measure_height"]

_SMOOTH = (2.0, 2.0)
_LEAST_KNOWN = 0.5
"""Share of the columns that is picture and not drawn over, at least, where a border counts."""
_BESIDE = 6
"""How far to both sides of its steepest place a border is followed, pixels of the head frame."""
_LEAST_HEIGHT_PX = 8.0


@dataclass(frozen=True, slots=True)
class HeightSearch:
    """How a height is looked for.

    Attributes
    ----------
    middle
        Share of the box's width to each side of its middle that is averaged.
    reach
        How far from the box's edge a border may lie, in heights of the box.
    off_edge
        What lying that far from the edge costs, against a slope of a tenth of the patch's contrast a pixel.
    least_slope
        The least slope of a border, in the same units.
    border, border_low, border_high
        Where a border is: the share of the rise from the region. The two others bound what may be called one.
    """

    middle: float = 0.2
    reach: float = 0.12
    off_edge: float = 1.0
    least_slope: float = 0.25
    border: float = 0.85
    border_low: float = 0.55
    border_high: float = 1.0


def measure_height(picture: HeadPicture, box: Box, search: HeightSearch) -> Span | None:
    """Measure the height across the middle of a box; None where one of its two borders does not stand out.

    Parameters
    ----------
    picture
        The head frame.
    box
        Of the structure in the head frame.
    search
        The structure's.
    """
    patch = picture.patch(box, 0, search.reach * box.height + 2 * _BESIDE)
    grey, weight = smoothed(patch.grey, patch.known, _SMOOTH)
    centre = patch.box.centre[0]
    half = search.middle * box.width
    columns = slice(max(int(centre - half), 0), max(int(centre + half) + 1, 0))
    if min(grey[:, columns].shape) < 1 or len(grey) < 2 * _BESIDE:
        return None
    mean, known = grey[:, columns].mean(axis=1), weight[:, columns].mean(axis=1) >= _LEAST_KNOWN
    contrast = max(float(np.ptp(np.percentile(grey, (5, 95)))), 1e-6)
    slope = np.where(known, np.gradient(mean), 0.0) / contrast * 10
    top = _border(mean[::-1], -slope[::-1], len(mean) - 1 - patch.box.y1, box.height, search)
    bottom = _border(mean, slope, patch.box.y2, box.height, search)
    if top is None or bottom is None:
        return None
    uppers, lowers = len(mean) - 1 - top, bottom
    length, low, high = (float(lower - upper) for upper, lower in zip(uppers, lowers, strict=True))
    if length < _LEAST_HEIGHT_PX:
        return None
    start, end = patch.to_head(centre, uppers[0]), patch.to_head(centre, lowers[0])
    return Span(start, end, length, low, high)


def _border(mean: Grey, slope: Grey, edge: float, height: float, search: HeightSearch) -> Grey | None:
    """Rows of the lower border of a region at the three shares, where the mean rises most steeply near an edge."""
    off = (np.arange(len(mean)) - edge) / (search.reach * height)
    scores = np.where(np.abs(off) <= 1, slope - search.off_edge * off**2, -np.inf)
    steepest = int(np.argmax(scores))
    if not np.isfinite(scores[steepest]) or slope[steepest] < search.least_slope:
        return None
    first, last = steepest, steepest
    while first > max(steepest - _BESIDE, 0) and mean[first - 1] < mean[first]:
        first -= 1
    while last < min(steepest + _BESIDE, len(mean) - 1) and mean[last + 1] > mean[last]:
        last += 1
    shares = np.array([search.border, search.border_low, search.border_high])
    wanted = mean[first] + shares * (mean[last] - mean[first])
    return np.asarray(np.interp(wanted, mean[first : last + 1], np.arange(first, last + 1)), np.float64)
