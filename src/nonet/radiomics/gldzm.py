"""Grey level distance zone matrix (IBSI 3.9): how far from the region's edge the patches of a grey level begin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from nonet.radiomics import counts
from nonet.radiomics.counts import Counts
from nonet.radiomics.definition import Family
from nonet.radiomics.framing import framed
from nonet.radiomics.region import RegionOfInterest

__all__ = ["FAMILY", "distance_to_edge", "zone_distances"]


def zone_distances(region: RegionOfInterest) -> Counts:
    """Zones by grey level and least distance of their pixels to the edge, ``[1, g, d]``."""
    zones = region.zones
    distances = np.full(zones.levels.size, region.mask.size)
    np.minimum.at(distances, zones.labels.ravel(), distance_to_edge(region.mask).ravel())
    kept = zones.levels > 0
    return Counts.of(zones.levels[kept], distances[kept], region.level_count, region.intensities.size)


def distance_to_edge(mask: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Taxicab distance of each pixel to the nearest pixel outside the mask, ``intp[h, w]``.

    A pixel at the border of the mask or of the image is at distance 1.
    """
    if mask.all():
        rows, columns = (np.minimum(np.arange(1, n + 1), np.arange(n, 0, -1)) for n in mask.shape)
        nearest: NDArray[np.intp] = np.minimum(rows[:, None], columns)
        return nearest
    padded = framed(mask, (1, 1), (1, 1))
    distances: NDArray[np.int32] = ndimage.distance_transform_cdt(padded, metric="taxicab")
    return distances[1:-1, 1:-1].astype(np.intp)


FAMILY = Family("gldzm", "Grey level distance zone matrix", "VMDZ", zone_distances, suffix="_2d")

for _name, _ibsi_id, _section, _formula in (
    ("small_distance_emphasis", "0GBI", "3.9.1", counts.small_emphasis),
    ("large_distance_emphasis", "MB4I", "3.9.2", counts.large_emphasis),
    ("low_grey_level_zone_emphasis", "S1RA", "3.9.3", counts.low_grey_level_emphasis),
    ("high_grey_level_zone_emphasis", "K26C", "3.9.4", counts.high_grey_level_emphasis),
    ("small_distance_low_grey_level_emphasis", "RUVG", "3.9.5", counts.small_low_grey_level_emphasis),
    ("small_distance_high_grey_level_emphasis", "DKNJ", "3.9.6", counts.small_high_grey_level_emphasis),
    ("large_distance_low_grey_level_emphasis", "A7WM", "3.9.7", counts.large_low_grey_level_emphasis),
    ("large_distance_high_grey_level_emphasis", "KLTH", "3.9.8", counts.large_high_grey_level_emphasis),
    ("grey_level_non_uniformity", "VFT7", "3.9.9", counts.grey_level_non_uniformity),
    ("normalised_grey_level_non_uniformity", "7HP3", "3.9.10", counts.normalised_grey_level_non_uniformity),
    ("zone_distance_non_uniformity", "V294", "3.9.11", counts.size_non_uniformity),
    ("normalised_zone_distance_non_uniformity", "IATH", "3.9.12", counts.normalised_size_non_uniformity),
    ("zone_percentage", "VIWW", "3.9.13", counts.percentage),
    ("grey_level_variance", "QK93", "3.9.14", counts.grey_level_variance),
    ("zone_distance_variance", "7WT1", "3.9.15", counts.size_variance),
    ("zone_distance_entropy", "GBDU", "3.9.16", counts.entropy),
):
    FAMILY.feature(_name, _ibsi_id, _section)(_formula)
