"""The part of a frame that an edit works in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nonet.errors import SettingsError

if TYPE_CHECKING:
    from nonet.reading import Box

__all__ = ["FloatArray", "Window"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of whole pixels.

    Attributes
    ----------
    left, top, width, height
        In the frame.
    """

    left: int
    top: int
    width: int
    height: int

    @classmethod
    def around(cls, box: Box, beside: float, above: float, below: float, shape: tuple[int, ...]) -> Window:
        """The box with margins in pixels, cut at the frame's edges.

        Raises
        ------
        SettingsError
            If the box does not lie in the frame.
        """
        rows, columns = shape[0], shape[1]
        if not (box.x1 >= 0 and box.y1 >= 0 and box.x2 <= columns and box.y2 <= rows):
            raise SettingsError(
                "What is edited lies in its frame",
                found=f"a box {tuple(round(edge, 1) for edge in box.xyxy)} in a frame of {columns} x {rows}",
                remedy="Give the box in pixels of the frame",
            )
        left, top = max(int(box.x1 - beside), 0), max(int(box.y1 - above), 0)
        right, bottom = min(int(np.ceil(box.x2 + beside)), columns), min(int(np.ceil(box.y2 + below)), rows)
        return cls(left, top, right - left, bottom - top)

    @property
    def slices(self) -> tuple[slice, slice]:
        """Its rows and columns."""
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)

    def grid(self) -> tuple[FloatArray, FloatArray]:
        """Rows ``[H, 1]`` and columns ``[1, W]`` of its pixels, counted from its corner."""
        rows, columns = np.ogrid[: self.height, : self.width]
        return rows.astype(np.float64), columns.astype(np.float64)

    def axes(self, x: float, y: float, angle: float) -> tuple[FloatArray, FloatArray]:
        """How far each pixel lies along a line through a point and beside it, ``float64[H, W]``; angle in radians."""
        rows, columns = self.grid()
        cos, sin = np.cos(angle), np.sin(angle)
        return (columns - x) * cos + (rows - y) * sin, (rows - y) * cos - (columns - x) * sin

    def inside(self, box: Box) -> tuple[float, float, float, float]:
        """The edges of a box counted from its corner, so that whole numbers are middles of pixels."""
        return (
            box.x1 - self.left - 0.5,
            box.y1 - self.top - 0.5,
            box.x2 - self.left - 0.5,
            box.y2 - self.top - 0.5,
        )
