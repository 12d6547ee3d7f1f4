"""The pixel size that a person gives, and which pixel sizes there can be."""

from __future__ import annotations

import math

from nonet.errors import NotCalibrated
from nonet.frame import Spacing, SpacingSource

__all__ = ["is_plausible", "user_spacing"]

_PLAUSIBLE_MM = (0.001, 10.0)


def is_plausible(millimetres: float) -> bool:
    """Whether a pixel of an image of a body can have this size: 0.001 to 10 mm."""
    return math.isfinite(millimetres) and _PLAUSIBLE_MM[0] <= millimetres <= _PLAUSIBLE_MM[1]


def user_spacing(spacing_mm: tuple[float, float] | None) -> Spacing | None:
    """The pixel size that the user gave, as millimetres to the right and down.

    Raises
    ------
    NotCalibrated
        If it is not two positive numbers that a pixel can have.
    """
    if spacing_mm is None:
        return None
    if len(spacing_mm) != 2 or not all(is_plausible(value) for value in spacing_mm):
        low, high = _PLAUSIBLE_MM
        raise NotCalibrated(
            f"A pixel size is two numbers of {low} to {high} mm",
            found=", ".join(f"{value:g}" for value in spacing_mm),
            remedy="Give millimetres per pixel, to the right and down",
        )
    return Spacing(float(spacing_mm[0]), float(spacing_mm[1]), SpacingSource.USER)
