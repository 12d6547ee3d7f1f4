"""Where labels go: beside the picture, in the order of what they name, without overlap or crossing leaders."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from statistics import fmean
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from nonet.anatomy import Structure
    from nonet.reading import Box

__all__ = ["Label", "LabelColumn", "place", "spread", "untangle"]

Point = tuple[float, float]

_MOST = 6


@dataclass(frozen=True, slots=True)
class LabelColumn:
    """A column of labels: leaders end at ``x``; label middles stay within ``top`` and ``bottom``, pixels."""

    x: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Label:
    """One placed label: the leader runs from ``anchor`` on the box's edge to ``end`` in its column."""

    structure: Structure
    column: LabelColumn
    anchor: Point
    end: Point


def place(
    boxes: Mapping[Structure, Box], columns: Sequence[LabelColumn], pitch: float, together: Collection[Structure] = ()
) -> list[Label]:
    """Labels for boxes, in one column or in a left and a right one.

    A box is labelled in the nearer column, but no column takes more than six while the other has
    room; a leader starts in the middle of the edge that faces its column.

    Parameters
    ----------
    boxes
        What to label, in the pixels of the sheet.
    columns
        One or two columns, left to right.
    pitch
        Least distance between the middles of two labels in one column, pixels.
    together
        Structures whose labels stand in one column, wherever that is.
    """
    labels: list[Label] = []
    for column, structures in zip(columns, _shares(boxes, columns, together), strict=True):
        anchors = sorted(((_anchor(boxes[name], column), name) for name in structures), key=lambda pair: pair[0][1])
        points = [point for point, _ in anchors]
        heights = spread([y for _, y in points], pitch, column.top, column.bottom)
        ends = untangle(points, [(column.x, y) for y in heights])
        labels += [Label(name, column, point, end) for (point, name), end in zip(anchors, ends, strict=True)]
    return labels


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Positions as near to the wanted ones as a least gap allows (least squares), in the same order.

    Where ``high - low`` is too short for the gap, positions are evenly spaced over it instead.
    Solved as isotonic regression by pooling adjacent violators (Barlow et al. 1972) after the gaps
    have been subtracted.

    Parameters
    ----------
    wanted
        Rising positions.
    gap
        Least distance between neighbours.
    low, high
        Bounds of the first and of the last position.
    """
    steps = max(len(wanted) - 1, 1)
    gap = min(gap, max(high - low, 0.0) / steps)
    pools: list[tuple[float, int]] = []
    for index, position in enumerate(wanted):
        mean, size = position - index * gap, 1
        while pools and pools[-1][0] > mean:
            above, count = pools.pop()
            mean, size = (above * count + mean * size) / (count + size), count + size
        pools.append((mean, size))
    ceiling = high - (len(wanted) - 1) * gap
    flat = [min(max(mean, low), ceiling) for mean, size in pools for _ in range(size)]
    return [position + index * gap for index, position in enumerate(flat)]


def untangle(anchors: Sequence[Point], ends: Sequence[Point]) -> list[Point]:
    """The ends reordered so that no two straight leaders from anchor to end cross.

    Swapping the ends of a crossing pair shortens the leaders together, so this comes to an end.
    """
    ends = list(ends)
    crossing = True
    while crossing:
        crossing = False
        for i, j in combinations(range(len(ends)), 2):
            if _cross(anchors[i], ends[i], anchors[j], ends[j]):
                ends[i], ends[j] = ends[j], ends[i]
                crossing = True
    return ends


def _shares(
    boxes: Mapping[Structure, Box], columns: Sequence[LabelColumn], together: Collection[Structure]
) -> list[list[Structure]]:
    group = [boxes[name].centre[0] for name in boxes if name in together]
    x = {name: fmean(group) if name in together else boxes[name].centre[0] for name in boxes}
    by_x = sorted(boxes, key=lambda name: (x[name], name in together))
    if len(columns) == 1:
        return [by_x]
    middle = (columns[0].x + columns[1].x) / 2
    cut = _cut(by_x, sum(x[name] < middle for name in by_x), together)
    return [by_x[:cut], by_x[cut:]]


def _cut(by_x: Sequence[Structure], nearer: int, together: Collection[Structure]) -> int:
    """How many go to the left: those nearer to it, six at most on either side, a group undivided."""
    cut = max(min(nearer, _MOST), len(by_x) - _MOST)
    group = [index for index, name in enumerate(by_x) if name in together]
    if not group or not group[0] < cut <= group[-1]:
        return cut
    before, after = group[0], group[-1] + 1
    return after if after <= _MOST and after - cut < cut - before else before


def _anchor(box: Box, column: LabelColumn) -> Point:
    x, y = box.centre
    return (box.x1 if column.x < x else box.x2), y


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    return _turn(a, b, c) * _turn(a, b, d) < 0 and _turn(c, d, a) * _turn(c, d, b) < 0


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
