"""The part of a frame that the embedder looks at for a box: one shape for every structure, nothing stretched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nonet.errors import RegionError
from nonet.frames.window import resampled_window
from nonet.reading import Box

__all__ = ["Window", "crop", "touches"]

_MAX_MAGNIFICATION = 8.0


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
    return resampled_window(pixels, window.around(on_frame), (window.width, window.height))
