"""Local intensity (IBSI 3.2): the brightest spot of the region, as the mean over a disc around it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from nonet.radiomics.arithmetic import Reals
from nonet.radiomics.definition import Family
from nonet.radiomics.framing import framed
from nonet.radiomics.region import RegionOfInterest
from nonet.radiomics.undefined import Undefined

__all__ = ["FAMILY", "Peaks", "peaks"]


@dataclass(frozen=True, slots=True)
class Peaks:
    """Disc means at the region's pixels, ``means: float64[n]``, and which pixels are the brightest, ``bool[n]``."""

    means: Reals
    brightest: NDArray[np.bool_]


def peaks(region: RegionOfInterest) -> Peaks:
    """Mean intensity over the disc around each pixel of the region.

    The disc draws on all pixels of the image, inside the region or not, and on fewer of them at
    the image's edge.
    """
    disc = _disc(region.settings.peak_radius, region.image.ndim)
    margin = disc[0][1]
    around, missing = _surroundings(region, margin)
    nearby = region.image[around].astype(np.float64)
    sums = _disc_sums(framed(nearby, *missing), disc, margin)
    areas: Reals | int = sum(2 * half + 1 for _, half in disc)
    if np.any(missing):
        areas = _disc_sums(framed(np.ones_like(nearby), *missing), disc, margin)
    return Peaks((sums / areas)[region.inside], region.intensities == region.highest)


@lru_cache(maxsize=4)
def _disc(radius: float, dimensions: int) -> list[tuple[tuple[int, ...], int]]:
    """The disc (ball, in a stack) as rows: offset of each row, and its half length; the central row first."""
    margin = math.floor(radius)
    rows = []
    for offset in product(range(-margin, margin + 1), repeat=dimensions - 1):
        left = radius**2 - sum(step**2 for step in offset)
        if left >= 0:
            rows.append((offset, math.floor(math.sqrt(left))))
    return sorted(rows, key=lambda row: -row[1])


def _surroundings(region: RegionOfInterest, margin: int) -> tuple[tuple[slice, ...], list[tuple[int, int]]]:
    """The part of the image within a margin around the window, and how much of the margin lies outside."""
    spans = list(zip(region.window, region.image.shape, strict=True))
    around = tuple(slice(max(side.start - margin, 0), min(side.stop + margin, length)) for side, length in spans)
    missing = [(max(margin - side.start, 0), max(side.stop + margin - length, 0)) for side, length in spans]
    return around, missing


def _disc_sums(padded: Reals, disc: list[tuple[tuple[int, ...], int]], margin: int) -> Reals:
    """Sum over the disc around each pixel that is at least the margin from the array's edge."""
    *heights, width = (length - 2 * margin for length in padded.shape)
    running = framed(np.cumsum(padded, axis=-1), *[(0, 0)] * len(heights), (1, 0))
    sums = np.zeros((*heights, width))
    for offset, half in disc:
        starts = (margin + step for step in offset)
        lines = running[tuple(slice(start, start + size) for start, size in zip(starts, heights, strict=True))]
        first, last = margin - half, margin + half + 1
        sums += lines[..., last : last + width]
        sums -= lines[..., first : first + width]
    return sums


FAMILY = Family("loc", "Local intensity", "9ST6", peaks)


@FAMILY.feature("local_intensity_peak", "VJGA", "3.2.1", Undefined.NOT_FINITE)
def local_intensity_peak(p: Peaks) -> float:
    """Local intensity peak: Mean over the disc around the brightest pixel; of several such pixels the greatest."""
    return float(p.means[p.brightest].max())


@FAMILY.feature("global_intensity_peak", "0F91", "3.2.2", Undefined.NOT_FINITE)
def global_intensity_peak(p: Peaks) -> float:
    """Global intensity peak: The greatest mean over a disc around any pixel of the region."""
    return float(p.means.max())
