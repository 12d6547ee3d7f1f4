"""Decoded DICOM samples become grey of 8 bits: brightness of monochrome, ITU-R 601 luma of colour.

Work goes band by band of rows, so that a large frame takes little more memory than its result.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nonet.frame import luma
from nonet.frames.display import brightness, stored_range
from nonet.frames.lookup import palette

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from nonet.frames.pixel_module import PixelModule

__all__ = ["colour_to_rgb", "luma_by_bands", "monochrome_to_grey"]

Samples = NDArray[np.integer]
Bytes = NDArray[np.uint8]

_BAND_PIXELS = 1 << 20
_TABLE_BITS = 16


def monochrome_to_grey(samples: Samples, module: PixelModule, attributes: Dataset, *, little_endian: bool) -> Bytes:
    """Grey ``uint8[H, W]`` of stored values ``[H, W]``, brightness 0 to 1 rounded to 0 to 255.

    Raises
    ------
    DicomError
        If a table or window of the file is not one.
    """
    shares = brightness(module, attributes, little_endian=little_endian)

    def convert(values: Samples) -> Bytes:
        return np.floor(shares(values.astype(np.float64)) * 255 + 0.5).astype(np.uint8)

    if module.bits_stored > _TABLE_BITS:
        return _by_bands(convert, samples, samples.shape)
    lowest, highest = stored_range(module)
    table = convert(np.arange(lowest, highest + 1))
    return _by_bands(
        lambda band: table[np.clip(band.astype(np.int64), lowest, highest) - lowest], samples, samples.shape
    )


def colour_to_rgb(
    samples: Samples, photometric: str, module: PixelModule, attributes: Dataset, *, little_endian: bool
) -> Bytes:
    """Red, green, blue ``uint8[H, W, 3]`` of stored values ``[H, W]`` (palette) or ``[H, W, 3]``.

    Parameters
    ----------
    samples
        Stored values.
    photometric
        Their colour model after decoding.
    module
        How they are stored; of more than 8 bits the high 8 are taken.
    attributes
        Where the palette is.
    little_endian
        How the palette is written.

    Raises
    ------
    DicomError
        If the palette of the file is not one.
    """
    if photometric == "PALETTE COLOR":
        table = palette(attributes, module, little_endian=little_endian)
        return _by_bands(lambda band: table(band).astype(np.uint8), samples, (*samples.shape, 3))
    if photometric.startswith("YBR_FULL"):
        return _by_bands(lambda band: _ybr_to_rgb(_high_byte(band, module)), samples, samples.shape)
    return _by_bands(lambda band: _high_byte(band, module), samples, samples.shape)


def luma_by_bands(rgb: Bytes) -> Bytes:
    """Luma ``uint8[H, W]`` of ``uint8[H, W, 3]``."""
    return _by_bands(lambda band: luma(band.astype(np.uint8, copy=False)), rgb, rgb.shape[:2])


def _by_bands(convert: Callable[[Samples], Bytes], samples: Samples, shape: tuple[int, ...]) -> Bytes:
    result = np.empty(shape, np.uint8)
    rows = max(1, _BAND_PIXELS // shape[1])
    for top in range(0, shape[0], rows):
        result[top : top + rows] = convert(samples[top : top + rows])
    return result


def _high_byte(band: Samples, module: PixelModule) -> Bytes:
    bits = module.bits_stored
    if bits >= 8:
        return (band >> (bits - 8)).astype(np.uint8)
    return (band.astype(np.uint32) * 255 // ((1 << bits) - 1)).astype(np.uint8)


def _ybr_to_rgb(band: Bytes) -> Bytes:
    """RGB of YBR_FULL (PS3.3, section C.7.6.3.1.2: the matrix of JPEG, full range)."""
    y, blue, red = (band[..., channel].astype(np.float32) for channel in range(3))
    blue, red = blue - 128, red - 128
    rgb = np.stack([y + 1.402 * red, y - 0.344136 * blue - 0.714136 * red, y + 1.772 * blue], axis=-1)
    return np.clip(np.floor(rgb + 0.5), 0, 255).astype(np.uint8)
