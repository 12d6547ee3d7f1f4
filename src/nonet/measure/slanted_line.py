"""The length of a bright line that may slant, and its longest interruption: the palate's.

The largest bright part of the box that is oblong gives the direction of the line. Along it the brightest grey of a
narrow strip is taken at each place. The line is what stands less than a stated drop below what it reaches; parts in its
continuation that are as bright belong to it, and what lies between them is a gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nonet.measure.line_length import unflattened
from nonet.measure.line_pair import smoothed
from nonet.measure.span import Span, distance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.measure.patch import HeadPicture, Patch
    from nonet.reading import Box

    Grey = NDArray[np.float64]
    Run = tuple[float, float]

__all__ = ["SlantedSearch", "measure_line_gap", "measure_slanted_line"]

_SMOOTH = (1.0, 1.0)
_LEAST_GREY = 8.0
"""What is darker than this is no line."""
_LEAST_KNOWN = 0.5
"""Share of the line that is picture and not drawn over, at least."""
_PART_CENTILE, _PLATEAU_CENTILE = 97, 75
"""What the bright part of a box reaches, and what the line reaches along it: these centiles of their grey."""
_LEAST_PIXELS = 8
"""A smaller bright part is a spot."""
_GAP_WITHIN_PX = 2.0
"""A shorter dark stretch is speckle."""


@dataclass(frozen=True, slots=True)
class SlantedSearch:
    """How a slanted line is looked for.

    Attributes
    ----------
    strip_px
        How far to both sides of its direction the line may bend, pixels of the head frame.
    part_drops
        How far below what the box reaches its bright part goes, tried in this order, in units of an unflattened grey
        map in which black is 0 and half of white .55.
    slants
        How far that part may slant, degrees: from the front down to the back of the head.
    least_half, least_oblong
        Half of the length of that part, in widths of the box, and how much longer than wide it is, at least.
    drop, drop_low, drop_high
        How far below what the line reaches an echo still belongs to a part of it, in the same units. A part ends where
        half of that is reached.
    least_contrast
        How much brighter it is than what lies around it in the box, at least, as a share of its grey.
    least_length
        The least length of the line, in widths of the box.
    least_part_px
        The least length of a part beyond a gap.
    most_gap
        The greatest gap, in widths of the box.
    """

    strip_px: int = 5
    part_drops: tuple[float, ...] = (0.35, 0.25, 0.15)
    slants: tuple[float, float] = (15.0, 75.0)
    least_half: float = 0.12
    least_oblong: float = 2.0
    drop: float = 0.4
    drop_low: float = 0.3
    drop_high: float = 0.5
    least_contrast: float = 0.3
    least_length: float = 0.25
    least_part_px: float = 10.0
    most_gap: float = 0.4

    @property
    def drops(self) -> tuple[float, float, float]:
        """The drop, and the two that bound it."""
        return self.drop, self.drop_low, self.drop_high


def measure_slanted_line(picture: HeadPicture, box: Box, search: SlantedSearch) -> Span | None:
    """Measure the line in a box from end to end, gaps included; None where nothing there stands out as one.

    Parameters
    ----------
    picture
        The head frame.
    box
        Of the structure in the head frame.
    search
        The structure's.
    """
    strip = _strip_of(picture, box, search)
    return None if strip is None else _whole(strip, search)


def measure_line_gap(picture: HeadPicture, box: Box, search: SlantedSearch) -> Span | None:
    """Measure the longest interruption of the line in a box, of length 0 where there is none; None without a line.

    Parameters
    ----------
    picture, box, search
        As of `measure_slanted_line`.
    """
    strip = _strip_of(picture, box, search)
    if strip is None or _whole(strip, search) is None:
        return None
    (start, end), *others = (strip.longest_gap(drop, search) for drop in search.drops)
    low, high = sorted(distance(*one) for one in others)
    return Span(start, end, distance(start, end), low, high)


def _strip_of(picture: HeadPicture, box: Box, search: SlantedSearch) -> _Strip | None:
    return picture.once((_strip, box, search), lambda: _strip(picture.patch(box, 0, 0), search))


def _whole(strip: _Strip, search: SlantedSearch) -> Span | None:
    """The line with its gaps; None where it is not the longer the more of its echo counts: then it is not one line."""
    ends = [(parts[0][0], parts[-1][1]) for parts in (strip.parts(drop, search) for drop in search.drops)]
    (start, end), *_ = spans = [(strip.point(first), strip.point(last)) for first, last in ends]
    length, low, high = (distance(*one) for one in spans)
    return Span(start, end, length, low, high) if low <= length <= high else None


@dataclass(frozen=True, slots=True)
class _Strip:
    """A line along its direction.

    Attributes
    ----------
    grey
        ``float64[N]``: unflattened, of the brightest place across the direction.
    points
        ``float64[N, 2]``: that place in the head frame, x and y.
    reached
        What the line reaches.
    middle
        Where along it its bright part has its middle.
    width
        Of the box.
    """

    grey: Grey
    points: Grey
    reached: float
    middle: int
    width: float

    def parts(self, drop: float, search: SlantedSearch) -> list[Run]:
        """Where along it the line's own part and those that continue it begin and end, in order."""
        runs = [self._ends(run, drop) for run in _runs(self.grey - (self.reached - drop))]
        own = min(range(len(runs)), key=lambda each: _far(runs[each], self.middle))
        first, last = own, own
        for step in (-1, 1):
            each = own + step
            while 0 <= each < len(runs):
                near = runs[first][0] - runs[each][1] if step < 0 else runs[each][0] - runs[last][1]
                if near > search.most_gap * self.width:
                    break
                if runs[each][1] - runs[each][0] >= search.least_part_px:
                    first, last = min(first, each), max(last, each)
                each += step
        return runs[first : last + 1]

    def _ends(self, run: Run, drop: float) -> Run:
        """Where a part first and last stands less than half of the drop below what the line reaches."""
        begin = int(np.ceil(run[0]))
        strong = _runs(self.grey[begin : int(run[1]) + 1] - (self.reached - drop / 2))
        return begin + strong[0][0], begin + strong[-1][1]

    def longest_gap(self, drop: float, search: SlantedSearch) -> tuple[tuple[float, float], tuple[float, float]]:
        """The ends of the longest interruption; twice the line's middle where there is none."""
        parts = self.parts(drop, search)
        gaps = [(one[1], other[0]) for one, other in pairwise(parts)]
        gaps = [gap for gap in gaps if gap[1] - gap[0] >= _GAP_WITHIN_PX]
        middle = (parts[0][0] + parts[-1][1]) / 2
        start, end = max(gaps, key=lambda gap: gap[1] - gap[0], default=(middle, middle))
        return self.point(start), self.point(end)

    def point(self, along: float) -> tuple[float, float]:
        """A place along it in the head frame."""
        places = np.arange(len(self.points))
        return float(np.interp(along, places, self.points[:, 0])), float(np.interp(along, places, self.points[:, 1]))


def _strip(patch: Patch, search: SlantedSearch) -> _Strip | None:
    """The line of a box, along the direction of the box's bright oblong part; None where there is none."""
    if min(patch.grey.shape) < 2 * search.strip_px:
        return None
    grey, weight = smoothed(patch.grey, patch.known, _SMOOTH)
    part = _bright_part(grey, weight, patch, search)
    if part is None:
        return None
    middle, direction, half = part
    along, points = _brightest_path(grey, middle, direction, search)
    line, core = _at(grey, points), np.abs(along) <= half
    reached = float(np.percentile(line[core], _PLATEAU_CENTILE))
    contrast = 1 - float(np.median(grey)) / max(reached, _LEAST_GREY)
    known = float(_at(weight, points)[core].mean())
    if reached < _LEAST_GREY or contrast < search.least_contrast or known < _LEAST_KNOWN:
        return None
    own, corner = int(np.argmin(np.abs(along))), np.array([patch.left, patch.top])
    values, level = np.asarray(unflattened(line), np.float64), float(unflattened(reached))
    strip = _Strip(values, points + corner, level, own, patch.box.width)
    parts = strip.parts(search.drop, search)
    return strip if parts[-1][1] - parts[0][0] >= search.least_length * patch.box.width else None


def _brightest_path(grey: Grey, middle: Grey, direction: Grey, search: SlantedSearch) -> tuple[Grey, Grey]:
    """How far along a direction, and the brightest place across it there, x and y, as far as the patch reaches."""
    reach = int(np.hypot(*grey.shape))
    along, across = np.arange(-reach, reach + 1.0), np.arange(-search.strip_px, search.strip_px + 1.0)
    line = middle + along[:, None] * direction
    kept = ((line >= 0) & (line <= np.array(grey.shape[::-1]) - 1)).all(axis=1) | (along == 0)
    places = line[kept][:, None] + across[None, :, None] * np.array([-direction[1], direction[0]])
    best = np.argmax(_at(grey, places), axis=1)
    return along[kept], places[np.arange(len(best)), best]


def _at(values: Grey, places: Grey) -> Grey:
    """Values at places x and y, those of the nearest pixel beyond the patch."""
    return np.asarray(ndimage.map_coordinates(values, (places[..., 1], places[..., 0]), order=1, mode="nearest"))


def _bright_part(grey: Grey, weight: Grey, patch: Patch, search: SlantedSearch) -> tuple[Grey, Grey, float] | None:
    """Middle, direction and half-length of the box's largest bright part that is oblong; None where none is."""
    rows, columns = np.mgrid[: grey.shape[0], : grey.shape[1]]
    box = patch.box
    inside = (columns >= box.x1) & (columns <= box.x2) & (rows >= box.y1) & (rows <= box.y2) & (weight > _LEAST_KNOWN)
    if not inside.any():
        return None
    values = np.where(inside, unflattened(grey), -np.inf)
    reached = float(np.percentile(values[inside], _PART_CENTILE))
    for drop in search.part_drops:
        part = _brightest_part(np.clip((values - reached) / drop + 1, 0, 1))
        if part is None:
            continue
        middle, spreads, axes = part
        half, direction = float(np.sqrt(3 * spreads[1])), axes[:, 1] * (1.0 if axes[0, 1] >= 0 else -1.0)
        slant = float(np.degrees(np.arctan2(direction[1], direction[0])))
        oblong = half >= search.least_half * box.width and spreads[1] >= search.least_oblong**2 * spreads[0]
        if oblong and search.slants[0] <= slant <= search.slants[1]:
            return middle, direction, half
    return None


def _brightest_part(height: Grey) -> tuple[Grey, Grey, Grey] | None:
    """Middle, and variances with their axes, of the connected part with the greatest sum; None where it is a spot."""
    labels, count = ndimage.label(height > 0)
    if not count:
        return None
    sums = np.bincount(labels.ravel(), weights=height.ravel())
    own = height * (labels == 1 + int(np.argmax(sums[1:])))
    y, x = np.nonzero(own)
    if len(x) < _LEAST_PIXELS:
        return None
    points, weights = np.column_stack((x, y)).astype(np.float64), own[y, x]
    spreads, axes = np.linalg.eigh(np.cov(points.T, aweights=weights, bias=True))
    return np.average(points, axis=0, weights=weights), spreads, axes


def _runs(above: Grey) -> list[Run]:
    """Where values are above zero: begin and end of each stretch, with fractions; one of no length without any."""
    if not len(above):
        return [(0.0, 0.0)]
    turns = np.flatnonzero(np.diff(np.concatenate(([False], above > 0, [False]))))
    if not len(turns):
        return [(float(np.argmax(above)),) * 2]
    firsts, lasts = turns[::2].tolist(), (turns[1::2] - 1).tolist()
    return [(_crossing(above, first, -1), _crossing(above, last, 1)) for first, last in zip(firsts, lasts, strict=True)]


def _crossing(above: Grey, at: int, step: int) -> float:
    """Where values fall to zero past a place at which they are above it."""
    beyond = at + step
    if not 0 <= beyond < len(above):
        return float(at)
    return at + step * float(above[at] / (above[at] - above[beyond]))


def _far(run: Run, place: float) -> float:
    return max(run[0] - place, place - run[1], 0.0)
