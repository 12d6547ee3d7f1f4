"""A check, no proof, of a cleaned picture: marks that look like text and are still there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.frames.overlay import find_overlay
from nonet.frames.overlay.hide import fill
from nonet.frames.sliding import maximum

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["text_like_marks"]

_NEAR_BLANKED = 9
_LEAST_WIDTH, _LEAST_PIXELS = 14, 60


def text_like_marks(grey: NDArray[np.uint8], blanked: NDArray[np.bool_]) -> int:
    """How many marks of the size of a word are left in a cleaned picture.

    Parameters
    ----------
    grey
        ``uint8[H, W]``, the picture after blanking.
    blanked
        ``bool[H, W]``, what was blanked; it is filled from its surroundings first, so that its own edge is no mark.
    """
    from scipy import ndimage

    marks = find_overlay(fill(grey, blanked))
    marks &= ~maximum(maximum(blanked, _NEAR_BLANKED, 1), _NEAR_BLANKED, 0)
    labels, _ = ndimage.label(marks)
    sizes = np.bincount(labels.ravel())
    found = ndimage.find_objects(labels)
    return sum(
        1
        for number, place in enumerate(found, start=1)
        if place[1].stop - place[1].start >= _LEAST_WIDTH and sizes[number] >= _LEAST_PIXELS
    )
