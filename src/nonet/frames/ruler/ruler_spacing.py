"""Give a frame the pixel size that the ruler on its screen implies, where that was asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nonet.frame import Spacing, SpacingSource
from nonet.frames.pixel_size import is_plausible
from nonet.frames.ruler.read_ruler import read_ruler

if TYPE_CHECKING:
    from nonet.frame import Frame

__all__ = ["NO_RULER", "with_ruler"]

NO_RULER = "no ruler was read on the screen"
_MM_DECIMALS, _ERROR_DECIMALS = 6, 5


def with_ruler(frame: Frame, *, force: bool = False) -> Frame:
    """The frame with the pixel size from its ruler; with a warning where none is read.

    Parameters
    ----------
    frame
        A frame as it was opened, with what was drawn on it.
    force
        Whether the ruler replaces the file's own calibration. It stays otherwise, and where no ruler is read.
    """
    calibrated = frame.spacing is not None or bool(frame.regions)
    if calibrated and not force:
        return frame
    ruler = read_ruler(frame.pixels)
    if ruler is None or not is_plausible(ruler.mm_per_px):
        return replace(frame, warnings=(*frame.warnings, NO_RULER))
    mm = round(ruler.mm_per_px, _MM_DECIMALS)
    spacing = Spacing(mm, mm, SpacingSource.RULER, round(ruler.relative_error, _ERROR_DECIMALS))
    return replace(frame, spacing=spacing, regions=())
