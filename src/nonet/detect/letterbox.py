"""Fitting a frame into a network's input and bringing boxes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Letterbox"]


@dataclass(frozen=True, slots=True)
class Letterbox:
    """A frame scaled by one factor to fit a canvas, centred, the rest black.

    ``scale`` is canvas pixels per frame pixel; ``left`` and ``top`` are the border in canvas pixels.
    """

    width: int
    height: int
    scale: float
    left: int
    top: int

    @classmethod
    def fit(cls, frame_width: int, frame_height: int, width: int, height: int) -> Letterbox:
        """The largest placement of a ``frame_width x frame_height`` image on the canvas."""
        scale = min(width / frame_width, height / frame_height)
        inner_width, inner_height = _scaled(frame_width, scale), _scaled(frame_height, scale)
        return cls(width, height, scale, (width - inner_width) // 2, (height - inner_height) // 2)

    def apply(self, pixels: NDArray[np.uint8], padding: float = 0.0) -> NDArray[np.float32]:
        """The canvas ``float32[height, width]`` in 0 to 1 for a frame ``uint8[H, W]``, ``padding`` around it."""
        frame_height, frame_width = pixels.shape
        size = (_scaled(frame_width, self.scale), _scaled(frame_height, self.scale))
        inner = Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR)
        canvas = np.full((self.height, self.width), padding, np.float32)
        canvas[self.top : self.top + size[1], self.left : self.left + size[0]] = np.asarray(inner, np.float32) / 255
        return canvas

    def to_frame(self, edges: NDArray[np.float32]) -> NDArray[np.float32]:
        """Canvas edges ``[..., 4]`` (x1, y1, x2, y2) in frame pixels."""
        border = np.array([self.left, self.top, self.left, self.top], np.float32)
        return (edges - border) / np.float32(self.scale)


def _scaled(size: int, scale: float) -> int:
    return max(1, round(size * scale))
