"""The pixel size that a depth ruler on the screen implies."""

from __future__ import annotations

from nonet.frames.ruler.read_ruler import Ruler, read_ruler
from nonet.frames.ruler.ruler_spacing import with_ruler

__all__ = ["Ruler", "read_ruler", "with_ruler"]
