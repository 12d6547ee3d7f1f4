"""The mesh around a mask by marching cubes: its volume, its area, and the vertices that matter for its hull.

Marching cubes puts a surface half-way between pixels inside and outside, one cell of 2 x 2 x 2
pixel centres at a time (Lorensen and Cline 1987). Only the sums over cells are wanted here, so the
256 kinds of cell are measured once and counted in the mask. Where a face of a cell has its two
inner corners across from each other, they are joined; of the ways to cut a polygon into triangles
from one vertex, the one that encloses most is taken, so that turning or mirroring a mask changes
nothing.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from nonet.radiomics.arithmetic import Reals

__all__ = ["hull_candidates", "volume_and_area"]

_CORNERS = np.array(list(product((0, 1), repeat=3)), dtype=np.float64)
_WEIGHTS = 2 ** np.arange(8).reshape(2, 2, 2)
_FACE_AREA = {0: 0.0, 1: 1 / 8, 2: 1 / 2, 3: 7 / 8, 4: 1.0}
_FACE_AREA_ACROSS = 3 / 4


def volume_and_area(mask: NDArray[np.bool_]) -> tuple[float, float]:
    """Volume and surface area of the mesh around a mask ``bool[d, h, w]``, in pixels cubed and squared."""
    padded = np.pad(mask, 1).astype(np.intp)
    shape = tuple(length - 1 for length in padded.shape)
    codes = np.zeros(shape, dtype=np.intp)
    for offset in product((0, 1), repeat=3):
        codes += _WEIGHTS[offset] * padded[tuple(slice(o, o + n) for o, n in zip(offset, shape, strict=True))]
    counts = np.bincount(codes.ravel())
    cells = [(int(counts[code]), *_cell(int(code))) for code in np.flatnonzero(counts)]
    return sum(n * volume for n, volume, _ in cells), sum(n * area for n, _, area in cells)


def hull_candidates(mask: NDArray[np.bool_]) -> Reals:
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


def _line_ends(points: NDArray[np.bool_]) -> Reals:
    z, y = np.nonzero(points.any(axis=2))
    lines = points[z, y]
    first = lines.argmax(axis=1)
    last = points.shape[2] - 1 - lines[:, ::-1].argmax(axis=1)
    ends = [np.stack([z, y, x], axis=1) for x in (first, last)]
    return np.concatenate(ends).astype(np.float64)


@cache
def _cell(code: int) -> tuple[float, float]:
    """Volume inside and area of surface in one kind of cell: the divergence theorem about its centre.

    Bit ``k`` of the code says whether corner ``k`` lies inside.
    """
    inside = [bool(code >> corner & 1) for corner in range(8)]
    volume = sum(_face_area([inside[corner] for corner in face]) for face in _faces()) / 6
    area = 0.0
    for polygon in _polygons(inside):
        enclosed, surface = max(_fan(polygon[k:] + polygon[:k]) for k in range(len(polygon)))
        volume, area = volume + enclosed, area + surface
    return volume, area


def _fan(polygon: list[Reals]) -> tuple[float, float]:
    """Volume between the cell's centre and the triangles that join the first vertex to all others, and their area."""
    first, *others = polygon
    triangles = np.array([(first, second, third) for second, third in pairwise(others)])
    normals = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    volume = float(np.linalg.det(triangles - 0.5).sum()) / 6  # a multiple of 1/48
    return round(48 * volume) / 48, float(np.linalg.norm(normals, axis=1).sum()) / 2


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


def _polygons(inside: list[bool]) -> list[list[Reals]]:
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
    """Sides of a face where the outline of its inner part leaves, and where it next comes back.

    Side ``k`` joins the corners ``k`` and ``k + 1`` of the cycle.
    """
    leaving = [k for k in range(4) if inside[k] and not inside[(k + 1) % 4]]
    return [(k, next(n % 4 for n in range(k + 1, k + 4) if inside[(n + 1) % 4])) for k in leaving]


def _edge(face: list[int], side: int) -> tuple[int, int]:
    a, b = face[side], face[(side + 1) % 4]
    return min(a, b), max(a, b)
