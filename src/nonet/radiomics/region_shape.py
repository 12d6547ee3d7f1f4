"""The shape of a region, from its mask alone: mesh, bounding boxes, convex hull, principal axes.

A 2-D region is a slab of one slice. A full rectangle has closed forms; any other mask is measured.
Both ways agree on rectangles, and a test holds them to it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull
from scipy.spatial.distance import pdist

from nonet.radiomics.mesh import hull_candidates, volume_and_area
from nonet.radiomics.region import RegionOfInterest

__all__ = ["RegionShape"]

_ROUNDING = 1e-12  # a plane or a line of pixels has no variance across itself


@dataclass(frozen=True, slots=True)
class RegionShape:
    """Measures of a mask, in pixels.

    Parameters
    ----------
    count
        Number of pixels.
    volume, area
        Of the mesh, a one-slice slab being one pixel thick.
    hull_volume, hull_area
        Of the convex hull of the mesh.
    diameter
        Greatest distance between two vertices of the mesh.
    bounds
        ``float64[3]``, sides of the axis-aligned bounding box of the mesh.
    oriented_bounds
        ``float64[3]``, sides of the smallest bounding box that may turn within the slice; NaN for
        a stack of slices.
    axes
        ``float64[3]``, variances of the pixel centres along the principal axes, greatest first;
        NaN for a single pixel.
    """

    count: int
    volume: float
    area: float
    hull_volume: float
    hull_area: float
    diameter: float
    bounds: NDArray[np.float64]
    oriented_bounds: NDArray[np.float64]
    axes: NDArray[np.float64]

    @classmethod
    def of(cls, region: RegionOfInterest) -> RegionShape:
        """The shape of a region."""
        if region.is_rectangle and region.mask.ndim == 2:
            return cls.of_rectangle(*region.mask.shape)
        return cls.of_mask(region.mask)

    @classmethod
    def of_rectangle(cls, height: int, width: int) -> RegionShape:
        """The shape of a full rectangle, in closed form."""
        count, short, long = height * width, min(height, width), max(height, width)
        inner, rim = (height - 1) * (width - 1), height + width - 2
        volume = inner + rim / 2 + 1 / 6
        area = 2 * inner + 2 * math.sqrt(2) * rim + math.sqrt(3)
        spread = np.array([long**2 - 1, short**2 - 1, 0]) / 12
        across = (long + short - 1) / math.sqrt(2)  # the corners are bevelled: a box at 45 degrees may be smaller
        upright = 2 * long * short <= (long + short - 1) ** 2  # in whole numbers: of equal boxes the longer one
        return cls(
            count=count,
            volume=volume,
            area=area,
            hull_volume=volume,
            hull_area=area,
            diameter=math.hypot(long, short - 1),
            bounds=np.array([1.0, height, width]),
            oriented_bounds=np.array([1.0, height, width]) if upright else np.array([1.0, across, across]),
            axes=spread * count / (count - 1) if count > 1 else np.full(3, np.nan),
        )

    @classmethod
    def of_mask(cls, mask: NDArray[np.bool_]) -> RegionShape:
        """The shape of any mask, ``bool[h, w]`` or a stack ``bool[d, h, w]``."""
        solid = mask[None] if mask.ndim == 2 else mask
        volume, area = volume_and_area(solid)
        vertices = hull_candidates(solid)
        hull = ConvexHull(vertices)
        return cls(
            count=int(mask.sum()),
            volume=volume,
            area=area,
            hull_volume=float(hull.volume),
            hull_area=float(hull.area),
            diameter=float(pdist(vertices[hull.vertices]).max()),
            bounds=np.ptp(vertices, axis=0),
            oriented_bounds=_oriented_bounds(vertices[:, 1:]) if len(solid) == 1 else np.full(3, np.nan),
            axes=_principal_variances(solid),
        )


def _oriented_bounds(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Thickness and sides of the smallest rectangle around points ``[n, 2]``: it lies along a side of their hull.

    Of rectangles equally small the longest is taken, so that turning the points changes nothing.
    """
    corners = points[ConvexHull(points).vertices]
    sides = np.roll(corners, -1, axis=0) - corners
    along = sides / np.linalg.norm(sides, axis=1, keepdims=True)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    extents = np.stack([np.ptp(corners @ along.T, axis=0), np.ptp(corners @ across.T, axis=0)], axis=1)
    products = extents.prod(axis=1)
    smallest = extents[products <= products.min() * (1 + _ROUNDING)]
    return np.array([1.0, *smallest[smallest.sum(axis=1).argmax()]])


def _principal_variances(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    points = np.argwhere(mask).astype(np.float64)
    if len(points) == 1:
        return np.full(3, np.nan)
    variances = np.linalg.eigvalsh(np.cov(points, rowvar=False))[::-1]
    return np.where(variances > _ROUNDING * variances[0], variances, 0.0)
