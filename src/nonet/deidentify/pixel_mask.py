"""Which pixels of a frame are blanked: all outside the calibrated regions and the sector, and the overlay inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from nonet.frames.overlay.blank import outside_regions, outside_sector, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nonet.deidentify.pixel_frames import SourceFrames

    Mask = NDArray[np.bool_]

__all__ = ["BlankedPixels", "blanked_pixels", "static_marks"]

_STATIC_SHARE = 0.25
"""What is marked in so many frames of a cine is blanked in all."""
_LEAST_OUTSIDE = 0.05
"""Regions that leave out less of a frame are taken for the whole picture: they do not say where text cannot be."""


class BlankedPixels(NamedTuple):
    """What is blanked in each frame of a file.

    ``masks`` are packed bits, ``outside`` and ``overlay`` shares of all pixels, ``regions`` the least number of a
    frame. ``regions_are_whole`` says that the regions leave out less than 5 % of some frame, ``sector_unknown`` that
    no sector was found in some frame.
    """

    masks: list[NDArray[np.uint8]]
    shape: tuple[int, int]
    outside: float
    overlay: float
    regions: int
    regions_are_whole: bool
    sector_unknown: bool

    @property
    def is_bounded(self) -> bool:
        """Whether regions and sector say, in every frame, where the image ends."""
        return self.regions > 0 and not self.regions_are_whole and not self.sector_unknown

    def mask(self, index: int) -> Mask:
        """``bool[H, W]`` of a frame."""
        height, width = self.shape
        return np.unpackbits(self.masks[index], count=height * width).reshape(self.shape).astype(np.bool_)


def blanked_pixels(frames: SourceFrames) -> BlankedPixels:
    """What is blanked in each frame; each frame is decoded once."""
    overlays, outsides, regions = [], [], []
    sector_unknown, whole, shape = False, False, (0, 0)
    for frame in (frames[index] for index in range(len(frames))):
        shape = (frame.grey.shape[0], frame.grey.shape[1])
        overlay = words(frame.grey, frame.coloured)
        outside, beyond = outside_regions(shape, frame.regions), outside_sector(frame.grey, overlay)
        whole |= bool(frame.regions) and outside.mean() < _LEAST_OUTSIDE
        sector_unknown |= beyond is None
        overlays.append(np.packbits(overlay))
        outsides.append(np.packbits(outside if beyond is None else outside | beyond))
        regions.append(len(frame.regions))
    static = static_marks(overlays)
    inside = [(overlay | static) & ~outside for overlay, outside in zip(overlays, outsides, strict=True)]
    pixels = shape[0] * shape[1] * len(frames)
    return BlankedPixels(
        [own | outside for own, outside in zip(inside, outsides, strict=True)],
        shape,
        _count(outsides, shape) / pixels,
        _count(inside, shape) / pixels,
        min(regions),
        whole,
        sector_unknown,
    )


def static_marks(overlays: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """What is marked in a quarter of the frames, of packed bits and as such."""
    marked = np.zeros(8 * overlays[0].size, np.uint32)
    for overlay in overlays:
        marked += np.unpackbits(overlay)
    return np.packbits(marked >= max(1.0, _STATIC_SHARE * len(overlays)))


def _count(masks: list[NDArray[np.uint8]], shape: tuple[int, int]) -> int:
    return sum(int(np.unpackbits(mask, count=shape[0] * shape[1]).sum()) for mask in masks)
