"""Intensity statistics (IBSI 3.3): how bright the region is, and how its brightness is spread.

In the formulas ``x`` are the region's intensities, ``m`` their mean, ``v`` their variance, and
``P10`` their 10th percentile, by linear interpolation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nonet.radiomics.arithmetic import Reals, dot, total
from nonet.radiomics.definition import Family
from nonet.radiomics.region import RegionOfInterest
from nonet.radiomics.undefined import Undefined

__all__ = ["FAMILY", "IntensitySample"]

_PERCENTS = (10, 25, 50, 75, 90)


@dataclass(frozen=True)
class IntensitySample:
    """The intensities of a region, ``x: float64[n]``, and the same in rising order."""

    x: Reals
    ordered: Reals

    @classmethod
    def of(cls, region: RegionOfInterest) -> IntensitySample:
        """The intensities of a region."""
        return cls(region.intensities, region.ordered)

    @cached_property
    def mean(self) -> np.float64:
        """Mean intensity."""
        return total(self.x) / self.x.size

    @cached_property
    def centred(self) -> Reals:
        """``float64[n]``, x - m; exactly 0 where all intensities are equal."""
        return self.x - self.mean if self.ordered[0] < self.ordered[-1] else np.zeros_like(self.x)

    @cached_property
    def squared(self) -> Reals:
        """``float64[n]``, (x - m)^2."""
        return self.centred**2

    @cached_property
    def variance(self) -> np.float64:
        """Mean squared deviation, without bias correction."""
        return total(self.squared) / self.x.size

    @cached_property
    def percentiles(self) -> dict[int, float]:
        """Percentiles by linear interpolation; ranks are exact in integers."""
        ranks, remainders = np.divmod(np.array(_PERCENTS) * (self.ordered.size - 1), 100)
        low, high = self.ordered[ranks], self.ordered[np.minimum(ranks + 1, self.ordered.size - 1)]
        return dict(zip(_PERCENTS, (low + (high - low) * (remainders / 100)).tolist(), strict=True))


FAMILY = Family("stat", "Intensity-based statistics", "UHIW", IntensitySample.of)


@FAMILY.feature("mean", "Q4LE", "3.3.1")
def mean(s: IntensitySample) -> float:
    """Mean: sum x / n."""
    return s.mean


@FAMILY.feature("variance", "ECT3", "3.3.2")
def variance(s: IntensitySample) -> float:
    """Variance: sum (x - m)^2 / n."""
    return s.variance


@FAMILY.feature("skewness", "KE2A", "3.3.3")
def skewness(s: IntensitySample) -> float:
    """Skewness: sum (x - m)^3 / n / v^(3/2)."""
    return dot(s.squared, s.centred) / s.x.size / s.variance**1.5


@FAMILY.feature("kurtosis", "IPH6", "3.3.4")
def kurtosis(s: IntensitySample) -> float:
    """Kurtosis: sum (x - m)^4 / n / v^2 - 3."""
    return dot(s.squared, s.squared) / s.x.size / s.variance**2 - 3


@FAMILY.feature("median", "Y12H", "3.3.5")
def median(s: IntensitySample) -> float:
    """Median: P50."""
    return s.percentiles[50]


@FAMILY.feature("minimum", "1GSF", "3.3.6")
def minimum(s: IntensitySample) -> float:
    """Minimum: min x."""
    return float(s.ordered[0])


@FAMILY.feature("10th_percentile", "QG58", "3.3.7")
def percentile_10(s: IntensitySample) -> float:
    """10th percentile: P10."""
    return s.percentiles[10]


@FAMILY.feature("90th_percentile", "8DWT", "3.3.8")
def percentile_90(s: IntensitySample) -> float:
    """90th percentile: P90."""
    return s.percentiles[90]


@FAMILY.feature("maximum", "84IY", "3.3.9")
def maximum(s: IntensitySample) -> float:
    """Maximum: max x."""
    return float(s.ordered[-1])


@FAMILY.feature("interquartile_range", "SALO", "3.3.10")
def interquartile_range(s: IntensitySample) -> float:
    """Interquartile range: P75 - P25."""
    return s.percentiles[75] - s.percentiles[25]


@FAMILY.feature("range", "2OJQ", "3.3.11")
def intensity_range(s: IntensitySample) -> float:
    """Range: max x - min x."""
    return float(s.ordered[-1] - s.ordered[0])


@FAMILY.feature("mean_absolute_deviation", "4FUA", "3.3.12")
def mean_absolute_deviation(s: IntensitySample) -> float:
    """Mean absolute deviation: sum |x - m| / n."""
    return total(np.abs(s.centred)) / s.x.size


@FAMILY.feature("robust_mean_absolute_deviation", "1128", "3.3.13")
def robust_mean_absolute_deviation(s: IntensitySample) -> float:
    """Robust mean absolute deviation: that of the intensities from P10 to P90, about their own mean."""
    first = np.searchsorted(s.ordered, s.percentiles[10], side="left")
    last = np.searchsorted(s.ordered, s.percentiles[90], side="right")
    middle = s.ordered[first:last]
    return total(np.abs(middle - total(middle) / middle.size)) / middle.size


@FAMILY.feature("median_absolute_deviation", "N72L", "3.3.14")
def median_absolute_deviation(s: IntensitySample) -> float:
    """Median absolute deviation: sum |x - P50| / n."""
    return total(np.abs(s.x - s.percentiles[50])) / s.x.size


@FAMILY.feature("coefficient_of_variation", "7TET", "3.3.15", Undefined.ZERO_MEAN)
def coefficient_of_variation(s: IntensitySample) -> float:
    """Coefficient of variation: sqrt(v) / m."""
    return float(np.sqrt(s.variance) / s.mean)


@FAMILY.feature("quartile_coefficient_of_dispersion", "9S40", "3.3.16", Undefined.ZERO_MEAN)
def quartile_coefficient_of_dispersion(s: IntensitySample) -> float:
    """Quartile coefficient of dispersion: (P75 - P25) / (P75 + P25)."""
    low, high = s.percentiles[25], s.percentiles[75]
    return float(np.float64(high - low) / (high + low))


@FAMILY.feature("energy", "N8CA", "3.3.17")
def energy(s: IntensitySample) -> float:
    """Energy: sum x^2."""
    return dot(s.x, s.x)


@FAMILY.feature("root_mean_square", "5ZWQ", "3.3.18")
def root_mean_square(s: IntensitySample) -> float:
    """Root mean square: sqrt(sum x^2 / n)."""
    return math.sqrt(energy(s) / s.x.size)
