"""Morphology (IBSI 3.1): size and shape of the region, and how its intensities lie in that shape.

In the formulas ``V`` and ``A`` are volume and area of the mesh, ``a >= b >= c`` the semi-axes
2 sqrt(variance) of the pixel centres, and ``x`` intensities. Lengths are in pixels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import eval_legendre

from nonet.radiomics.arithmetic import Reals, dot, total
from nonet.radiomics.autocorrelation import Autocorrelation
from nonet.radiomics.definition import Family
from nonet.radiomics.region import RegionOfInterest
from nonet.radiomics.region_shape import RegionShape
from nonet.radiomics.undefined import Undefined

__all__ = ["FAMILY", "Body"]

_SLICE = Undefined.SINGLE_SLICE
_PIXEL = Undefined.ONE_PIXEL


@dataclass(frozen=True)
class Body:
    """A region with its shape and the sums over its pairs of pixels."""

    region: RegionOfInterest
    shape: RegionShape
    pairs: Autocorrelation

    @classmethod
    def of(cls, region: RegionOfInterest) -> Body:
        """Measure a region."""
        return cls(region, RegionShape.of(region), Autocorrelation.of(region))

    @property
    def volume(self) -> float:
        """V."""
        return self.shape.volume

    @property
    def area(self) -> float:
        """A."""
        return self.shape.area

    @cached_property
    def semi_axes(self) -> Reals:
        """``float64[3]``, a, b, c."""
        return 2 * np.sqrt(self.shape.axes)

    @cached_property
    def compactness(self) -> float:
        """Compactness 2, from which IBSI derives three other features."""
        return 36 * math.pi * self.volume**2 / self.area**3


FAMILY = Family("morph", "Morphological features", "HCUG", Body.of)


@FAMILY.feature("volume_mesh", "RNU0", "3.1.1")
def volume_mesh(b: Body) -> float:
    """Volume mesh: V."""
    return b.volume


@FAMILY.feature("volume_voxel_counting", "YEKZ", "3.1.2")
def volume_voxel_counting(b: Body) -> float:
    """Volume voxel counting: Number of pixels."""
    return b.shape.count


@FAMILY.feature("surface_area_mesh", "C0JK", "3.1.3")
def surface_area_mesh(b: Body) -> float:
    """Surface area mesh: A."""
    return b.area


@FAMILY.feature("surface_to_volume_ratio", "2PR5", "3.1.4")
def surface_to_volume_ratio(b: Body) -> float:
    """Surface to volume ratio: A / V."""
    return b.area / b.volume


@FAMILY.feature("compactness_1", "SKGS", "3.1.5")
def compactness_1(b: Body) -> float:
    """Compactness 1: V / (pi^(1/2) A^(3/2))."""
    return b.volume / math.sqrt(math.pi * b.area**3)


@FAMILY.feature("compactness_2", "BQWJ", "3.1.6")
def compactness_2(b: Body) -> float:
    """Compactness 2: 36 pi V^2 / A^3."""
    return b.compactness


@FAMILY.feature("spherical_disproportion", "KRCK", "3.1.7")
def spherical_disproportion(b: Body) -> float:
    """Spherical disproportion: A / (36 pi V^2)^(1/3)."""
    return float(b.compactness ** (-1 / 3))


@FAMILY.feature("sphericity", "QCFX", "3.1.8")
def sphericity(b: Body) -> float:
    """Sphericity: (36 pi V^2)^(1/3) / A."""
    return float(b.compactness ** (1 / 3))


@FAMILY.feature("asphericity", "25C7", "3.1.9")
def asphericity(b: Body) -> float:
    """Asphericity: (A^3 / (36 pi V^2))^(1/3) - 1."""
    return float(b.compactness ** (-1 / 3)) - 1


@FAMILY.feature("centre_of_mass_shift", "KLMA", "3.1.10", Undefined.ZERO_MEAN)
def centre_of_mass_shift(b: Body) -> float:
    """Centre of mass shift: Distance between the mean position of the pixels and the same weighted by intensity."""
    intensities = np.where(b.region.inside, b.region.crop, 0.0)
    excess = intensities / total(intensities) - b.region.mask / b.shape.count
    return math.hypot(*(_moment(excess, axis) for axis in range(excess.ndim)))


@FAMILY.feature("maximum_3d_diameter", "L0JK", "3.1.11")
def maximum_3d_diameter(b: Body) -> float:
    """Maximum 3d diameter: Greatest distance between two vertices of the mesh."""
    return b.shape.diameter


@FAMILY.feature("major_axis_length", "TDIC", "3.1.12", _PIXEL)
def major_axis_length(b: Body) -> float:
    """Major axis length: 2 a."""
    return float(2 * b.semi_axes[0])


@FAMILY.feature("minor_axis_length", "P9VJ", "3.1.13", _PIXEL)
def minor_axis_length(b: Body) -> float:
    """Minor axis length: 2 b."""
    return float(2 * b.semi_axes[1])


@FAMILY.feature("least_axis_length", "7J51", "3.1.14", _PIXEL)
def least_axis_length(b: Body) -> float:
    """Least axis length: 2 c."""
    return float(2 * b.semi_axes[2])


@FAMILY.feature("elongation", "Q3CK", "3.1.15", _PIXEL)
def elongation(b: Body) -> float:
    """Elongation: b / a."""
    return float(b.semi_axes[1] / b.semi_axes[0])


@FAMILY.feature("flatness", "N17B", "3.1.16", _PIXEL)
def flatness(b: Body) -> float:
    """Flatness: c / a."""
    return float(b.semi_axes[2] / b.semi_axes[0])


@FAMILY.feature("volume_density_aabb", "PBX1", "3.1.17")
def volume_density_aabb(b: Body) -> float:
    """Volume density aabb: V / volume of the axis-aligned bounding box."""
    return b.volume / float(b.shape.bounds.prod())


@FAMILY.feature("area_density_aabb", "R59B", "3.1.18")
def area_density_aabb(b: Body) -> float:
    """Area density aabb: A / area of the axis-aligned bounding box."""
    return b.area / _box_area(b.shape.bounds)


@FAMILY.feature("volume_density_ombb", "ZH1A", "3.1.19")
def volume_density_ombb(b: Body) -> float:
    """Volume density ombb: V / volume of the oriented minimum bounding box."""
    return b.volume / float(b.shape.oriented_bounds.prod())


@FAMILY.feature("area_density_ombb", "IQYR", "3.1.20")
def area_density_ombb(b: Body) -> float:
    """Area density ombb: A / area of the oriented minimum bounding box."""
    return b.area / _box_area(b.shape.oriented_bounds)


@FAMILY.feature("volume_density_aee", "6BDE", "3.1.21", _SLICE)
def volume_density_aee(b: Body) -> float:
    """Volume density aee: V / volume of the approximate enclosing ellipsoid, 4/3 pi a b c."""
    return float(b.volume / (4 / 3 * math.pi * b.semi_axes.prod()))


@FAMILY.feature("area_density_aee", "RDD2", "3.1.22", _SLICE)
def area_density_aee(b: Body) -> float:
    """Area density aee: A / area of the approximate enclosing ellipsoid."""
    return b.area / _ellipsoid_area(*b.semi_axes) if b.semi_axes[2] > 0 else math.nan


@FAMILY.feature("volume_density_mvee", "SWZ1", "3.1.23", _SLICE)
def volume_density_mvee(b: Body) -> float:
    """Volume density mvee: V / volume of the minimum volume enclosing ellipsoid; none around one slice."""
    return math.nan


@FAMILY.feature("area_density_mvee", "BRI8", "3.1.24", _SLICE)
def area_density_mvee(b: Body) -> float:
    """Area density mvee: A / area of the minimum volume enclosing ellipsoid; none around one slice."""
    return math.nan


@FAMILY.feature("volume_density_convex_hull", "R3ER", "3.1.25")
def volume_density_convex_hull(b: Body) -> float:
    """Volume density convex hull: V / volume of the convex hull of the mesh."""
    return b.volume / b.shape.hull_volume


@FAMILY.feature("area_density_convex_hull", "7T7F", "3.1.26")
def area_density_convex_hull(b: Body) -> float:
    """Area density convex hull: A / area of the convex hull of the mesh."""
    return b.area / b.shape.hull_area


@FAMILY.feature("integrated_intensity", "99N0", "3.1.27")
def integrated_intensity(b: Body) -> float:
    """Integrated intensity: V * mean of x."""
    return b.volume * total(b.region.intensities) / b.region.intensities.size


@FAMILY.feature("morans_i_index", "N365", "3.1.28")
def morans_i_index(b: Body) -> np.float64:
    """Moran's I index: n / sum w * sum w_pq (x_p - m) (x_q - m) / sum (x - m)^2, with w = 1 / distance."""
    return np.float64(b.pairs.count) / b.pairs.weights * b.pairs.products / b.pairs.squares


@FAMILY.feature("gearys_c_measure", "NPT7", "3.1.29")
def gearys_c_measure(b: Body) -> np.float64:
    """Geary's C measure: (n - 1) / (2 sum w) * sum w_pq (x_p - x_q)^2 / sum (x - m)^2, with w = 1 / distance."""
    return np.float64(b.pairs.count - 1) / (2 * b.pairs.weights) * b.pairs.differences / b.pairs.squares


def _moment(weights: Reals, axis: int) -> np.float64:
    """Sum of the weights times their coordinate along an axis."""
    profile = np.add.reduce(weights, axis=tuple(other for other in range(weights.ndim) if other != axis))
    return dot(profile, np.arange(profile.size))


def _box_area(sides: Reals) -> float:
    a, b, c = sides
    return float(2 * (a * b + b * c + c * a))


def _ellipsoid_area(a: float, b: float, c: float) -> float:
    """Area of an ellipsoid by the series of IBSI 3.1.22, degrees 0 to 20."""
    alpha, beta = math.sqrt(1 - (b / a) ** 2), math.sqrt(1 - (c / a) ** 2)
    degree = np.arange(21)
    product = alpha * beta
    if product == 0:
        return 4 * math.pi * a * b if beta == 0 else math.nan
    terms = product**degree / (1 - 4 * degree**2) * eval_legendre(degree, (alpha**2 + beta**2) / (2 * product))
    return 4 * math.pi * a * b * float(terms.sum())
