"""A frame and its reading as outputs get them, with the pictures that several outputs show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.frames.overlay.blank import blank
from nonet.outputs.picture.draw import draw
from nonet.outputs.pixel_output import BurntIn

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    from nonet.frame import Frame
    from nonet.reading import Reading

__all__ = ["FrameResult"]


class FrameResult:
    """A frame and its reading; what outputs show of them is made once, when it is first asked for, and ends with this.

    Parameters
    ----------
    frame, reading
        What was read, and what was said of it.
    """

    def __init__(self, frame: Frame, reading: Reading) -> None:
        self.frame, self.reading = frame, reading
        self._pixels: dict[BurntIn, NDArray[np.uint8]] = {BurntIn.KEPT: frame.pixels}
        self._pictures: dict[BurntIn, Image.Image] = {}

    def pixels(self, burnt_in: BurntIn) -> NDArray[np.uint8]:
        """The frame's pixels ``uint8[H, W]``, as they came or masked."""
        if burnt_in not in self._pixels:
            self._pixels[burnt_in] = blank(self.frame)
        return self._pixels[burnt_in]

    def picture(self, burnt_in: BurntIn) -> Image.Image:
        """The frame with its findings, as `nonet.outputs.picture.draw.draw` draws it."""
        if burnt_in not in self._pictures:
            self._pictures[burnt_in] = draw(self.pixels(burnt_in), self.reading, burnt_in)
        return self._pictures[burnt_in]
