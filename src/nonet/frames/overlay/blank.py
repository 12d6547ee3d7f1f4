"""What must be blanked so that nothing a machine burnt in can be read: more than the marks themselves.

A mark that is found takes the faint letters beside it with it, and all that lies outside the image goes too. What is
blanked becomes black and is not filled: nobody should take it for image.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.frames.overlay.masks import find_overlay
from nonet.frames.overlay.sector import find_sector
from nonet.frames.sliding import maximum, minimum

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nonet.frame import Frame, Region

    Mask = NDArray[np.bool_]

__all__ = ["blank", "outside_image", "outside_regions", "outside_sector", "words"]

_WORD_GAP, _LINE_GAP = 25, 9
"""Marks that lie this near are one: the faint letters of a word go with the bright ones."""
_AROUND = 7
"""Width of the square that grows a mark: three pixels on each side."""
_LEAST_SECTOR = 0.05


def blank(frame: Frame) -> NDArray[np.uint8]:
    """The pixels of a frame ``uint8[H, W]`` with everything drawn that is found, and all outside the image, black."""
    drawn = words(frame.pixels, frame.overlay)
    return np.where(drawn | outside_image(frame.pixels, frame.regions, drawn), np.uint8(0), frame.pixels)


def words(grey: NDArray[np.uint8], coloured: Mask | None = None) -> Mask:
    """Everything drawn that is found, the gaps within words closed, and three pixels around.

    Parameters
    ----------
    grey
        ``uint8[H, W]``.
    coloured
        ``bool[H, W]``, what is drawn in colour, if there is any.

    Returns
    -------
    ``bool[H, W]``.
    """
    found = find_overlay(grey)
    if coloured is not None:
        found |= coloured
    padded = np.pad(found, _WORD_GAP)
    joined = minimum(minimum(maximum(maximum(padded, _WORD_GAP, 1), _LINE_GAP, 0), _LINE_GAP, 0), _WORD_GAP, 1)
    grown = maximum(maximum(joined, _AROUND, 1), _AROUND, 0)
    return grown[_WORD_GAP:-_WORD_GAP, _WORD_GAP:-_WORD_GAP]


def outside_image(grey: NDArray[np.uint8], regions: Sequence[Region], drawn: Mask) -> Mask:
    """What lies outside the calibrated regions or outside the sector, ``bool[H, W]``; nothing where both are unknown.

    Parameters
    ----------
    grey
        ``uint8[H, W]``.
    regions
        The calibrated regions of the frame.
    drawn
        ``bool[H, W]``, what is drawn on it.
    """
    outside = outside_regions(grey.shape, regions)
    beyond = outside_sector(grey, drawn)
    return outside if beyond is None else outside | beyond


def outside_regions(shape: tuple[int, ...], regions: Sequence[Region]) -> Mask:
    """What lies outside the calibrated regions, ``bool[H, W]``; nothing where there are none."""
    outside = np.full(shape, bool(regions))
    for region in regions:
        outside[int(region.y1) : int(region.y2), int(region.x1) : int(region.x2)] = False
    return outside


def outside_sector(grey: NDArray[np.uint8], drawn: Mask) -> Mask | None:
    """What lies outside the sector, ``bool[H, W]``, or None where less than 5 % of the frame is found to be sector."""
    sector = find_sector(grey, drawn)
    return ~sector if sector.mean() >= _LEAST_SECTOR else None
