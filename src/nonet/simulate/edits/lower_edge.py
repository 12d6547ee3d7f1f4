"""The lower edge of the picture in a frame, and the picture continued below it.

What lies below a structure can be carried along whole, and out of the picture, only if there is something to come in
where it moves up: the picture mirrored at its edge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from nonet.simulate.edits.window import FloatArray

__all__ = ["continued", "lower_edge"]

_BLACK, _SMEAR_PX = 8.0, 3
"""Pixels no brighter than this are outside the picture; its last rows are smeared."""
_DARK_PX, _STEADY_PX = 5, 31
"""Over so many columns a dark place is bridged, and the edge made steady."""


def lower_edge(grey: FloatArray) -> FloatArray:
    """The last row of the picture in each column, ``float64[W]``, of a frame ``float64[H, W]``, its marks hidden."""
    height = grey.shape[0]
    bright = grey > _BLACK
    last = np.where(bright.any(axis=0), height - 1 - bright[::-1].argmax(axis=0), 0)
    steady = ndimage.median_filter(ndimage.maximum_filter1d(last, _DARK_PX), _STEADY_PX)
    return np.asarray(np.maximum(steady - _SMEAR_PX, 0), np.float64)


def continued(grey: FloatArray, edge: FloatArray, rows: int) -> FloatArray:
    """A frame ``float64[H + rows, W]`` whose picture is mirrored at its lower edge."""
    height, width = grey.shape
    place, column = np.indices((height + rows, width))
    mirrored = np.where(place > edge, 2 * edge - place, place).astype(np.intp)
    return np.asarray(grey[np.clip(mirrored, 0, height - 1), column])
