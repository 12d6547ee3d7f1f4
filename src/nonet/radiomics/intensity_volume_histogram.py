"""Intensity-volume histogram (IBSI 3.5): which share of the region is at least as bright as an intensity.

Intensities are taken as they are, at unit steps ``i = lowest, lowest + 1, ...`` up to the highest.
In the formulas ``v_i`` is the share of pixels of intensity i or more and ``g_i`` the place of i
between lowest (0) and highest (1). No step is ever listed, so the cost does not depend on the range.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nonet.radiomics.arithmetic import Reals, total
from nonet.radiomics.definition import Family
from nonet.radiomics.region import RegionOfInterest
from nonet.radiomics.undefined import Undefined

__all__ = ["FAMILY", "IntensityVolumes"]


@dataclass(frozen=True, slots=True)
class IntensityVolumes:
    """Intensities above the region's lowest one, ``above: float64[n]`` in rising order."""

    lowest: float
    above: Reals

    @classmethod
    def of(cls, region: RegionOfInterest) -> IntensityVolumes:
        """The intensities of a region."""
        return cls(region.lowest, region.ordered - region.lowest)

    @property
    def spread(self) -> np.float64:
        """Highest less lowest intensity."""
        return np.float64(self.above[-1])

    def volume(self, step: int) -> float:
        """v_i at ``i = lowest + step``."""
        return 1 - int(np.searchsorted(self.above, step, side="left")) / self.above.size

    def volume_at(self, percent: int) -> float:
        """The largest v_i whose g_i is at least ``percent``."""
        step = math.ceil(percent * self.spread / 100)
        return self.volume(step) if self.spread > 0 and step <= self.spread else math.nan

    def intensity_at(self, percent: int) -> float:
        """The least i whose v_i is at most ``percent``; NaN if that would exceed the highest."""
        exceeding = self.above.size * percent // 100
        step = math.floor(self.above[-1 - exceeding]) + 1
        return self.lowest + step if step <= self.spread else math.nan


FAMILY = Family("ivh", "Intensity-volume histogram", "P88C", IntensityVolumes.of)


@FAMILY.feature("volume_fraction_at_10_percent_intensity", "BC2M;NK6P", "3.5.1")
def volume_fraction_at_10_percent_intensity(h: IntensityVolumes) -> float:
    """Volume fraction at 10 percent intensity: V10, the largest v_i with g_i >= 0.1."""
    return h.volume_at(10)


@FAMILY.feature("volume_fraction_at_90_percent_intensity", "BC2M;4279", "3.5.1")
def volume_fraction_at_90_percent_intensity(h: IntensityVolumes) -> float:
    """Volume fraction at 90 percent intensity: V90, the largest v_i with g_i >= 0.9."""
    return h.volume_at(90)


@FAMILY.feature("intensity_at_10_percent_volume", "GBPN;PWN1", "3.5.2", Undefined.PLATEAU)
def intensity_at_10_percent_volume(h: IntensityVolumes) -> float:
    """Intensity at 10 percent volume: I10, the least i with v_i <= 0.1."""
    return h.intensity_at(10)


@FAMILY.feature("intensity_at_90_percent_volume", "GBPN;BOHI", "3.5.2", Undefined.PLATEAU)
def intensity_at_90_percent_volume(h: IntensityVolumes) -> float:
    """Intensity at 90 percent volume: I90, the least i with v_i <= 0.9."""
    return h.intensity_at(90)


@FAMILY.feature("volume_fraction_difference_10_90_percent_intensity", "DDTU;WITY", "3.5.3")
def volume_fraction_difference_10_90_percent_intensity(h: IntensityVolumes) -> float:
    """Volume fraction difference 10 90 percent intensity: V10 - V90."""
    return h.volume_at(10) - h.volume_at(90)


@FAMILY.feature("intensity_difference_10_90_percent_volume", "CNV2;JXJA", "3.5.4", Undefined.PLATEAU)
def intensity_difference_10_90_percent_volume(h: IntensityVolumes) -> float:
    """Intensity difference 10 90 percent volume: I10 - I90."""
    return h.intensity_at(10) - h.intensity_at(90)


@FAMILY.feature("area_under_curve", "9CMM", "3.5.5")
def area_under_curve(h: IntensityVolumes) -> float:
    """Area under curve: the sum of (v_i + v_i+1) / 2 * (g_i+1 - g_i).

    The steps in g_i are equal, so this is (sum_i v_i - (first + last) / 2) / (highest - lowest).
    """
    sum_of_volumes = total(np.floor(h.above) + 1) / h.above.size
    ends = 1 + h.volume(math.floor(h.spread))
    return (sum_of_volumes - ends / 2) / h.spread
