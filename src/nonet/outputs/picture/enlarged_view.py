"""A part of a frame shown larger or smaller on a sheet: its pixels, and where frame pixels come to lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

from nonet.reading import Box

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["View"]


@dataclass(frozen=True, slots=True)
class View:
    """``part`` of the frame, ``scale`` times as large, its upper left corner at (``left``, ``top``).

    Parameters
    ----------
    part
        In frame pixels, within the frame.
    scale
        Sheet pixels per frame pixel.
    left, top
        Sheet pixels.
    """

    part: Box
    scale: float
    left: int
    top: int

    @property
    def width(self) -> int:
        """Sheet pixels."""
        return max(round(self.part.width * self.scale), 1)

    @property
    def height(self) -> int:
        """Sheet pixels."""
        return max(round(self.part.height * self.scale), 1)

    @property
    def right(self) -> int:
        """First sheet column after the view."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """First sheet row after the view."""
        return self.top + self.height

    def place(self, box: Box) -> Box:
        """Where a box of the frame lies on the sheet, kept at least one pixel large and within the view."""
        x1, x2 = (self.left + (x - self.part.x1) * self.scale for x in (box.x1, box.x2))
        y1, y2 = (self.top + (y - self.part.y1) * self.scale for y in (box.y1, box.y2))
        x1, x2 = _clipped(x1, x2, self.left, self.right)
        y1, y2 = _clipped(y1, y2, self.top, self.bottom)
        return Box(x1, y1, x2, y2)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the frame lies on the sheet."""
        return self.left + (x - self.part.x1) * self.scale, self.top + (y - self.part.y1) * self.scale

    def render(self, pixels: NDArray[np.uint8]) -> Image.Image:
        """The part's grey pixels at sheet size, by bicubic interpolation.

        Parameters
        ----------
        pixels
            ``uint8[H, W]``, the whole frame.
        """
        size = self.width, self.height
        return Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC, box=self.part.xyxy)


def _clipped(low: float, high: float, least: float, most: float) -> tuple[float, float]:
    low = min(max(low, least), most - 1)
    return low, max(min(high, most), low + 1)
