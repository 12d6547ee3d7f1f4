"""Neighbourhood grey tone difference matrix (IBSI 3.10): how a pixel differs from the mean of its neighbours.

In the formulas ``p_i`` is the share of pixels with grey level i among those that have a neighbour,
``s_i`` the sum of their differences, and sums over i and k run over levels that occur.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nonet.radiomics.arithmetic import Reals, total
from nonet.radiomics.definition import Family
from nonet.radiomics.framing import framed
from nonet.radiomics.region import RegionOfInterest
from nonet.radiomics.undefined import Undefined

__all__ = ["FAMILY", "ToneDifferences", "tone_differences"]


@dataclass(frozen=True)
class ToneDifferences:
    """The levels that occur, how many pixels have each, and how much these differ from their surroundings.

    Parameters
    ----------
    levels, pixels, differences
        ``float64[g]``: i, n_i and s_i, only for levels with ``n_i > 0``.
    """

    levels: Reals
    pixels: Reals
    differences: Reals

    @cached_property
    def total(self) -> np.float64:
        """Number of pixels with a neighbour."""
        return total(self.pixels)

    @cached_property
    def p(self) -> Reals:
        """``float64[g]``, p_i."""
        return self.pixels / self.total

    @cached_property
    def ps(self) -> Reals:
        """``float64[g]``, p_i s_i."""
        return self.p * self.differences

    @cached_property
    def steps(self) -> Reals:
        """``float64[g, g]``, |i - k|."""
        return np.abs(self.levels[:, None] - self.levels)


def tone_differences(region: RegionOfInterest) -> ToneDifferences:
    """Differences of each pixel's level to the mean level of the region's pixels around it."""
    levels, distance = region.levels, region.settings.ngtdm_distance
    around = _window_sum(levels, distance) - levels
    neighbours = _window_sum(region.inside.astype(np.intp), distance) - 1
    valid = region.inside & (neighbours > 0)
    own = levels[valid]
    differences = np.abs(own - around[valid] / neighbours[valid])
    pixels = np.bincount(own)
    present = np.flatnonzero(pixels)
    sums = np.bincount(own, differences).astype(np.float64)
    return ToneDifferences(present.astype(np.float64), pixels[present].astype(np.float64), sums[present])


def _window_sum(values: NDArray[np.intp], distance: int) -> NDArray[np.intp]:
    """Sum over the square of side 2 distance + 1 around each pixel, zeros beyond the edge."""
    for _ in range(2):
        padded, height = framed(values, (distance, distance), (0, 0)), values.shape[0]
        values = sum((padded[k : k + height] for k in range(1, 2 * distance + 1)), start=padded[:height]).T
    return values


FAMILY = Family("ngtdm", "Neighbourhood grey tone difference matrix", "IPET", tone_differences, suffix="_2d")


@FAMILY.feature("coarseness", "QCDE", "3.10.1")
def coarseness(t: ToneDifferences) -> np.float64:
    """Coarseness: 1 / sum_i p_i s_i."""
    return 1 / total(t.ps)


@FAMILY.feature("contrast", "65HE", "3.10.2")
def contrast(t: ToneDifferences) -> np.float64:
    """Contrast: sum_ik p_i p_k (i - k)^2 / (g (g - 1)) * sum_i s_i / N, with g levels and N pixels."""
    spread = total(t.p[:, None] * t.p * t.steps**2)
    return spread / (t.levels.size * (t.levels.size - 1)) * total(t.differences) / t.total


@FAMILY.feature("busyness", "NQ30", "3.10.3")
def busyness(t: ToneDifferences) -> np.float64:
    """Busyness: sum_i p_i s_i / sum_ik |i p_i - k p_k|."""
    weighted = t.levels * t.p
    return total(t.ps) / total(np.abs(weighted[:, None] - weighted))


@FAMILY.feature("complexity", "HDEZ", "3.10.4", Undefined.NO_NEIGHBOURS)
def complexity(t: ToneDifferences) -> np.float64:
    """Complexity: sum_ik |i - k| (p_i s_i + p_k s_k) / (p_i + p_k) / N, with N pixels."""
    return total(t.steps * (t.ps[:, None] + t.ps) / (t.p[:, None] + t.p)) / t.total


@FAMILY.feature("strength", "1X9X", "3.10.5")
def strength(t: ToneDifferences) -> np.float64:
    """Strength: sum_ik (p_i + p_k) (i - k)^2 / sum_i s_i."""
    return total((t.p[:, None] + t.p) * t.steps**2) / total(t.differences)
