"""A frame and its reading as outputs get them, with what several outputs show of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from nonet.frames.overlay.blank import blank
from nonet.outputs.burnt_in import BurntIn

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from nonet.frame import Frame
    from nonet.reading import Reading

__all__ = ["FrameResult", "shown_pixels"]

Made = TypeVar("Made")


class FrameResult:
    """A frame and its reading; what outputs show of them is made once, when it is first asked for, and ends with this.

    Parameters
    ----------
    frame, reading
        What was read, and what was said of it.
    """

    def __init__(self, frame: Frame, reading: Reading) -> None:
        self.frame, self.reading = frame, reading
        self._made: dict[tuple[object, BurntIn], Any] = {}

    def pixels(self, burnt_in: BurntIn) -> NDArray[np.uint8]:
        """The frame's pixels ``uint8[H, W]``, as they came or masked."""
        return self.once(_pixels, burnt_in)

    def once(self, make: Callable[[FrameResult, BurntIn], Made], burnt_in: BurntIn) -> Made:
        """What a function makes of this, from the first time on that it is asked for in this way."""
        if (make, burnt_in) not in self._made:
            self._made[make, burnt_in] = make(self, burnt_in)
        made: Made = self._made[make, burnt_in]
        return made


def shown_pixels(frame: Frame, burnt_in: BurntIn) -> NDArray[np.uint8]:
    """The pixels ``uint8[H, W]`` of a frame, as they came or with what the machine burnt in masked."""
    return blank(frame) if burnt_in is BurntIn.MASKED else frame.pixels


def _pixels(result: FrameResult, burnt_in: BurntIn) -> NDArray[np.uint8]:
    return shown_pixels(result.frame, burnt_in)
