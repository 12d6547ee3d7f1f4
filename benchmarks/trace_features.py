"""What is measured of a region where a trace of editing is looked for: radiomic texture, spectrum, autocovariance."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nonet.radiomics import RadiomicsSettings, extract
from nonet.radiomics.extract import columns
from nonet.radiomics.radiomics_settings import Aggregation

if TYPE_CHECKING:
    from trace_regions import Patches

__all__ = ["NAMES", "detrended", "flat_mosaic", "mosaic", "region_features", "residual"]

SETTINGS = RadiomicsSettings(aggregations=(Aggregation.MERGED,))
TEXTURE = tuple(place for place, one in enumerate(columns(SETTINGS)) if one.family not in ("morph", "loc"))
BANDS_PX = (0.0, 0.7, 1.2, 2.0, 3.4, 5.8)
LAGS = ((0, 1), (0, 2), (0, 4), (1, 0), (2, 0), (4, 0), (1, 1), (1, -1), (2, 2))
HIGH_PASS_PX = 1.5
MOST_DETAIL = 40.0
APART_PX = 5
"""Between patches of a mosaic: more than the longest lag."""

NAMES: tuple[str, ...] = (
    *(columns(SETTINGS)[place].name for place in TEXTURE),
    *(f"band_{low:g}_{high:g}" for low, high in pairwise(BANDS_PX)),
    *(f"share_{low:g}_{high:g}" for low, high in pairwise(BANDS_PX)),
    *(f"autocovariance_{down}_{right}" for down, right in LAGS),
)


def region_features(grey: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Texture of a region, its energy in five bands, their shares, and its autocovariance at nine lags.

    Parameters
    ----------
    grey
        ``float64[H, W]``; bands look a little past the region.
    mask
        ``bool[H, W]``.

    Returns
    -------
    ``float64[len(NAMES)]``, NaN where a feature is undefined.
    """
    texture = extract(grey, mask, SETTINGS).values[list(TEXTURE)]
    smooth = [grey if px == 0 else ndimage.gaussian_filter(grey, px) for px in BANDS_PX]
    bands = [float(((one - two)[mask] ** 2).mean()) + 1e-6 for one, two in pairwise(smooth)]
    shares = np.log(np.array(bands) / sum(bands))
    return np.concatenate([texture, np.log(bands), shares, _autocovariance(residual(grey), mask)])


def residual(grey: np.ndarray) -> np.ndarray:
    """The finest detail, cut off at `MOST_DETAIL` grey levels; ``float64[H, W]``."""
    fine = grey - ndimage.gaussian_filter(grey, HIGH_PASS_PX)
    return np.clip(fine, -MOST_DETAIL, MOST_DETAIL)


def mosaic(grey: np.ndarray, patches: Patches, grade: int) -> tuple[np.ndarray, np.ndarray]:
    """Patches of a grade side by side, and which pixels are of one; gaps keep them apart."""
    height, width = patches.size
    own = [grey[row : row + height, column : column + width] for row, column in patches.corners[grade]]
    return _side_by_side(own)


def flat_mosaic(grey: np.ndarray, patches: Patches, grade: int) -> tuple[np.ndarray, np.ndarray]:
    """`mosaic` of patches without their trend."""
    height, width = patches.size
    own = [grey[row : row + height, column : column + width] for row, column in patches.corners[grade]]
    return _side_by_side([detrended(one) for one in own])


def _side_by_side(own: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    height, width = own[0].shape
    joined = np.zeros((height, len(own) * (width + APART_PX)))
    mask = np.zeros(joined.shape, np.bool_)
    for place, one in enumerate(own):
        part = slice(place * (width + APART_PX), place * (width + APART_PX) + width)
        joined[:, part], mask[:, part] = one, True
    return joined, mask


def detrended(patch: np.ndarray) -> np.ndarray:
    """A patch less its plane and its curve from row to row: how dark fluid is, and how that changes, is no texture."""
    rows, columns = (
        one / max(side - 1, 1) - 0.5 for one, side in zip(np.indices(patch.shape), patch.shape, strict=True)
    )
    trend = np.stack([np.ones_like(rows), rows, columns, rows**2], axis=-1).reshape(-1, 4)
    flat = patch.astype(np.float64).ravel()
    found, *_ = np.linalg.lstsq(trend, flat, rcond=None)
    return np.asarray((flat - trend @ found).reshape(patch.shape))


def _autocovariance(fine: np.ndarray, mask: np.ndarray) -> list[float]:
    """Over pairs of pixels of the region, each lag's in shares of the variance."""
    variance = float((fine[mask] ** 2).mean()) + 1e-6
    found = []
    for down, right in LAGS:
        there = (slice(down, None), slice(max(right, 0), fine.shape[1] + min(right, 0)))
        here = (slice(0, fine.shape[0] - down), slice(max(-right, 0), fine.shape[1] - max(right, 0)))
        both = mask[here] & mask[there]
        found.append(float((fine[here] * fine[there])[both].mean()) / variance if both.any() else np.nan)
    return found
