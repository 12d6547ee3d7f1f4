"""A matrix of grey level by size, and the formulas that run, zone, distance and dependence matrices share.

IBSI defines the same sixteen features on four matrices: an entry counts the runs (zones, ...) of a
grey level ``i`` that have a size ``j`` (a length, an area, a distance, a dependence). In the
formulas below ``s_ij`` is an entry, ``s_i.`` and ``s_.j`` are the sums over sizes and over levels,
``N`` is the sum of all entries and ``p_ij = s_ij / N``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nonet.radiomics.arithmetic import Reals, shannon, summed

__all__ = [
    "Counts",
    "entropy",
    "grey_level_non_uniformity",
    "grey_level_variance",
    "high_grey_level_emphasis",
    "large_emphasis",
    "large_high_grey_level_emphasis",
    "large_low_grey_level_emphasis",
    "low_grey_level_emphasis",
    "normalised_grey_level_non_uniformity",
    "normalised_size_non_uniformity",
    "percentage",
    "size_non_uniformity",
    "size_variance",
    "small_emphasis",
    "small_high_grey_level_emphasis",
    "small_low_grey_level_emphasis",
]


_POWERS = (0, 2, -2)


@dataclass(frozen=True)
class Counts:
    """Counts of grey level by size in ``m`` matrices.

    Parameters
    ----------
    entries
        ``float64[m, g, s]``; level ``i`` stands at index ``i - 1``.
    sizes
        ``float64[s]``, the size of each column; sizes that do not occur may be left out.
    pixels
        ``float64[m]``, number of pixels that were cut into runs, zones or dependences.
    """

    entries: Reals
    sizes: Reals
    pixels: Reals

    @classmethod
    def of(cls, levels: NDArray[np.intp], sizes: NDArray[np.intp], level_count: int, pixels: int) -> Counts:
        """One matrix from a list of things with their level and size, both ``intp[n]``."""
        columns = np.flatnonzero(np.bincount(sizes))
        column_of = np.zeros(columns[-1] + 1, dtype=np.intp)
        column_of[columns] = np.arange(columns.size)
        codes = (levels - 1) * columns.size + column_of[sizes]
        entries = np.bincount(codes, minlength=level_count * columns.size).astype(np.float64)
        return cls(entries.reshape(1, level_count, -1), columns.astype(np.float64), np.array([float(pixels)]))

    @cached_property
    def total(self) -> Reals:
        """``float64[m]``, N."""
        return summed(self.by_level)

    @cached_property
    def by_level(self) -> Reals:
        """``float64[m, g]``, s_i."""
        return summed(self.entries)

    @cached_property
    def by_size(self) -> Reals:
        """``float64[m, s]``, s_.j."""
        return summed(self.entries.swapaxes(-1, -2))

    @cached_property
    def levels(self) -> Reals:
        """``float64[g]``, i."""
        return np.arange(1.0, self.entries.shape[-2] + 1)

    @cached_property
    def _emphases(self) -> Reals:
        by_level = self.entries @ _powers(self.sizes).T
        table: Reals = _powers(self.levels) @ by_level
        return table / self.total[:, None, None]

    def emphasis(self, level: int, size: int) -> Reals:
        """Sum of s_ij i^level j^size over i and j, over N, ``float64[m]``.

        The powers are 0, 2 or -2; all nine sums come from one product of matrices.
        """
        return self._emphases[:, _POWERS.index(level), _POWERS.index(size)]


def _powers(values: Reals) -> Reals:
    powers = np.ones((3, values.size))
    np.square(values, out=powers[1])
    np.divide(1, powers[1], out=powers[2])
    return powers


def small_emphasis(c: Counts) -> Reals:
    """Small emphasis: sum_j s_.j / j^2 / N."""
    return c.emphasis(0, -2)


def large_emphasis(c: Counts) -> Reals:
    """Large emphasis: sum_j s_.j j^2 / N."""
    return c.emphasis(0, 2)


def low_grey_level_emphasis(c: Counts) -> Reals:
    """Low grey level emphasis: sum_i s_i. / i^2 / N."""
    return c.emphasis(-2, 0)


def high_grey_level_emphasis(c: Counts) -> Reals:
    """High grey level emphasis: sum_i s_i. i^2 / N."""
    return c.emphasis(2, 0)


def small_low_grey_level_emphasis(c: Counts) -> Reals:
    """Small low grey level emphasis: sum_ij s_ij / (i^2 j^2) / N."""
    return c.emphasis(-2, -2)


def small_high_grey_level_emphasis(c: Counts) -> Reals:
    """Small high grey level emphasis: sum_ij s_ij i^2 / j^2 / N."""
    return c.emphasis(2, -2)


def large_low_grey_level_emphasis(c: Counts) -> Reals:
    """Large low grey level emphasis: sum_ij s_ij j^2 / i^2 / N."""
    return c.emphasis(-2, 2)


def large_high_grey_level_emphasis(c: Counts) -> Reals:
    """Large high grey level emphasis: sum_ij s_ij i^2 j^2 / N."""
    return c.emphasis(2, 2)


def grey_level_non_uniformity(c: Counts) -> Reals:
    """Grey level non uniformity: sum_i s_i.^2 / N."""
    return summed(c.by_level**2) / c.total


def normalised_grey_level_non_uniformity(c: Counts) -> Reals:
    """Normalised grey level non uniformity: sum_i s_i.^2 / N^2."""
    return summed(c.by_level**2) / c.total**2


def size_non_uniformity(c: Counts) -> Reals:
    """Size non uniformity: sum_j s_.j^2 / N."""
    return summed(c.by_size**2) / c.total


def normalised_size_non_uniformity(c: Counts) -> Reals:
    """Normalised size non uniformity: sum_j s_.j^2 / N^2."""
    return summed(c.by_size**2) / c.total**2


def percentage(c: Counts) -> Reals:
    """Percentage: N / number of pixels."""
    return c.total / c.pixels


def grey_level_variance(c: Counts) -> Reals:
    """Grey level variance: sum_ij p_ij (i - mean)^2 with mean = sum_ij p_ij i."""
    return _variance(c.by_level, c.levels, c.total)


def size_variance(c: Counts) -> Reals:
    """Size variance: sum_ij p_ij (j - mean)^2 with mean = sum_ij p_ij j."""
    return _variance(c.by_size, c.sizes, c.total)


def entropy(c: Counts) -> Reals:
    """Entropy: -sum_ij p_ij log2 p_ij."""
    entries = c.entries.reshape(len(c.entries), -1)
    return shannon(entries / c.total[:, None])


def _variance(weights: Reals, values: Reals, total: Reals) -> Reals:
    mean = (weights @ values) / total
    return summed(weights * (values - mean[:, None]) ** 2) / total
