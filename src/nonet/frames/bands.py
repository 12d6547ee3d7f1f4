"""Convert images band by band of rows, so that a large frame takes little more memory than its result."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from nonet.frame import luma

__all__ = ["Bytes", "Samples", "by_bands", "luma_by_bands"]

Samples = NDArray[np.integer]
"""Stored values of any width."""

Bytes = NDArray[np.uint8]
"""Values of 8 bits."""

_BAND_PIXELS = 1 << 20


def by_bands(convert: Callable[[Samples], Bytes], samples: Samples, shape: tuple[int, ...]) -> Bytes:
    """Apply a function of rows to all rows of ``samples``; ``shape`` is that of the result."""
    result = np.empty(shape, np.uint8)
    rows = max(1, _BAND_PIXELS // shape[1])
    for top in range(0, shape[0], rows):
        result[top : top + rows] = convert(samples[top : top + rows])
    return result


def luma_by_bands(rgb: Bytes) -> Bytes:
    """ITU-R 601 luma ``uint8[H, W]`` of ``uint8[H, W, 3]``."""
    return by_bands(lambda band: luma(band.astype(np.uint8, copy=False)), rgb, rgb.shape[:2])
