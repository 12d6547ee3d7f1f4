"""A region of an image as every family sees it: its window, its mask, its intensities, its grey levels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nonet.errors import RegionError
from nonet.radiomics.arithmetic import Reals
from nonet.radiomics.radiomics_settings import FixedBinNumber, RadiomicsSettings
from nonet.radiomics.undefined import Undefined
from nonet.radiomics.zones import Zones, zones_of
from nonet.reading import Box

__all__ = ["MAX_PIXELS", "Pixels", "RegionOfInterest", "as_pixels", "locate"]

Pixels = NDArray[np.integer] | NDArray[np.floating]

MAX_PIXELS = 1 << 22
"""Most pixels in a region's bounding box; Moran's I needs about 220 bytes for each."""

_LARGEST = 1e70  # fourth powers, summed over a region, stay finite


@dataclass(frozen=True)
class RegionOfInterest:
    """The pixels that features speak of.

    The code below this class holds for stacks of slices too, so that IBSI's 3-D digital phantom
    can verify it; :func:`nonet.radiomics.extract` makes 2-D regions only.

    Parameters
    ----------
    image
        ``[H, W]``, the whole image: local intensity looks past the region's edge.
    window
        The region's bounding box in the image.
    mask
        ``bool[h, w]``, True on the region's pixels in its window (IBSI's morphological mask).
    settings
        How to measure.
    """

    image: Pixels
    window: tuple[slice, ...]
    mask: NDArray[np.bool_]
    settings: RadiomicsSettings

    @cached_property
    def crop(self) -> Pixels:
        """``[h, w]``, the image in the window."""
        return self.image[self.window]

    @cached_property
    def is_rectangle(self) -> bool:
        """Whether the mask fills its window."""
        return bool(self.mask.all())

    @cached_property
    def inside(self) -> NDArray[np.bool_]:
        """``bool[h, w]``, True on pixels of the region within the intensity range (IBSI's intensity mask)."""
        if self.settings.intensity_range is None:
            return self.mask
        low, high = self.settings.intensity_range
        return self.mask & (self.crop >= low) & (self.crop <= high)

    @cached_property
    def intensities(self) -> Reals:
        """``float64[n]``, intensities of the pixels inside, row by row."""
        return self.crop[self.inside].astype(np.float64)

    @cached_property
    def ordered(self) -> Reals:
        """``float64[n]``, intensities in rising order."""
        return np.sort(self.intensities)

    @cached_property
    def zones(self) -> Zones:
        """Patches of equal grey level, which two families count."""
        return zones_of(self.compact_levels)

    @cached_property
    def levels(self) -> NDArray[np.intp]:
        """``intp[h, w]``, grey levels from 1 up, and 0 outside."""
        levels = np.zeros(self.mask.shape, dtype=np.intp)
        levels[self.inside] = self.pixel_levels
        return levels

    @cached_property
    def pixel_levels(self) -> NDArray[np.intp]:
        """``intp[n]``, grey levels of the pixels inside, row by row."""
        return self._discretised().astype(np.intp)

    @cached_property
    def compact_levels(self) -> NDArray[np.uint16]:
        """``uint16[h, w]``, the same levels in a quarter of the memory, to compare neighbours fast."""
        return self.levels.astype(np.uint16)

    @cached_property
    def level_count(self) -> int:
        """The highest grey level present, which is IBSI's number of grey levels."""
        return int(self.pixel_levels.max())

    @cached_property
    def lowest(self) -> float:
        """Least intensity inside."""
        return float(self.ordered[0])

    @cached_property
    def highest(self) -> float:
        """Greatest intensity inside."""
        return float(self.ordered[-1])

    @cached_property
    def is_flat(self) -> bool:
        """Whether all pixels inside have one grey level."""
        return bool((self.pixel_levels == self.level_count).all())

    def defect(self) -> Undefined | None:
        """Why nothing can be measured on this region, or None if all is well."""
        if self.mask.size > MAX_PIXELS:
            return Undefined.TOO_LARGE
        if not self.inside.any():
            return Undefined.EMPTY
        if not np.isfinite(self.intensities).all():
            return Undefined.NOT_FINITE
        return Undefined.OVERFLOW if max(-self.lowest, self.highest) > _LARGEST else None

    def bins_needed(self) -> float:
        """How many grey levels the settings cut the region into."""
        bins = self.settings.bins
        if isinstance(bins, FixedBinNumber):
            return bins.number
        return math.floor((self.highest - self._lower_bound()) / bins.width) + 1

    def _lower_bound(self) -> float:
        intensity_range = self.settings.intensity_range
        return self.lowest if intensity_range is None else intensity_range[0]

    def _discretised(self) -> Reals:
        bins = self.settings.bins
        if not isinstance(bins, FixedBinNumber):
            steps: Reals = np.floor((self.intensities - self._lower_bound()) / bins.width)
            return steps + 1
        spread = self.highest - self.lowest
        if spread == 0:
            return np.ones_like(self.intensities)
        scaled = bins.number * (self.intensities - self.lowest) / spread
        levels: Reals = np.minimum(np.floor(scaled) + 1, bins.number)
        return levels


def as_pixels(pixels: object) -> Pixels:
    """Check that an array can be read as a grey image.

    Raises
    ------
    RegionError
        If it is not a two-dimensional array of integers or floats with at least one pixel.
    """
    array = np.asarray(pixels)
    if array.ndim != 2 or array.size == 0 or array.dtype.kind not in "uif":
        raise RegionError(
            "Features are read from grey pixels [H, W] of integers or floats",
            found=f"{array.dtype}{list(array.shape)}",
            remedy="Convert colour with nonet.frame.luma, and take one frame of a sequence",
        )
    return array


def locate(
    shape: tuple[int, ...], region: Box | NDArray[np.bool_]
) -> tuple[tuple[slice, ...], NDArray[np.bool_]] | Undefined:
    """The window and mask that a box or mask means on an image of this shape.

    A box's edges are rounded to the nearest edge between pixels, halves up, and clipped to the
    image; its mask is full. A mask must have the shape of the image.

    Raises
    ------
    RegionError
        If a mask is not boolean or not of the image's shape.
    """
    if isinstance(region, Box):
        return _locate_box(shape, region)
    mask = np.asarray(region)
    if mask.dtype != np.bool_ or mask.shape != shape:
        raise RegionError(
            f"A region is a Box or a boolean mask of the image's shape {list(shape)}",
            found=f"{mask.dtype}{list(mask.shape)}",
            remedy="Compare a label image with the label wanted to get its mask",
        )
    return _locate_mask(mask)


def _locate_box(shape: tuple[int, ...], box: Box) -> tuple[tuple[slice, ...], NDArray[np.bool_]] | Undefined:
    height, width = shape
    if box.x2 <= 0 or box.y2 <= 0 or box.x1 >= width or box.y1 >= height:
        return Undefined.OUTSIDE_IMAGE
    left, right = _edge(box.x1, width), _edge(box.x2, width)
    top, bottom = _edge(box.y1, height), _edge(box.y2, height)
    if left >= right or top >= bottom:
        return Undefined.EMPTY
    return (slice(top, bottom), slice(left, right)), np.ones((bottom - top, right - left), dtype=np.bool_)


def _edge(position: float, limit: int) -> int:
    return math.floor(min(max(position, 0.0), float(limit)) + 0.5)


def _locate_mask(mask: NDArray[np.bool_]) -> tuple[tuple[slice, ...], NDArray[np.bool_]] | Undefined:
    window = []
    for axis in range(mask.ndim):
        others = tuple(other for other in range(mask.ndim) if other != axis)
        hits = np.flatnonzero(mask.any(axis=others))
        if hits.size == 0:
            return Undefined.EMPTY
        window.append(slice(int(hits[0]), int(hits[-1]) + 1))
    return tuple(window), mask[tuple(window)]
