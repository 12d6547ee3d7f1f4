"""The mesh around a mask by marching cubes: its volume, its area, and the vertices that matter for its hull.

Marching cubes puts a surface half-way between pixels inside and outside, one cell of 2 x 2 x 2
pixel centres at a time (Lorensen and Cline 1987). Only the sums over cells are wanted here, so the
256 kinds of cell are measured once and counted in the mask. Where a face of a cell has its two
inner corners across from each other, each corner is cut off for itself.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

__all__ = ["hull_candidates", "volume_and_area"]

_CORNERS = np.array(list(product((0, 1), repeat=3)), dtype=np.float64)
_WEIGHTS = 2 ** np.arange(8).reshape(2, 2, 2)
_FACE_AREA = {0: 0.0, 1: 1 / 8, 2: 1 / 2, 3: 7 / 8, 4: 1.0}
_FACE_AREA_ACROSS = 1 / 4


def volume_and_area(mask: NDArray[np.bool_]) -> tuple[float, float]:
    """Volume and surface area of the mesh around a mask ``bool[d, h, w]``, in pixels cubed and squared."""
    padded = np.pad(mask, 1).astype(np.intp)
    shape = tuple(length - 1 for length in padded.shape)
    codes = np.zeros(shape, dtype=np.intp)
    for offset in product((0, 1), repeat=3):
        codes += _WEIGHTS[offset] * padded[tuple(slice(o, o + n) for o, n in zip(offset, shape, strict=True))]
    volume, area = np.bincount(codes.ravel(), minlength=256) @ _cells()
    return float(volume), float(area)


def hull_candidates(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Vertices of the mesh that its convex hull can need, ``float64[n, 3]`` as (z, y, x).

    The vertices lie half-way between an inner and an outer pixel. Of those on one line along x only
    the first and the last can be corners of the hull, so that the number grows with the outline of
    the mask and not with its area.
    """
    found = []
    for axis in range(3):
        padded = np.pad(mask, [(int(axis == other),) * 2 for other in range(3)])
        crossings = np.diff(padded, axis=axis)
        shift = np.zeros(3)
        shift[axis] = -0.5
        found.append(_line_ends(crossings) + shift)
    return np.concatenate(found)


def _line_ends(points: NDArray[np.bool_]) -> NDArray[np.float64]:
    z, y = np.nonzero(points.any(axis=2))
    lines = points[z, y]
    first = lines.argmax(axis=1)
    last = points.shape[2] - 1 - lines[:, ::-1].argmax(axis=1)
    ends = [np.stack([z, y, x], axis=1) for x in (first, last)]
    return np.concatenate(ends).astype(np.float64)


@cache
def _cells() -> NDArray[np.float64]:
    """Volume inside and area of surface in each kind of cell, ``float64[256, 2]``."""
    return np.array([_cell([bool(code >> corner & 1) for corner in range(8)]) for code in range(256)])


def _cell(inside: list[bool]) -> tuple[float, float]:
    """Measure one cell by the divergence theorem about its centre: its faces, then its surface."""
    volume = sum(_face_area([inside[corner] for corner in face]) for face in _faces()) / 6
    area = 0.0
    for first, *others in _polygons(inside):
        for second, third in pairwise(others):
            volume += float(np.linalg.det(np.array([first, second, third]) - 0.5)) / 6
            area += float(np.linalg.norm(np.cross(second - first, third - first))) / 2
    return volume, area


def _faces() -> list[list[int]]:
    """Corners of the six faces, each in a cycle that turns left when seen from outside."""
    faces = []
    for axis, side in product(range(3), (0, 1)):
        u, v = ((axis + 1) % 3, (axis + 2) % 3) if side else ((axis + 2) % 3, (axis + 1) % 3)
        cycle = []
        for du, dv in ((0, 0), (1, 0), (1, 1), (0, 1)):
            corner = np.zeros(3, dtype=int)
            corner[[axis, u, v]] = side, du, dv
            cycle.append(int(corner @ (4, 2, 1)))
        faces.append(cycle)
    return faces


def _face_area(inside: list[bool]) -> float:
    across = inside[0] == inside[2] != inside[1] == inside[3]
    return _FACE_AREA_ACROSS if across else _FACE_AREA[sum(inside)]


def _polygons(inside: list[bool]) -> list[list[NDArray[np.float64]]]:
    """The surface as closed polygons of edge midpoints, their outer side to the right-hand normal."""
    following = {}
    for face in _faces():
        for start, end in _cuts([inside[corner] for corner in face]):
            following[_edge(face, end)] = _edge(face, start)
    polygons = []
    while following:
        edge, after = following.popitem()
        polygon = [edge]
        while after != polygon[0]:
            polygon.append(after)
            after = following.pop(after)
        polygons.append([(_CORNERS[a] + _CORNERS[b]) / 2 for a, b in polygon])
    return polygons


def _cuts(inside: list[bool]) -> list[tuple[int, int]]:
    """Sides of a face where the outline of its inner part leaves and comes back, per connected part.

    Side ``k`` joins the corners ``k`` and ``k + 1`` of the cycle.
    """
    cuts = []
    for leave in range(4):
        if inside[leave] and not inside[(leave + 1) % 4]:
            enter = next(k % 4 for k in range(leave + 3, leave - 1, -1) if not inside[k % 4])
            cuts.append((leave, enter))
    return cuts


def _edge(face: list[int], side: int) -> tuple[int, int]:
    a, b = face[side], face[(side + 1) % 4]
    return min(a, b), max(a, b)
