"""Why a feature has no value on a region: the typed reasons that stand beside every NaN."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Undefined"]


class Undefined(StrEnum):
    """A reason for NaN, the ones that concern the whole region first."""

    UNREADABLE = "unreadable"
    """The image that the region lies in could not be read."""

    OUTSIDE_IMAGE = "outside_image"
    """The box does not touch the image."""

    EMPTY = "empty"
    """No pixel is left: an empty mask, a box thinner than a pixel, or no intensity within the range."""

    NOT_FINITE = "not_finite"
    """A pixel that the feature needs is NaN or infinite."""

    TOO_LARGE = "too_large"
    """The region has more pixels than the cap in :mod:`nonet.radiomics.region`."""

    TOO_MANY_LEVELS = "too_many_levels"
    """Bins of a fixed size cut the region into more grey levels than a matrix may hold."""

    ONE_PIXEL = "one_pixel"
    """The region is a single pixel, which has neither spread nor neighbours."""

    ONE_GREY_LEVEL = "one_grey_level"
    """All pixels are alike, and the feature divides by their spread."""

    NO_NEIGHBOURS = "no_neighbours"
    """No two pixels of the region are neighbours in the sense of the matrix."""

    SINGLE_SLICE = "single_slice"
    """The feature needs an extent across the slice, and a 2-D region has none."""

    NO_VARIATION = "no_variation"
    """The pixels differ, but not in what the feature compares, so that it divides by zero."""

    ZERO_MEAN = "zero_mean"
    """The feature is relative to a mean or a sum of intensities that is zero."""

    PLATEAU = "plateau"
    """So many pixels sit at the maximum that no intensity is exceeded by so few."""

    OVERFLOW = "overflow"
    """Intensities are so large that their powers exceed a 64-bit float."""
