"""Radiomic features that say how large a box is, whatever lies in it.

The 29 of morphology do so by definition. Those named here are sums and counts that are not divided by the number of
pixels, and what depends on how far a pixel can lie from the border: in boxes of different size cut from one and the
same speckle, the rank correlation of each with the area is above 0.9 (``tests/study/test_size_features.py`` measures
it). Weaker dependence on the area remains in others: bins, zones and extremes change with the number of pixels.
"""

from __future__ import annotations

__all__ = ["MORPHOLOGY", "WITH_AREA", "follows_area"]

MORPHOLOGY = "morph_"
"""What the names of the 29 features of shape and size begin with."""

WITH_AREA = frozenset(
    {
        "stat_energy",
        "glrlm_grey_level_non_uniformity_2d_averaged",
        "glrlm_run_length_non_uniformity_2d_averaged",
        "glrlm_grey_level_non_uniformity_2d_slice_merged",
        "glrlm_run_length_non_uniformity_2d_slice_merged",
        "glszm_grey_level_non_uniformity_2d",
        "glszm_zone_size_non_uniformity_2d",
        "glszm_zone_size_entropy_2d",
        "gldzm_small_distance_emphasis_2d",
        "gldzm_large_distance_emphasis_2d",
        "gldzm_grey_level_non_uniformity_2d",
        "gldzm_zone_distance_non_uniformity_2d",
        "gldzm_normalised_zone_distance_non_uniformity_2d",
        "gldzm_zone_distance_entropy_2d",
        "ngtdm_coarseness_2d",
        "ngtdm_busyness_2d",
        "ngtdm_strength_2d",
        "ngldm_grey_level_non_uniformity_2d",
        "ngldm_dependence_count_non_uniformity_2d",
    }
)


def follows_area(name: str) -> bool:
    """Whether a radiomic feature is of morphology or follows the area of its box."""
    return name.startswith(MORPHOLOGY) or name in WITH_AREA
