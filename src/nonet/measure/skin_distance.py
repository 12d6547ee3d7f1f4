"""The nasal skin's thickness: the shortest way from an end of the nasal bone to the outer border of the skin above it.

The bone's end is that of its measured line. The skin's line is followed above it, and its outer border is where grey
has fallen a stated drop below that of the line: machines show the logarithm of an echo.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import Structure
from nonet.measure.bright_line import find_bright_line
from nonet.measure.line_length import flattened, measure_line, unflattened
from nonet.measure.line_pair import smoothed
from nonet.measure.span import Span, distance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from nonet.measure.line_length import LineSearch
    from nonet.measure.patch import HeadPicture, Patch
    from nonet.reading import Box

    Grey = NDArray[np.float64]
    Point = tuple[float, float]

__all__ = ["SkinSearch", "measure_skin"]

_SMOOTH = (0.7, 1.5)
_LEAST_GREY = 8.0
"""A skin that is darker than this is no line."""
_LEAST_KNOWN = 0.5
"""Share of a place that is picture and not drawn over, at least."""


@dataclass(frozen=True, slots=True)
class SkinSearch:
    """How the distance is looked for.

    Attributes
    ----------
    bone
        How the bone's line is.
    beside
        How far past the bone's end the skin is followed, in widths of the bone's box.
    above
        How far above and below its box the skin's border is looked for, in heights of the box.
    drop, drop_low, drop_high
        Where the skin ends: how far below its line's grey, in units of an unflattened grey map in which black is 0 and
        half of white .55. The two others bound what may be called its border.
    least_contrast
        How much brighter the skin's line is than the darkest above it, at least, as a share of its grey.
    least_px, most
        The least distance, pixels of the head frame, and the greatest, in widths of the bone's box.
    """

    bone: LineSearch
    beside: float = 0.25
    above: float = 1.0
    drop: float = 0.15
    drop_low: float = 0.08
    drop_high: float = 0.25
    least_contrast: float = 0.4
    least_px: float = 4.0
    most: float = 1.5


def measure_skin(picture: HeadPicture, boxes: Mapping[Structure, Box], search: SkinSearch) -> Span | None:
    """Measure from the front end of the nasal bone to the outer border of the skin; None where one has no line.

    Parameters
    ----------
    picture
        The head frame.
    boxes
        In the head frame: of the nasal bone and the nasal skin. The front end is the one nearer to the nasal tip;
        without a box of that it is the left one, since the head frame's face looks to the left.
    search
        The protocol's.
    """
    box, skin = boxes[Structure.NASAL_BONE], boxes[Structure.NASAL_SKIN]
    bone = measure_line(picture, box, search.bone)
    if bone is None:
        return None
    front = _front(bone, boxes.get(Structure.NASAL_TIP))
    beside = search.beside * box.width
    around = type(skin)(min(skin.x1, front[0] - beside), skin.y1, max(skin.x2, front[0] + beside), skin.y2)
    patch = picture.patch(around, 0, search.above * skin.height)
    borders = _outer_borders(patch, search)
    if borders is None:
        return None
    own, inner, outer = (_nearest(front, patch, border) for border in borders)
    length = distance(front, own)
    if not search.least_px <= length <= search.most * box.width or own[1] >= front[1]:
        return None
    return Span(front, own, length, distance(front, inner), distance(front, outer))


def _front(bone: Span, tip: Box | None) -> Point:
    """The end of the bone that is nearer to the nasal tip."""
    if tip is None:
        return min(bone.start, bone.end)
    return min(bone.start, bone.end, key=lambda end: distance(end, tip.centre))


def _outer_borders(patch: Patch, search: SkinSearch) -> list[Grey] | None:
    """Rows of the skin's outer border at the three drops below its line, NaN where it is not seen; None without any."""
    line = find_bright_line(patch)
    if line is None:
        return None
    grey, weight = smoothed(patch.grey, patch.known, _SMOOTH)
    columns = np.arange(grey.shape[1])
    peak = grey[line.rows, columns]
    outside = np.where(np.arange(len(grey))[:, None] <= line.rows, grey, np.inf)
    darkest = outside.min(axis=0)
    seen = (peak >= _LEAST_GREY) & (darkest <= (1 - search.least_contrast) * peak)
    seen &= weight[line.rows, columns] >= _LEAST_KNOWN
    if not seen.any():
        return None
    value, floor = np.asarray(unflattened(peak)), np.asarray(unflattened(darkest))
    borders = []
    for drop in (search.drop, search.drop_low, search.drop_high):
        wanted = flattened(np.maximum(value - drop, floor))
        borders.append(np.where(seen, _fallen(grey, line.rows, wanted), np.nan))
    return borders


def _fallen(grey: Grey, rows: NDArray[np.intp], wanted: Grey) -> Grey:
    """The row in each column, with a fraction, where grey first falls to what is wanted above a line."""
    columns = np.arange(grey.shape[1])
    above = np.arange(len(grey))[:, None] <= rows
    at = np.where(above & (grey <= wanted), np.arange(len(grey))[:, None], -1).max(axis=0).clip(min=0)
    below = np.minimum(at + 1, rows)
    step = grey[below, columns] - grey[at, columns]
    share = np.divide(wanted - grey[at, columns], step, out=np.zeros(len(columns)), where=step > 0)
    return np.asarray(at + np.clip(share, 0, 1), np.float64)


def _nearest(front: Point, patch: Patch, border: Grey) -> Point:
    """The point of a border that is nearest to the bone's end, in the head frame."""
    known = np.flatnonzero(np.isfinite(border))
    points = np.column_stack((known + patch.left, border[known] + patch.top))
    x, y = points[int(np.argmin(np.hypot(*(points - front).T)))].tolist()
    return x, y
