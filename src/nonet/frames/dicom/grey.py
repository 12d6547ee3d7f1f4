"""Decoded DICOM samples become grey or RGB of 8 bits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.frames.bands import Bytes, Samples, by_bands
from nonet.frames.dicom.brightness import brightness, stored_range
from nonet.frames.dicom.lookup import palette

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from nonet.frames.dicom.pixel_module import PixelModule

__all__ = ["colour_to_rgb", "monochrome_to_grey"]

_TABLE_BITS = 16


def monochrome_to_grey(
    samples: Samples, module: PixelModule, attributes: Dataset, *, little_endian: bool
) -> tuple[Bytes, tuple[str, ...]]:
    """Grey ``uint8[H, W]`` of stored values ``[H, W]``, brightness 0 to 1 rounded to 0 to 255, and warnings."""
    shares, warnings = brightness(module, attributes, little_endian=little_endian)

    def convert(values: Samples) -> Bytes:
        return np.floor(shares(values.astype(np.float64)) * 255 + 0.5).astype(np.uint8)

    if module.bits_stored > _TABLE_BITS:
        return by_bands(convert, samples, samples.shape), warnings
    lowest, highest = stored_range(module)
    table = convert(np.arange(lowest, highest + 1))
    grey = by_bands(
        lambda band: table[np.clip(band.astype(np.int64), lowest, highest) - lowest], samples, samples.shape
    )
    return grey, warnings


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
        return by_bands(lambda band: table(band).astype(np.uint8), samples, (*samples.shape, 3))
    if photometric.startswith("YBR_FULL"):
        return by_bands(lambda band: _ybr_to_rgb(_high_byte(band, module)), samples, samples.shape)
    return by_bands(lambda band: _high_byte(band, module), samples, samples.shape)


def _high_byte(band: Samples, module: PixelModule) -> Bytes:
    bits = module.bits_stored
    if bits >= 8:
        return (band >> (bits - 8)).astype(np.uint8, copy=False)
    return (band.astype(np.uint32) * 255 // ((1 << bits) - 1)).astype(np.uint8)


def _ybr_to_rgb(band: Bytes) -> Bytes:
    """RGB of YBR_FULL (PS3.3, section C.7.6.3.1.2: the matrix of JPEG, full range), rounded half up."""
    y, blue, red = (band[..., channel].astype(np.float32) for channel in range(3))
    y, blue, red = y + np.float32(0.5), blue - 128, red - 128
    rgb = np.empty(band.shape, np.uint8)
    rgb[..., 0] = np.clip(y + np.float32(1.402) * red, 0, 255)
    rgb[..., 1] = np.clip(y - np.float32(0.344136) * blue - np.float32(0.714136) * red, 0, 255)
    rgb[..., 2] = np.clip(y + np.float32(1.772) * blue, 0, 255)
    return rgb
