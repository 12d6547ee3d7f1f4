"""Intensity histogram (IBSI 3.4): the statistics once more, of grey levels instead of intensities.

In the formulas ``n_i`` is the number of pixels with grey level i, ``p_i = n_i / n``, ``m`` the mean
level and ``v`` its variance. A percentile is the first level up to which at least that share of
pixels lies; shares are compared in integers, so that a tie counts as reached.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nonet.radiomics.arithmetic import Reals, dot, shannon, total
from nonet.radiomics.definition import Family
from nonet.radiomics.region import RegionOfInterest

__all__ = ["FAMILY", "Histogram"]

_PERCENTS = (10, 25, 50, 75, 90)


@dataclass(frozen=True)
class Histogram:
    """Pixels per grey level, ``pixels: float64[g]`` for the levels 1 to g."""

    pixels: Reals

    @classmethod
    def of(cls, region: RegionOfInterest) -> Histogram:
        """The histogram of a region's grey levels."""
        return cls(np.bincount(region.pixel_levels)[1:].astype(np.float64))

    @cached_property
    def levels(self) -> Reals:
        """``float64[g]``, i."""
        return np.arange(1.0, self.pixels.size + 1)

    @cached_property
    def present(self) -> NDArray[np.intp]:
        """Levels that occur, in rising order."""
        return np.flatnonzero(self.pixels) + 1

    @cached_property
    def p(self) -> Reals:
        """``float64[g]``, p_i."""
        return self.pixels / total(self.pixels)

    @cached_property
    def mean(self) -> np.float64:
        """Mean grey level."""
        return dot(self.levels, self.pixels) / total(self.pixels)

    @cached_property
    def centred(self) -> Reals:
        """``float64[g]``, i - m."""
        return self.levels - self.mean

    @cached_property
    def variance(self) -> np.float64:
        """Variance of the grey level."""
        return dot(self.p, self.centred**2)

    @cached_property
    def gradient(self) -> Reals:
        """``float64[g]``, slope of the histogram: central differences, one-sided at both ends."""
        if self.pixels.size < 2:
            return np.array([math.nan])
        steps = np.diff(self.pixels)
        return np.concatenate([steps[:1], (steps[1:] + steps[:-1]) / 2, steps[-1:]])

    @cached_property
    def percentiles(self) -> dict[int, int]:
        """First level up to which at least this percentage of pixels lies."""
        cumulative = np.cumsum(self.pixels)
        firsts = np.searchsorted(100 * cumulative, np.array(_PERCENTS) * cumulative[-1]) + 1
        return dict(zip(_PERCENTS, firsts.tolist(), strict=True))


FAMILY = Family("ih", "Intensity histogram", "ZVCW", Histogram.of)


@FAMILY.feature("mean", "X6K6", "3.4.1")
def mean(h: Histogram) -> float:
    """Mean: sum_i i p_i."""
    return h.mean


@FAMILY.feature("variance", "CH89", "3.4.2")
def variance(h: Histogram) -> float:
    """Variance: sum_i (i - m)^2 p_i."""
    return h.variance


@FAMILY.feature("skewness", "88K1", "3.4.3")
def skewness(h: Histogram) -> float:
    """Skewness: sum_i (i - m)^3 p_i / v^(3/2)."""
    return dot(h.p, h.centred**3) / h.variance**1.5


@FAMILY.feature("kurtosis", "C3I7", "3.4.4")
def kurtosis(h: Histogram) -> float:
    """Kurtosis: sum_i (i - m)^4 p_i / v^2 - 3."""
    return dot(h.p, h.centred**4) / h.variance**2 - 3


@FAMILY.feature("median", "WIFQ", "3.4.5")
def median(h: Histogram) -> float:
    """Median: P50."""
    return h.percentiles[50]


@FAMILY.feature("minimum", "1PR8", "3.4.6")
def minimum(h: Histogram) -> float:
    """Minimum: The least level present."""
    return float(h.present[0])


@FAMILY.feature("10th_percentile", "GPMT", "3.4.7")
def percentile_10(h: Histogram) -> float:
    """10th percentile: P10."""
    return h.percentiles[10]


@FAMILY.feature("90th_percentile", "OZ0C", "3.4.8")
def percentile_90(h: Histogram) -> float:
    """90th percentile: P90."""
    return h.percentiles[90]


@FAMILY.feature("maximum", "3NCY", "3.4.9")
def maximum(h: Histogram) -> float:
    """Maximum: The greatest level present."""
    return float(h.present[-1])


@FAMILY.feature("mode", "AMMC", "3.4.10")
def mode(h: Histogram) -> float:
    """Mode: The most frequent level; of several the one closest to m, of two as close the lower."""
    candidates = np.flatnonzero(h.pixels == h.pixels.max()) + 1
    return float(candidates[np.argmin(np.abs(candidates - h.mean))])


@FAMILY.feature("interquartile_range", "WR0O", "3.4.11")
def interquartile_range(h: Histogram) -> float:
    """Interquartile range: P75 - P25."""
    return h.percentiles[75] - h.percentiles[25]


@FAMILY.feature("range", "5Z3W", "3.4.12")
def level_range(h: Histogram) -> float:
    """Range: The greatest less the least level present."""
    return float(h.present[-1] - h.present[0])


@FAMILY.feature("mean_absolute_deviation", "D2ZX", "3.4.13")
def mean_absolute_deviation(h: Histogram) -> float:
    """Mean absolute deviation: sum_i |i - m| p_i."""
    return dot(h.p, np.abs(h.centred))


@FAMILY.feature("robust_mean_absolute_deviation", "WRZB", "3.4.14")
def robust_mean_absolute_deviation(h: Histogram) -> float:
    """Robust mean absolute deviation: that of the levels from P10 to P90, about their own mean."""
    middle = slice(h.percentiles[10] - 1, h.percentiles[90])
    pixels, levels = h.pixels[middle], h.levels[middle]
    centre = dot(pixels, levels) / total(pixels)
    return dot(pixels, np.abs(levels - centre)) / total(pixels)


@FAMILY.feature("median_absolute_deviation", "4RNL", "3.4.15")
def median_absolute_deviation(h: Histogram) -> float:
    """Median absolute deviation: sum_i |i - P50| p_i."""
    return dot(h.p, np.abs(h.levels - h.percentiles[50]))


@FAMILY.feature("coefficient_of_variation", "CWYJ", "3.4.16")
def coefficient_of_variation(h: Histogram) -> float:
    """Coefficient of variation: sqrt(v) / m."""
    return float(np.sqrt(h.variance) / h.mean)


@FAMILY.feature("quartile_coefficient_of_dispersion", "SLWD", "3.4.17")
def quartile_coefficient_of_dispersion(h: Histogram) -> float:
    """Quartile coefficient of dispersion: (P75 - P25) / (P75 + P25)."""
    low, high = h.percentiles[25], h.percentiles[75]
    return (high - low) / (high + low)


@FAMILY.feature("entropy", "TLU2", "3.4.18")
def entropy(h: Histogram) -> float:
    """Entropy: -sum_i p_i log2 p_i."""
    return float(shannon(h.p))


@FAMILY.feature("uniformity", "BJ5W", "3.4.19")
def uniformity(h: Histogram) -> float:
    """Uniformity: sum_i p_i^2."""
    return dot(h.p, h.p)


@FAMILY.feature("maximum_histogram_gradient", "12CE", "3.4.20")
def maximum_histogram_gradient(h: Histogram) -> float:
    """Maximum histogram gradient: max_i of the slope of n_i."""
    return float(h.gradient.max())


@FAMILY.feature("maximum_histogram_gradient_grey_level", "8E6O", "3.4.21")
def maximum_histogram_gradient_grey_level(h: Histogram) -> float:
    """Maximum histogram gradient grey level: The first level at which the slope of n_i is greatest."""
    return float(np.argmax(h.gradient)) + 1 if h.gradient.size > 1 else math.nan


@FAMILY.feature("minimum_histogram_gradient", "VQB3", "3.4.22")
def minimum_histogram_gradient(h: Histogram) -> float:
    """Minimum histogram gradient: min_i of the slope of n_i."""
    return float(h.gradient.min())


@FAMILY.feature("minimum_histogram_gradient_grey_level", "RHQZ", "3.4.23")
def minimum_histogram_gradient_grey_level(h: Histogram) -> float:
    """Minimum histogram gradient grey level: The first level at which the slope of n_i is least."""
    return float(np.argmin(h.gradient)) + 1 if h.gradient.size > 1 else math.nan
