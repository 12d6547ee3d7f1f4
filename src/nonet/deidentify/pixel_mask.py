"""Which pixels of a frame are blanked: all outside the calibrated regions, and every overlay that is found inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from nonet.frames.overlay.blank import outside_image, words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.deidentify.pixel_frames import SourceFrames

    Mask = NDArray[np.bool_]

__all__ = ["BlankedPixels", "blanked_pixels"]

_STATIC_SHARE = 0.25
"""What is marked in so many frames of a cine is blanked in all."""


class BlankedPixels(NamedTuple):
    """What is blanked in each frame of a file.

    ``masks`` are packed bits, ``outside`` and ``overlay`` shares of all pixels, ``covers_all`` says that a region is
    the whole picture in some frame, ``sector_unknown`` that no sector was found where there is no region.
    """

    masks: list[NDArray[np.uint8]]
    shape: tuple[int, int]
    outside: float
    overlay: float
    regions: int
    covers_all: bool
    sector_unknown: bool

    def mask(self, index: int) -> Mask:
        """``bool[H, W]`` of a frame."""
        height, width = self.shape
        return np.unpackbits(self.masks[index], count=height * width).reshape(self.shape).astype(np.bool_)


def blanked_pixels(frames: SourceFrames) -> BlankedPixels:
    """What is blanked in each frame; each frame is decoded once.

    A file without calibrated regions is blanked outside its sector.
    """
    overlays, outsides, regions = [], [], []
    sector_unknown, covers_all, shape = False, False, (0, 0)
    marked: NDArray[np.uint16] | None = None
    for frame in (frames[index] for index in range(len(frames))):
        shape = (frame.grey.shape[0], frame.grey.shape[1])
        overlay = words(frame.grey, frame.coloured)
        outside = outside_image(frame.grey, frame.regions, overlay)
        sector_unknown |= outside is None
        outside = np.zeros(shape, np.bool_) if outside is None else outside
        covers_all |= bool(frame.regions) and not outside.any()
        marked = overlay.astype(np.uint16) if marked is None else marked + overlay
        overlays.append(np.packbits(overlay))
        outsides.append(np.packbits(outside))
        regions.append(len(frame.regions))
    assert marked is not None
    static = np.packbits(marked >= max(1.0, _STATIC_SHARE * len(frames)))
    inside = [(overlay | static) & ~outside for overlay, outside in zip(overlays, outsides, strict=True)]
    pixels = shape[0] * shape[1] * len(frames)
    return BlankedPixels(
        [own | outside for own, outside in zip(inside, outsides, strict=True)],
        shape,
        _count(outsides, shape) / pixels,
        _count(inside, shape) / pixels,
        min(regions),
        covers_all,
        sector_unknown,
    )


def _count(masks: list[NDArray[np.uint8]], shape: tuple[int, int]) -> int:
    return sum(int(np.unpackbits(mask, count=shape[0] * shape[1]).sum()) for mask in masks)
