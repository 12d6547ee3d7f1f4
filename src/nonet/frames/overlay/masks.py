"""What a machine drew on a frame, and the part of the frame that is image, as two masks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nonet.frames.overlay.marks import fine_marks
from nonet.frames.overlay.panels import grey_bar, header, insets
from nonet.frames.overlay.sector import find_sector

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.frame import Frame

__all__ = ["find_overlay", "mark"]

_LEAST_SIDE = 32
"""Below this many rows or columns nothing legible can have been drawn."""


def find_overlay(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Text, callipers, ruler, grey scale bar, insets and header panel of a grey frame.

    Parameters
    ----------
    pixels
        ``uint8[H, W]``.

    Returns
    -------
    ``bool[H, W]``, all False for a frame of fewer than 32 rows or columns.
    """
    if min(pixels.shape) < _LEAST_SIDE:
        return np.zeros(pixels.shape, np.bool_)
    return fine_marks(pixels) | grey_bar(pixels) | insets(pixels) | header(pixels)


def mark(frame: Frame) -> Frame:
    """The frame with its ``overlay`` and ``sector`` filled; what was drawn in colour stays marked.

    Works on the frame's grey pixels, without knowledge of the machine, and costs tens of
    milliseconds; `nonet.frames.open_frames` leaves it to those who need the masks.
    """
    overlay = find_overlay(frame.pixels)
    if frame.overlay is not None:
        overlay |= frame.overlay
    return replace(frame, overlay=overlay, sector=find_sector(frame.pixels, overlay))
