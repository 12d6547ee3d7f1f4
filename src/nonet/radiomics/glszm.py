"""Grey level size zone matrix (IBSI 3.8): how large the patches of one grey level are."""

from __future__ import annotations

import numpy as np

from nonet.radiomics import counts
from nonet.radiomics.counts import Counts
from nonet.radiomics.definition import Family
from nonet.radiomics.region import RegionOfInterest

__all__ = ["FAMILY", "zone_sizes"]


def zone_sizes(region: RegionOfInterest) -> Counts:
    """Zones by grey level and number of pixels, ``[1, g, s]``."""
    zones = region.zones
    sizes = np.bincount(zones.labels.ravel(), minlength=zones.levels.size)
    kept = zones.levels > 0
    return Counts.of(zones.levels[kept], sizes[kept], region.level_count, region.intensities.size)


FAMILY = Family("glszm", "Grey level size zone matrix", "9SAK", zone_sizes, suffix="_2d")

for _name, _ibsi_id, _section, _formula in (
    ("small_zone_emphasis", "5QRC", "3.8.1", counts.small_emphasis),
    ("large_zone_emphasis", "48P8", "3.8.2", counts.large_emphasis),
    ("low_grey_level_zone_emphasis", "XMSY", "3.8.3", counts.low_grey_level_emphasis),
    ("high_grey_level_zone_emphasis", "5GN9", "3.8.4", counts.high_grey_level_emphasis),
    ("small_zone_low_grey_level_emphasis", "5RAI", "3.8.5", counts.small_low_grey_level_emphasis),
    ("small_zone_high_grey_level_emphasis", "HW1V", "3.8.6", counts.small_high_grey_level_emphasis),
    ("large_zone_low_grey_level_emphasis", "YH51", "3.8.7", counts.large_low_grey_level_emphasis),
    ("large_zone_high_grey_level_emphasis", "J17V", "3.8.8", counts.large_high_grey_level_emphasis),
    ("grey_level_non_uniformity", "JNSA", "3.8.9", counts.grey_level_non_uniformity),
    ("normalised_grey_level_non_uniformity", "Y1RO", "3.8.10", counts.normalised_grey_level_non_uniformity),
    ("zone_size_non_uniformity", "4JP3", "3.8.11", counts.size_non_uniformity),
    ("normalised_zone_size_non_uniformity", "VB3A", "3.8.12", counts.normalised_size_non_uniformity),
    ("zone_percentage", "P30P", "3.8.13", counts.percentage),
    ("grey_level_variance", "BYLV", "3.8.14", counts.grey_level_variance),
    ("zone_size_variance", "3NSA", "3.8.15", counts.size_variance),
    ("zone_size_entropy", "GU8N", "3.8.16", counts.entropy),
):
    FAMILY.feature(_name, _ibsi_id, _section)(_formula)
