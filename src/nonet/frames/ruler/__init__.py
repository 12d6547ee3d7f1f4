"""The pixel size that a depth ruler on the screen implies."""

from __future__ import annotations

from nonet.frames.ruler.read_ruler import Ruler, read_ruler

__all__ = ["Ruler", "read_ruler"]
