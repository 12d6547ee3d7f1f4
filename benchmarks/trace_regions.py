"""Where a trace of editing is looked for, so that nothing there tells the size of the structure by itself.

All regions of a frame are the same pixels, or as many patches of the same native size, at every grade, and show the
same tissue. A region whose outline, area or content goes with the size would tell the grade without any trace: a thick
gap pushes other tissue into view.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nonet.anatomy import Structure
from nonet.simulate.edits.edges import find_bar, find_gap
from nonet.simulate.edits.window import Window

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nonet.reading import Box
    from nonet.simulate.edits.graded import GradedEdit

__all__ = ["Patches", "Ring", "patches_in", "ring_around", "tissue_in"]

OUTSIDE_PX = 6
"""How far the ring goes beyond what an edit may change."""
GROWN_PX = {Structure.NASAL_BONE: 4}
GROWN_OTHERWISE_PX = 8
"""How far a box is grown to hold the lines of its structure, borders and all."""
STILL_PX = 2.0
"""How far tissue of the ring lies from where it lay before, at most."""
TONE_PX, STILL_GREY = 3.0, 3.0
"""The same of an edit of echo: by how many grey levels the tone differs between grades, at most."""
POINT_PX = (9, 9)
CANDIDATES, MOST_POINTS, LEAST_POINTS = 400, 40, 8
LEAST_GREY = 12.0
"""Patches of the residual: their size, how many points are tried and kept, and how bright these are at least."""
INSIDE_PX = (6, 10)
TISSUE_PX = (10, 16)
"""Height and width of a patch inside a structure, and of one in the tissue that was moved, pixels of the file."""
BORDER_PX = 4.0
"""What is left out beside each border."""
LINE = (0.5, 7.0)
"""The thickness of a line that moves as it is: a share of the structure's start, and pixels at least."""
LEAST_PATCHES = 2
MIDDLE = 0.8
"""The share of a box's width that patches are taken from."""


@dataclass(frozen=True, slots=True)
class Ring:
    """Pixels around a structure, the same at every grade of a frame.

    Attributes
    ----------
    rows, columns
        The part of the frame that holds them.
    mask
        ``bool[H, W]`` of that part: what an edit may change and `OUTSIDE_PX` beyond, where at every grade the tissue
        lies within `STILL_PX` of where it lay, without the grown boxes after the edits, and of gaps above and below the
        box alone. All grades show the same tissue there, stretched as it is nearer to the structure. Of an edit of echo
        it is where the tone stays.
    ends
        What may be changed to the left and right of the box of a gap, where its lines go on and the change fades out.
        The size of the gap shows there.
    """

    rows: slice
    columns: slice
    mask: np.ndarray
    ends: np.ndarray


@dataclass(frozen=True, slots=True)
class Patches:
    """Corners of patches of one size, a list for each grade, as many in each.

    Attributes
    ----------
    corners
        For each grade the rows and columns of their upper left corners, frame pixels.
    size
        Height and width.
    """

    corners: tuple[tuple[tuple[int, int], ...], ...]
    size: tuple[int, int]


def ring_around(made: Sequence[GradedEdit], structure: Structure) -> Ring:
    """The ring around a structure, the same pixels for all edits of one frame.

    Parameters
    ----------
    made
        The frame at every grade.
    structure
        What was edited.
    """
    support = made[0].edited.support
    around = ndimage.binary_dilation(support, iterations=OUTSIDE_PX)
    held, beside, still = np.zeros_like(support), np.zeros_like(support), np.ones_like(support)
    for one in made:
        left, top, right, bottom = _grown(one.edited.boxes[structure], structure)
        held[top:bottom, left:right] = True
        if structure is not Structure.NASAL_BONE:
            beside[:, :left] = beside[:, right:] = True
        still[_window(one).slices] &= np.hypot(*one.edited.warp.came) <= STILL_PX
    still &= _unveiled(made)
    rows, columns = (slice(int(one.min()), int(one.max()) + 1) for one in np.nonzero(around))
    ring, ends = around & still & ~(held | beside), support & beside & ~held
    return Ring(rows, columns, ring[rows, columns], ends[rows, columns])


def tissue_in(
    pixels: np.ndarray, boxes: Mapping[Structure, Box], made: Sequence[GradedEdit], structure: Structure
) -> Patches | None:
    """Patches around the same points of tissue wherever they lie after each edit; None where they are few.

    The points are drawn by lot from what an edit may change, not too dark, outside the structure's grown box and not
    beside that of a gap. Their patches lie outside the grown box after the edit, at every grade.
    """
    support, window = made[0].edited.support, _window(made[0])
    bright = ndimage.gaussian_filter(pixels.astype(np.float64), POINT_PX[0] / 3) >= LEAST_GREY
    left, top, right, bottom = _grown(boxes[structure], structure)
    free = support & bright & _unveiled(made)
    free[top:bottom, left:right] = False
    if structure is not Structure.NASAL_BONE:
        free[:, :left] = free[:, right:] = False
    points = np.argwhere(free)
    points = np.random.default_rng(0).permutation(points)[:CANDIDATES]
    after, good = [], np.ones(len(points), np.bool_)
    for one in made:
        inside = (points - (window.top, window.left)).T
        went = np.stack([ndimage.map_coordinates(way, inside, order=1) for way in one.edited.warp.went], axis=-1)
        corners = np.rint(points + went).astype(int) - np.array(POINT_PX) // 2
        left, top, right, bottom = _grown(one.edited.boxes[structure], structure)
        low, high = corners, corners + POINT_PX
        good &= (low >= 0).all(axis=1) & (high <= pixels.shape).all(axis=1)
        good &= (high[:, 0] <= top) | (low[:, 0] >= bottom) | (high[:, 1] <= left) | (low[:, 1] >= right)
        after.append(corners)
    chosen: list[int] = []
    for place in np.flatnonzero(good):
        apart = [np.abs(own[place] - own[chosen]).max(axis=1).min(initial=9999) for own in after]
        if min(apart) >= POINT_PX[0] / 2 and len(chosen) < MOST_POINTS:
            chosen.append(int(place))
    if len(chosen) < LEAST_POINTS:
        return None
    return Patches(tuple(tuple(map(tuple, own[chosen].tolist())) for own in after), POINT_PX)


def patches_in(
    pixels: np.ndarray, box: Box, made: Sequence[GradedEdit], structure: Structure, start_px: float
) -> Patches | None:
    """Patches of a frame at every grade, or None where one does not fit at every grade.

    Inside the nuchal translucency; of what is too thin for any patch, in the tissue that was moved: between the lines
    of a gap and the rim of what the edit may change, beyond the ends of a bone.

    Parameters
    ----------
    pixels, box
        The frame before the edits, and the structure's box in it.
    made
        The frame at every grade.
    structure
        What was edited.
    start_px
        Its size before.
    """
    if structure is Structure.NASAL_BONE:
        return _beyond_bone(pixels, box, made)
    window = _window(made[0])
    gap = find_gap(pixels[window.slices].astype(np.float64), window.inside(box), start_px)
    columns = np.arange(window.width, dtype=np.float64)
    line = max(LINE[0] * start_px, LINE[1])
    spaces = []
    for one in made:
        upper, lower, over, under = (
            row + ndimage.map_coordinates(one.edited.warp.went[0], [row, columns], order=1)
            for row in (gap.upper, gap.lower, gap.upper - line, gap.lower + line)
        )
        if structure is Structure.NUCHAL_TRANSLUCENCY:
            spaces.append([(upper + BORDER_PX, lower - BORDER_PX)])
            continue
        inside = one.edited.support[window.slices]
        first, last = inside.argmax(axis=0), window.height - 1 - inside[::-1].argmax(axis=0)
        spaces.append([(first.astype(np.float64), over), (under, last.astype(np.float64))])
    size = INSIDE_PX if structure is Structure.NUCHAL_TRANSLUCENCY else TISSUE_PX
    return _fitting(spaces, window, window.inside(box), size)


def _fitting(
    spaces: list[list[tuple[np.ndarray, np.ndarray]]],
    window: Window,
    edges: tuple[float, float, float, float],
    size: tuple[int, int],
) -> Patches | None:
    """In the middle of each space, block by block of columns, the patches that fit into it at every grade."""
    middle, half = (edges[0] + edges[2]) / 2, MIDDLE * (edges[2] - edges[0]) / 2
    corners: list[list[tuple[int, int]]] = [[] for _ in spaces]
    for left in range(max(int(middle - half), 0), min(int(middle + half), window.width) - size[1] + 1, size[1]):
        block = slice(left, left + size[1])
        for place in range(len(spaces[0])):
            rows = []
            for grade in spaces:
                low, high = float(grade[place][0][block].max()), float(grade[place][1][block].min())
                if high - low < size[0]:
                    break
                rows.append(round((low + high - size[0]) / 2))
            if len(rows) == len(spaces):
                for own, row in zip(corners, rows, strict=True):
                    own.append((row + window.top, left + window.left))
    return Patches(tuple(tuple(one) for one in corners), size) if len(corners[0]) >= LEAST_PATCHES else None


def _beyond_bone(pixels: np.ndarray, box: Box, made: Sequence[GradedEdit]) -> Patches | None:
    window = _window(made[0])
    bar = find_bar(pixels[window.slices].astype(np.float64), window.inside(box))
    along, beside = window.axes(bar.x, bar.y, bar.angle)
    support = made[0].edited.support[window.slices] & (np.abs(beside) < 1)
    outer = min(-float(along[support].min()), float(along[support].max()))
    height, width = TISSUE_PX
    corners = []
    for one in made:
        half = one.edited.boxes[Structure.NASAL_BONE].width / 2 + GROWN_PX[Structure.NASAL_BONE]
        if outer - half < width:
            return None
        own = []
        for side in (-1, 1):
            away = side * (half + outer) / 2
            row = window.top + bar.y + away * np.sin(bar.angle) - height / 2 + 0.5
            column = window.left + bar.x + away * np.cos(bar.angle) - width / 2 + 0.5
            own.append((round(row), round(column)))
        corners.append(tuple(own))
    inside = all(
        row >= 0 and column >= 0 and row + height <= pixels.shape[0] and column + width <= pixels.shape[1]
        for own in corners
        for row, column in own
    )
    return Patches(tuple(corners), TISSUE_PX) if inside else None


def _window(made: GradedEdit) -> Window:
    """The part of the frame that an edit worked in."""
    warp = made.edited.warp
    height, width = warp.went.shape[1:]
    return Window(warp.left, warp.top, width, height)


def _unveiled(made: Sequence[GradedEdit]) -> np.ndarray:
    """Where no edit of echo changed the tone: what lies there is no halo of the line. All of an edit of size."""
    first = made[0].edited
    if first.warp.came.any():
        return np.ones_like(first.support)
    tones = [ndimage.gaussian_filter(one.edited.pixels.astype(np.float64), TONE_PX) for one in made]
    return np.ptp(tones, axis=0) <= STILL_GREY


def _grown(box: Box, structure: Structure) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of a box with the lines of its structure, whole pixels of the frame."""
    px = GROWN_PX.get(structure, GROWN_OTHERWISE_PX)
    left, top = max(int(box.x1 - px), 0), max(int(box.y1 - px), 0)
    return left, top, int(np.ceil(box.x2 + px)), int(np.ceil(box.y2 + px))
