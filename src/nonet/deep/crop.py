"""The part of a frame that the embedder looks at for a box: one shape for every structure, nothing stretched."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nonet.errors import InputTooLarge, RegionError
from nonet.reading import Box

__all__ = ["Window", "crop", "touches"]

_MAX_MAGNIFICATION = 8.0
_MAX_PIXELS = 64 << 20


@dataclass(frozen=True, slots=True)
class Window:
    """The shape of a crop.

    Parameters
    ----------
    width, height
        Size of the crop, pixels.
    margin
        What is shown around the box on every side at least, as a share of the box's side.
    """

    width: int
    height: int
    margin: float

    def around(self, box: Box) -> tuple[float, float, float, float]:
        """The place shown for a box: x1, y1, x2, y2 in frame pixels, of the crop's shape, the box in its middle.

        It is as small as box and margin allow, but never magnifies more than eight times.
        """
        enlarged = 1 + 2 * self.margin
        pixel = max(box.width * enlarged / self.width, box.height * enlarged / self.height, 1 / _MAX_MAGNIFICATION)
        x, y = (box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2
        half_width, half_height = pixel * self.width / 2, pixel * self.height / 2
        return x - half_width, y - half_height, x + half_width, y + half_height


def touches(box: Box, pixels: NDArray[np.uint8]) -> bool:
    """Whether any part of a box lies on pixels ``[H, W]``."""
    height, width = pixels.shape
    return box.x1 < width and box.y1 < height and box.x2 > 0 and box.y2 > 0


def crop(pixels: NDArray[np.uint8], box: Box, window: Window) -> NDArray[np.uint8]:
    """What the embedder sees of a box: the box and its surroundings at one scale in x and y.

    A long thin box fills the crop's width, and more of the frame is shown above and below it; beyond
    the frame there is black. Of a box that reaches out of the frame, the part on the frame counts.

    Parameters
    ----------
    pixels
        ``uint8[H, W]``.
    box
        A pixel box.
    window
        The crop's shape.

    Returns
    -------
    ``uint8[window.height, window.width]``, resampled by a triangle filter as wide as a crop pixel.

    Raises
    ------
    RegionError
        If the box does not touch the frame.
    InputTooLarge
        If what is shown has more than 64 Mi pixels.
    """
    height, width = pixels.shape
    if not touches(box, pixels):
        raise RegionError(
            "A box to be described touches the frame",
            found=f"{box.xyxy} beside {width} x {height} pixels",
            remedy="Check that box and frame belong together",
        )
    on_frame = Box(max(box.x1, 0.0), max(box.y1, 0.0), min(box.x2, float(width)), min(box.y2, float(height)))
    x1, y1, x2, y2 = window.around(on_frame)
    left, top, right, bottom = math.floor(x1), math.floor(y1), math.ceil(x2), math.ceil(y2)
    shown = Image.fromarray(_cut(pixels, left, top, right, bottom))
    place = (x1 - left, y1 - top, x2 - left, y2 - top)
    return np.asarray(shown.resize((window.width, window.height), Image.Resampling.BILINEAR, box=place))


def _cut(pixels: NDArray[np.uint8], left: int, top: int, right: int, bottom: int) -> NDArray[np.uint8]:
    """``[top, bottom) x [left, right)`` of a frame, black beyond it."""
    height, width = pixels.shape
    if (bottom - top) * (right - left) > _MAX_PIXELS:
        raise InputTooLarge(
            f"A crop shows at most {_MAX_PIXELS} pixels",
            found=f"{right - left} x {bottom - top} on a frame of {width} x {height}",
            remedy="Cut the frame to its image",
        )
    cut = np.zeros((bottom - top, right - left), np.uint8)
    inner = pixels[max(top, 0) : min(bottom, height), max(left, 0) : min(right, width)]
    y, x = max(-top, 0), max(-left, 0)
    cut[y : y + inner.shape[0], x : x + inner.shape[1]] = inner
    return cut
