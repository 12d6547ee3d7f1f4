"""What a machine drew on a frame, and the sector, the part of the frame that is image."""

from __future__ import annotations

from nonet.frames.overlay.colour import coloured_pixels
from nonet.frames.overlay.hide import hide_overlay
from nonet.frames.overlay.masks import find_overlay, mark
from nonet.frames.overlay.sector import find_sector

__all__ = ["coloured_pixels", "find_overlay", "find_sector", "hide_overlay", "mark"]
