"""Neighbouring grey level dependence matrix (IBSI 3.11): how many neighbours share a pixel's grey level."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nonet.radiomics import counts
from nonet.radiomics.arithmetic import Reals, summed
from nonet.radiomics.counts import Counts
from nonet.radiomics.definition import Family
from nonet.radiomics.framing import framed
from nonet.radiomics.region import RegionOfInterest

__all__ = ["FAMILY", "dependences"]

_OUTSIDE = -(1 << 14)  # further from any level than the coarseness can bridge


def dependences(region: RegionOfInterest) -> Counts:
    """Pixels by grey level and number of dependent pixels around them, themselves included, ``[1, g, d]``."""
    distance = region.settings.ngldm_distance
    levels = np.where(region.inside, region.levels, _OUTSIDE).astype(np.int16)
    dependent = _dependent(levels, distance, region.settings.ngldm_coarseness)[region.inside].astype(np.intp)
    return Counts.of(region.pixel_levels, dependent, region.level_count, region.intensities.size)


def _dependent(levels: NDArray[np.int16], distance: int, coarseness: int) -> NDArray[np.int16]:
    """For each pixel, how many within the distance differ by no more than the coarseness, ``int16[h, w]``."""
    height, width = levels.shape
    margin = (distance, distance)
    padded = framed(levels, margin, margin, value=_OUTSIDE)
    line, flat = padded.shape[1], padded.ravel()
    found = np.ones(flat.size, dtype=np.int16)
    for dy in range(distance + 1):
        for dx in range(-distance if dy else 1, distance + 1):
            step = dy * line + dx
            alike = np.abs(flat[step:] - flat[:-step]) <= coarseness
            found[step:] += alike
            found[:-step] += alike
    return found.reshape(padded.shape)[distance : distance + height, distance : distance + width]


FAMILY = Family("ngldm", "Neighbouring grey level dependence matrix", "REK0", dependences, suffix="_2d")

for _name, _ibsi_id, _section, _formula in (
    ("low_dependence_emphasis", "SODN", "3.11.1", counts.small_emphasis),
    ("high_dependence_emphasis", "IMOQ", "3.11.2", counts.large_emphasis),
    ("low_grey_level_count_emphasis", "TL9H", "3.11.3", counts.low_grey_level_emphasis),
    ("high_grey_level_count_emphasis", "OAE7", "3.11.4", counts.high_grey_level_emphasis),
    ("low_dependence_low_grey_level_emphasis", "EQ3F", "3.11.5", counts.small_low_grey_level_emphasis),
    ("low_dependence_high_grey_level_emphasis", "JA6D", "3.11.6", counts.small_high_grey_level_emphasis),
    ("high_dependence_low_grey_level_emphasis", "NBZI", "3.11.7", counts.large_low_grey_level_emphasis),
    ("high_dependence_high_grey_level_emphasis", "9QMG", "3.11.8", counts.large_high_grey_level_emphasis),
    ("grey_level_non_uniformity", "FP8K", "3.11.9", counts.grey_level_non_uniformity),
    ("normalised_grey_level_non_uniformity", "5SPA", "3.11.10", counts.normalised_grey_level_non_uniformity),
    ("dependence_count_non_uniformity", "Z87G", "3.11.11", counts.size_non_uniformity),
    ("normalised_dependence_count_non_uniformity", "OKJI", "3.11.12", counts.normalised_size_non_uniformity),
    ("dependence_count_percentage", "6XV8", "3.11.13", counts.percentage),
    ("grey_level_variance", "1PFV", "3.11.14", counts.grey_level_variance),
    ("dependence_count_variance", "DNX2", "3.11.15", counts.size_variance),
    ("dependence_count_entropy", "FCBV", "3.11.16", counts.entropy),
):
    FAMILY.feature(_name, _ibsi_id, _section)(_formula)


@FAMILY.feature("dependence_count_energy", "CAS9", "3.11.17")
def dependence_count_energy(c: Counts) -> Reals:
    """Dependence count energy: sum_ij p_ij^2."""
    return summed(summed(c.entries**2)) / c.total**2
