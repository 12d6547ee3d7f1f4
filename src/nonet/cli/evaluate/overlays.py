"""What an evaluation does with whatever a machine drew on a frame."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Overlays"]


class Overlays(StrEnum):
    """What to do with text, callipers and whatever else a machine drew."""

    KEEP = "keep"
    MASK = "mask"
