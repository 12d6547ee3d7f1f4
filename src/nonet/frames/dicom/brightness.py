"""From stored monochrome values to brightness, as DICOM states it (PS3.3, section C.11).

First the modality step, a table or slope and intercept; then the VOI step, a table, else the first
window, else the full range of the stored bits. MONOCHROME1 is inverted last.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nonet.errors import DicomError
from nonet.frames.dicom.attributes import items, numbers, text
from nonet.frames.dicom.lookup import value_table

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from nonet.frames.dicom.pixel_module import PixelModule

__all__ = ["brightness", "stored_range"]

Values = NDArray[np.float64]
Step = Callable[[Values], Values]


def stored_range(module: PixelModule) -> tuple[int, int]:
    """The least and the greatest value that the stored bits can hold."""
    levels = 1 << module.bits_stored
    return (-levels // 2, levels // 2 - 1) if module.signed else (0, levels - 1)


def brightness(module: PixelModule, attributes: Dataset, *, little_endian: bool) -> Step:
    """A function from stored values to shares of full brightness, 0 to 1.

    Raises
    ------
    DicomError
        If a table or a window is not one.
    """
    modality, lowest, highest = _modality(module, attributes, little_endian=little_endian)
    voi = _voi(module, attributes, lowest, highest, little_endian=little_endian)
    if module.photometric == "MONOCHROME1":
        return lambda values: 1 - voi(modality(values))
    return lambda values: voi(modality(values))


def _modality(module: PixelModule, attributes: Dataset, *, little_endian: bool) -> tuple[Step, float, float]:
    """The modality step, and the range of what comes out of it."""
    tables = items(attributes, "ModalityLUTSequence")
    if tables:
        table = value_table(tables[0], module, little_endian=little_endian)
        return lambda values: table(values).astype(np.float64), 0.0, float(table.top)
    slope = (numbers(attributes, "RescaleSlope") or (1.0,))[0] or 1.0
    intercept = (numbers(attributes, "RescaleIntercept") or (0.0,))[0]
    ends = sorted(slope * end + intercept for end in stored_range(module))
    return lambda values: slope * values + intercept, ends[0], ends[1]


def _voi(module: PixelModule, attributes: Dataset, lowest: float, highest: float, *, little_endian: bool) -> Step:
    tables = items(attributes, "VOILUTSequence")
    if tables:
        table = value_table(tables[0], module, little_endian=little_endian)
        return lambda values: np.clip(table(np.rint(values)) / table.top, 0, 1)
    centres, widths = numbers(attributes, "WindowCenter"), numbers(attributes, "WindowWidth")
    if centres and widths:
        return _window(centres[0], widths[0], text(attributes, "VOILUTFunction") or "LINEAR")
    return lambda values: np.clip((values - lowest) / (highest - lowest), 0, 1)


def _window(centre: float, width: float, function: str) -> Step:
    """A window as a function; the three kinds of PS3.3, sections C.11.2.1.2 and C.11.2.1.3."""
    least = 1.0 if function == "LINEAR" else 0.0
    if function not in ("LINEAR", "LINEAR_EXACT", "SIGMOID") or width < least or width == 0:
        raise DicomError(
            "A window is LINEAR with a width of at least 1, LINEAR_EXACT or SIGMOID with one above 0",
            found=f"width {width:g}, or another function",
            remedy="Export the image as RGB",
        )
    if function == "SIGMOID":
        return lambda values: 1 / (1 + np.exp(np.clip(-4 * (values - centre) / width, -700, 700)))
    if function == "LINEAR":
        centre, width = centre - 0.5, width - 1
    if width == 0:
        return lambda values: (values > centre).astype(np.float64)
    return lambda values: np.clip((values - centre) / width + 0.5, 0, 1)
