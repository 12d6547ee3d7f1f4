"""What the detector made of a frame: where its head lies, what is seen of it at one scale, and nine boxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nonet.detect.head_frame import HeadFrame
    from nonet.frame import Frame
    from nonet.reading import Detection

__all__ = ["Located"]


@dataclass(frozen=True, slots=True)
class Located:
    """What the detector made of a frame.

    Attributes
    ----------
    frame
        The frame that was looked at.
    found
        Whether a head was found.
    place
        Where the head frame lies; the whole frame stands in its place where no head was found.
    pixels
        ``uint8[HEIGHT, WIDTH]``, those of the head frame.
    detections
        One for each structure, in the order of ``STRUCTURES``; boxes in frame pixels.
    """

    frame: Frame
    found: bool
    place: HeadFrame
    pixels: NDArray[np.uint8]
    detections: tuple[Detection, ...]
