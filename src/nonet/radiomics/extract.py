"""Pixels and a region in, 215 features out: the one way into this room."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nonet.radiomics import (
    glcm,
    gldzm,
    glrlm,
    glszm,
    intensity_histogram,
    intensity_volume_histogram,
    local_intensity,
    morphology,
    ngldm,
    ngtdm,
    statistics,
)
from nonet.radiomics.definition import Family, FeatureColumn
from nonet.radiomics.radiomics_settings import MAX_LEVELS, RadiomicsSettings
from nonet.radiomics.region import Pixels, RegionOfInterest, as_pixels, locate
from nonet.radiomics.undefined import Undefined
from nonet.reading import Box

__all__ = ["FAMILIES", "Features", "columns", "extract", "extract_many"]

FAMILIES: tuple[Family[Any], ...] = (
    morphology.FAMILY,
    local_intensity.FAMILY,
    statistics.FAMILY,
    intensity_histogram.FAMILY,
    intensity_volume_histogram.FAMILY,
    glcm.FAMILY,
    glrlm.FAMILY,
    glszm.FAMILY,
    gldzm.FAMILY,
    ngtdm.FAMILY,
    ngldm.FAMILY,
)
"""The eleven families in the order of their columns."""

_ON_LEVELS = frozenset(family.key for family in FAMILIES[3:]) - {"ivh"}
_FLAT_MEANS = frozenset({Undefined.NO_VARIATION, Undefined.PLATEAU})


@dataclass(frozen=True, slots=True)
class Features:
    """The features of one region.

    Parameters
    ----------
    names
        Names of the features, 215 with default settings.
    values
        ``float64[215]``, NaN where a feature is undefined, and never infinite.
    reasons
        For each value, why it is NaN, or None where it is a number.
    settings
        How they were measured.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    reasons: tuple[Undefined | None, ...]
    settings: RadiomicsSettings

    @property
    def defect(self) -> Undefined | None:
        """Why nothing could be measured, or None if something could."""
        return self.reasons[0] if len(set(self.reasons)) == 1 else None

    @classmethod
    def nothing(cls, reason: Undefined, settings: RadiomicsSettings) -> Features:
        """NaN for every feature, for one reason."""
        names = _names(settings)
        values = np.full(len(names), np.nan)
        values.flags.writeable = False
        return cls(names, values, (reason,) * len(names), settings)

    def undefined(self) -> dict[str, Undefined]:
        """Names of the undefined features with their reasons."""
        return {name: reason for name, reason in zip(self.names, self.reasons, strict=True) if reason}


def extract(pixels: Pixels, region: Box | NDArray[np.bool_], settings: RadiomicsSettings | None = None) -> Features:
    """Measure the features of a region of an image.

    Parameters
    ----------
    pixels
        ``[H, W]``, grey intensities, integers or floats.
    region
        A pixel box, or a mask ``bool[H, W]``. A box's edges are rounded to the nearest edge between
        pixels (halves up) and clipped to the image.
    settings
        How to measure; by default 32 bins, distances of 1, both aggregations.

    Returns
    -------
    The features. A region without a pixel, with pixels that are not finite, or too large gives NaN
    everywhere, with the reason.

    Raises
    ------
    RegionError
        If the pixels are not a grey image, or a mask is not boolean or not of its shape.

    Examples
    --------
    >>> import numpy as np
    >>> from nonet.radiomics import extract
    >>> from nonet.reading import Box
    >>> ramp = np.tile(np.arange(64, dtype=np.uint8), (48, 1))
    >>> features = extract(ramp, Box(8, 8, 40, 40))
    >>> float(features.values[features.names.index("stat_mean")])
    23.5
    """
    return extract_many(pixels, [region], settings)[0]


def extract_many(
    pixels: Pixels, regions: Iterable[Box | NDArray[np.bool_]], settings: RadiomicsSettings | None = None
) -> list[Features]:
    """Measure the features of several regions of one image, as :func:`extract` does of each.

    The image is checked once, and co-occurrence matrices of all regions are read together. The values
    are those of single calls, bit for bit.
    """
    chosen = settings or RadiomicsSettings()
    image = as_pixels(pixels)
    found = [_located(image, region, chosen) for region in regions]
    sound = [region for region in found if isinstance(region, RegionOfInterest)]
    with np.errstate(all="ignore"):
        blocks = [_family_values(family, sound, chosen) for family in FAMILIES]
        measured = iter([np.concatenate(rows) for rows in zip(*blocks, strict=True)])
        return [
            _features(next(measured), region)
            if isinstance(region, RegionOfInterest)
            else Features.nothing(region, chosen)
            for region in found
        ]


@lru_cache(maxsize=16)
def columns(settings: RadiomicsSettings) -> tuple[FeatureColumn, ...]:
    """What each value means under these settings, in order."""
    return tuple(column for family in FAMILIES for column in family.columns(settings))


def _located(
    image: Pixels, where: Box | NDArray[np.bool_], settings: RadiomicsSettings
) -> RegionOfInterest | Undefined:
    """The region, or why nothing can be measured on it."""
    place = locate(image.shape, where)
    if isinstance(place, Undefined):
        return place
    region = RegionOfInterest(image, *place, settings)
    with np.errstate(all="ignore"):
        return region.defect() or region


def _family_values(
    family: Family[Any], regions: list[RegionOfInterest], settings: RadiomicsSettings
) -> list[NDArray[np.float64]]:
    """A family's features of each region; NaN for those whose levels would not fit into a matrix."""
    fits = [not _has_too_many_levels(region, family.key) for region in regions]
    if all(fits):
        return family.values(regions)
    measured = iter(family.values([region for region, fit in zip(regions, fits, strict=True) if fit]))
    nothing = np.full(len(family.columns(settings)), np.nan)
    return [next(measured) if fit else nothing for fit in fits]


def _has_too_many_levels(region: RegionOfInterest, family: str) -> bool:
    return family in _ON_LEVELS and region.bins_needed() > MAX_LEVELS


def _features(values: NDArray[np.float64], region: RegionOfInterest) -> Features:
    described = columns(region.settings)
    values[~np.isfinite(values)] = np.nan
    reasons: list[Undefined | None] = [None] * values.size
    for index in np.flatnonzero(np.isnan(values)):
        reasons[index] = _reason(described[index], region)
    values.flags.writeable = False
    return Features(_names(region.settings), values, tuple(reasons), region.settings)


def _reason(column: FeatureColumn, region: RegionOfInterest) -> Undefined:
    """Why the column is NaN: the region's own reason if it has one, else the feature's."""
    if column.undefined is Undefined.SINGLE_SLICE:
        return column.undefined
    if _has_too_many_levels(region, column.family):
        return Undefined.TOO_MANY_LEVELS
    if region.intensities.size == 1:
        return Undefined.ONE_PIXEL
    flat = region.lowest == region.highest or (column.family in _ON_LEVELS and region.is_flat)
    return Undefined.ONE_GREY_LEVEL if flat and column.undefined in _FLAT_MEANS else column.undefined


@lru_cache(maxsize=16)
def _names(settings: RadiomicsSettings) -> tuple[str, ...]:
    return tuple(column.name for column in columns(settings))
