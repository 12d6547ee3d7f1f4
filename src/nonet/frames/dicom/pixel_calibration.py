"""Millimetres per pixel of a DICOM frame: calibrated ultrasound regions, else PixelSpacing, else the user.

Only a region that is two-dimensional, shows tissue and is measured in centimetres on both axes
counts (PS3.3, section C.8.5.5); its axes may differ. Sources that disagree become a warning. A region
that reaches past the image shows that the image was scaled or cut after it was calibrated: then nothing
that the file says of its pixel size is used.
"""

from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from nonet.errors import DicomError
from nonet.frame import Region, Spacing, SpacingSource
from nonet.frames.dicom.attributes import integer, items, numbers
from nonet.frames.pixel_size import is_plausible

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["PixelCalibration", "calibrate"]

_TWO_DIMENSIONAL, _TISSUE, _CENTIMETRES = 1, 1, 3
_TOLERANCE = 0.01
_PIXELS_PAST = 2
"""Pixels by which a region may reach past the image: some machines name the edge after the last pixel."""
_PLACEHOLDER_MM = 1.0
_FORMATS = {0: "no format", 2: "M-mode", 3: "a spectral display", 4: "a waveform", 5: "graphics"}
_DATA = {2: "colour flow", 3: "pulsed-wave spectral Doppler", 4: "continuous-wave spectral Doppler"}


class PixelCalibration(NamedTuple):
    """What is known of a frame's pixel size."""

    regions: tuple[Region, ...]
    spacing: Spacing | None
    warnings: tuple[str, ...]


def calibrate(
    attributes: Dataset, width: int, height: int, user: Spacing | None, *, force: bool = False
) -> PixelCalibration:
    """Read what a frame's attributes say of its pixel size.

    One source wins and is used for everything: the regions, else PixelSpacing, else the user's; the user's before
    all others if it is forced. What the others say becomes a warning where it differs.

    Parameters
    ----------
    attributes
        The attributes that hold for the frame.
    width, height
        Its size in pixels.
    user
        The pixel size that the user gave.
    force
        Whether it replaces what the file says.
    """
    warnings: list[str] = []
    regions, contradicts = _regions(attributes, width, height, warnings)
    stated = None if contradicts else _pixel_spacing(attributes, warnings)
    forced = user if force else None
    warnings.extend(_disagreements(regions, stated, user, forced))
    if forced or not regions:
        return PixelCalibration((), forced or stated or user, tuple(dict.fromkeys(warnings)))
    return PixelCalibration(regions, None, tuple(dict.fromkeys(warnings)))


def _regions(attributes: Dataset, width: int, height: int, warnings: list[str]) -> tuple[tuple[Region, ...], bool]:
    """The regions that count, those of high priority first (RegionFlags bit 0 = 0, section C.8.5.5.1.3).

    Also whether a region contradicts the image; then none counts.
    """
    found: list[tuple[int, Region]] = []
    try:
        sequence = items(attributes, "SequenceOfUltrasoundRegions")
    except DicomError:
        warnings.append("The calibrated ultrasound regions cannot be parsed and are not used")
        return (), False
    for item in sequence:
        try:
            if past := _reach_past(item, width, height):
                warnings.append(past)
                return (), True
            if other := _passed_over(item):
                warnings.append(f"An ultrasound region is not used for millimetres: {other}")
            elif region := _region(item, width, height):
                found.append(((integer(item, "RegionFlags") or 0) & 1, region))
            else:
                warnings.append("A calibrated ultrasound region lies outside the image or has no usable scale")
        except DicomError:
            warnings.append("A calibrated ultrasound region cannot be parsed and is not used")
    return tuple(region for _, region in sorted(found, key=lambda pair: pair[0])), False


def _reach_past(item: Dataset, width: int, height: int) -> str:
    """A warning if a region of any kind is larger than the image."""
    right, bottom = integer(item, "RegionLocationMaxX1"), integer(item, "RegionLocationMaxY1")
    if (right or 0) < width + _PIXELS_PAST and (bottom or 0) < height + _PIXELS_PAST:
        return ""
    return (
        f"An ultrasound region reaches to pixel {right}, {bottom} of an image of {width} x {height}: the image was "
        "scaled or cut after it was calibrated, and no pixel size of the file is used"
    )


def _passed_over(item: Dataset) -> str:
    """Why a region has no say in millimetres; nothing if it has one."""
    form, data = integer(item, "RegionSpatialFormat"), integer(item, "RegionDataType")
    if form != _TWO_DIMENSIONAL:
        return f"it shows {_FORMATS.get(form or 0, 'an unknown format')}"
    if data != _TISSUE:
        return f"it shows {_DATA.get(data or 0, 'other data than tissue')}"
    units = {integer(item, f"PhysicalUnits{axis}Direction") for axis in "XY"}
    return "" if units == {_CENTIMETRES} else "its units are not centimetres"


def _region(item: Dataset, width: int, height: int) -> Region | None:
    """A region as half-open pixels inside the image, or None if it has no area or no scale.

    RegionLocationMaxX1 and MaxY1 name the last pixel that belongs to the region.
    """
    corners = [integer(item, f"RegionLocation{corner}") for corner in ("MinX0", "MinY0", "MaxX1", "MaxY1")]
    deltas = numbers(item, "PhysicalDeltaX")[:1] + numbers(item, "PhysicalDeltaY")[:1]
    if None in corners or len(deltas) < 2:
        return None
    left, top, right, bottom = (corner or 0 for corner in corners)
    right, bottom = min(right + 1, width), min(bottom + 1, height)
    x_mm, y_mm = (10 * abs(delta) for delta in deltas)
    if not (0 <= left < right and 0 <= top < bottom and is_plausible(x_mm) and is_plausible(y_mm)):
        return None
    return Region(left, top, right, bottom, Spacing(x_mm, y_mm, SpacingSource.US_REGION))


def _pixel_spacing(attributes: Dataset, warnings: list[str]) -> Spacing | None:
    """PixelSpacing: millimetres between rows, then between columns (PS3.3, section 10.7.1.3)."""
    try:
        values = numbers(attributes, "PixelSpacing")
    except DicomError:
        values = (math.nan,)
    if not values:
        return None
    if len(values) != 2 or not all(is_plausible(value) for value in values):
        warnings.append("PixelSpacing is not a pixel size and is not used")
        return None
    if values == (_PLACEHOLDER_MM, _PLACEHOLDER_MM):
        warnings.append("PixelSpacing is exactly 1 x 1 mm, which is often a placeholder: check the millimetres")
    return Spacing(values[1], values[0], SpacingSource.PIXEL_SPACING)


def _disagreements(
    regions: tuple[Region, ...], stated: Spacing | None, user: Spacing | None, forced: Spacing | None
) -> list[str]:
    """A warning for each two sources, or overlapping regions, whose pixel sizes differ by over 1 %."""
    pairs = [(one.spacing, other.spacing) for one, other in combinations(regions, 2) if _overlap(one, other)]
    ordered = [forced, *(region.spacing for region in regions), stated, None if forced else user]
    known = [spacing for spacing in ordered if spacing]
    pairs += [pair for pair in combinations(known, 2) if pair[0].source is not pair[1].source]
    return [
        f"Pixel sizes disagree: {_words(one)} and {_words(other)}; the first is used"
        for one, other in pairs
        if not (_agree(one.x_mm, other.x_mm) and _agree(one.y_mm, other.y_mm))
    ]


def _overlap(one: Region, other: Region) -> bool:
    return max(one.x1, other.x1) < min(one.x2, other.x2) and max(one.y1, other.y1) < min(one.y2, other.y2)


def _agree(one: float, other: float) -> bool:
    return abs(one - other) <= _TOLERANCE * max(one, other)


def _words(spacing: Spacing) -> str:
    return f"{spacing.x_mm:.4g} x {spacing.y_mm:.4g} mm ({spacing.source.value})"
