"""From stored monochrome values to brightness, as DICOM states it (PS3.3, section C.11).

First the modality step, a table or slope and intercept; then the VOI step, a table, else the first
window, else the full range of the stored bits. MONOCHROME1 is inverted last. These steps only set
how a frame is shown: one that cannot be applied becomes a warning.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nonet.errors import DicomError
from nonet.frames.dicom.attributes import items, numbers, text
from nonet.frames.dicom.lookup import LookupTable, value_table

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from nonet.frames.dicom.pixel_module import PixelModule

__all__ = ["brightness", "stored_range"]

Values = NDArray[np.float64]
Step = Callable[[Values], Values]

_BYTE = 8
_FUNCTIONS = ("LINEAR", "LINEAR_EXACT", "SIGMOID")


def stored_range(module: PixelModule) -> tuple[int, int]:
    """The least and the greatest value that the stored bits can hold."""
    levels = 1 << module.bits_stored
    return (-levels // 2, levels // 2 - 1) if module.signed else (0, levels - 1)


def brightness(module: PixelModule, attributes: Dataset, *, little_endian: bool) -> tuple[Step, tuple[str, ...]]:
    """A function from stored values to shares of full brightness, 0 to 1, and warnings.

    Each step is optional: one that cannot be applied is passed over with a warning.
    """
    warnings: list[str] = []
    modality, lowest, highest = _modality(module, attributes, warnings, little_endian=little_endian)
    voi = _voi(module, attributes, (lowest, highest), warnings, little_endian=little_endian)
    step: Step = lambda values: voi(modality(values))  # noqa: E731 - a function that is returned
    inverted: Step = lambda values: 1 - step(values)  # noqa: E731
    return (inverted if module.photometric == "MONOCHROME1" else step), tuple(warnings)


def _modality(
    module: PixelModule, attributes: Dataset, warnings: list[str], *, little_endian: bool
) -> tuple[Step, float, float]:
    """The modality step, and the range of what comes out of it."""
    table = _table(attributes, "ModalityLUTSequence", module, warnings, little_endian=little_endian)
    if table:
        return lambda values: table(values).astype(np.float64), 0.0, float(table.top)
    slope = (_numbers(attributes, "RescaleSlope", warnings) or (1.0,))[0] or 1.0
    intercept = (_numbers(attributes, "RescaleIntercept", warnings) or (0.0,))[0]
    ends = sorted(slope * end + intercept for end in value_range(module, attributes, warnings))
    return lambda values: slope * values + intercept, ends[0], ends[1]


def value_range(module: PixelModule, attributes: Dataset, warnings: list[str]) -> tuple[int, int]:
    """The range that is shown in full: that of the stored bits, or of 8 bits if the file says no value is larger."""
    largest = _numbers(attributes, "LargestImagePixelValue", warnings)
    smallest = _numbers(attributes, "SmallestImagePixelValue", warnings) or (0.0,)
    if module.bits_stored > _BYTE and largest and smallest[0] >= 0 and 0 < largest[0] < 1 << _BYTE:
        return 0, (1 << _BYTE) - 1
    return stored_range(module)


def _voi(
    module: PixelModule,
    attributes: Dataset,
    whole: tuple[float, float],
    warnings: list[str],
    *,
    little_endian: bool,
) -> Step:
    table = _table(attributes, "VOILUTSequence", module, warnings, little_endian=little_endian)
    if table:
        return lambda values: np.clip(table(np.rint(values)) / table.top, 0, 1)
    centres = _numbers(attributes, "WindowCenter", warnings)
    widths = _numbers(attributes, "WindowWidth", warnings)
    if centres and widths:
        function = (_text(attributes, "VOILUTFunction") or "LINEAR").upper()
        if step := _window(centres[0], widths[0], function):
            return step
        warnings.append(
            f"The window is not applied, the full range is shown: width {widths[0]:g}, "
            f"{function if function in _FUNCTIONS else 'an unknown function'}"
        )
    lowest, highest = whole
    return lambda values: np.clip((values - lowest) / (highest - lowest), 0, 1)


def _window(centre: float, width: float, function: str) -> Step | None:
    """A window as a function, the three kinds of PS3.3, sections C.11.2.1.2 and C.11.2.1.3; None if it is not one."""
    if function not in _FUNCTIONS or width <= 0 or (function == "LINEAR" and width < 1):
        return None
    if function == "SIGMOID":
        return lambda values: 1 / (1 + np.exp(np.clip(-4 * (values - centre) / width, -700, 700)))
    if function == "LINEAR":
        centre, width = centre - 0.5, width - 1
    if width == 0:
        return lambda values: (values > centre).astype(np.float64)
    return lambda values: np.clip((values - centre) / width + 0.5, 0, 1)


def _table(
    attributes: Dataset, keyword: str, module: PixelModule, warnings: list[str], *, little_endian: bool
) -> LookupTable | None:
    """The first table of a sequence, or None and a warning if it is not one."""
    try:
        first = items(attributes, keyword)[:1]
        return value_table(first[0], module, little_endian=little_endian) if first else None
    except DicomError as problem:
        warnings.append(f"{keyword} is not applied: {problem.found}")
        return None


def _numbers(attributes: Dataset, keyword: str, warnings: list[str]) -> tuple[float, ...]:
    try:
        return numbers(attributes, keyword)
    except DicomError as problem:
        warnings.append(f"{keyword} is not applied: {problem.found}")
        return ()


def _text(attributes: Dataset, keyword: str) -> str:
    try:
        return text(attributes, keyword)
    except DicomError:
        return "unreadable"
