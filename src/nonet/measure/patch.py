"""A part of the head frame around a detected box, with what was drawn over it marked: where measurements are taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from numpy.typing import NDArray

    from nonet.detect.head_frame import HeadFrame
    from nonet.detect.located import Located
    from nonet.reading import Box

    Grey = NDArray[np.float64]

__all__ = ["HeadPicture", "Patch"]

T = TypeVar("T")

_DRAWN = 0.15
"""From this share on, a pixel of the head frame counts as drawn."""


@dataclass(frozen=True, slots=True)
class Patch:
    """A part of the head frame.

    Attributes
    ----------
    grey
        ``float64[H, W]``.
    known
        ``bool[H, W]``: False where something was drawn over the picture, which is no evidence.
    left, top
        Its corner in the head frame, pixels.
    box
        The detected box, in pixels of the patch.
    """

    grey: Grey
    known: NDArray[np.bool_]
    left: int
    top: int
    box: Box

    def to_head(self, x: float, y: float) -> tuple[float, float]:
        """A point of the patch in the head frame."""
        return float(x) + self.left, float(y) + self.top


@dataclass(frozen=True, slots=True)
class HeadPicture:
    """The head frame of a frame, its overlay filled, and where something was drawn over it.

    Attributes
    ----------
    pixels
        ``uint8[H, W]``.
    overlay
        ``bool[height, width]`` of the frame: where something was drawn; None where nothing counts as drawn.
    place
        Where the head frame lies in the frame.
    found
        What `once` has worked out.
    """

    pixels: NDArray[np.uint8]
    overlay: NDArray[np.bool_] | None
    place: HeadFrame
    found: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, located: Located) -> HeadPicture:
        """That of a frame that the detector has located, with its overlay hidden."""
        return cls(located.pixels, located.frame.overlay, located.place)

    def once(self, what: Hashable, work: Callable[[], T]) -> T:
        """What several measurements need of this picture, worked out by the first of them."""
        if what not in self.found:
            self.found[what] = work()
        value: T = self.found[what]
        return value

    def patch(self, box: Box, beside: float, above: float) -> Patch:
        """The part around a box, with margins at the sides and above and below, pixels; cut at the picture's edges."""
        height, width = self.pixels.shape
        left, right = _cut(box.x1 - beside, box.x2 + beside, width)
        top, bottom = _cut(box.y1 - above, box.y2 + above, height)
        grey = self.pixels[top:bottom, left:right].astype(np.float64)
        inside = type(box)(box.x1 - left, box.y1 - top, box.x2 - left, box.y2 - top)
        return Patch(grey, self._known((left, top, right, bottom)), left, top, inside)

    def _known(self, part: tuple[int, int, int, int]) -> NDArray[np.bool_]:
        left, top, right, bottom = part
        if self.overlay is None or left >= right or top >= bottom:
            return np.ones((bottom - top, right - left), np.bool_)
        drawn = self.once("overlay", lambda: np.asarray(self.overlay, np.uint8) * np.uint8(255))
        return self.place.apply_part(drawn, part) <= 255 * _DRAWN


def _cut(low: float, high: float, size: int) -> tuple[int, int]:
    first = min(max(int(low), 0), size)
    return first, max(min(int(np.ceil(high)), size), first)
