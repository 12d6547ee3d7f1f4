"""A frame without what a machine drew on it: marks filled from what surrounds them, the screen black.

What is left is image alone, so that nothing trained on it can lean on text, callipers,
the ruler, or where a machine puts them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nonet.frames.mask_bounds import mask_bounds
from nonet.frames.overlay.cells import cell_sums
from nonet.frames.overlay.masks import mark

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.frame import Frame

__all__ = ["fill", "hide_overlay"]

_STEP = 4
_CELLS = (4, 16, 64)
"""Sides, in pixels, of the cells whose mean fills a hole: the finest with enough known pixels is taken. Each is `_STEP`
times the one before."""
_REACH = 2
"""Cells around a place that the bilinear filter may look at."""
_LEAST_KNOWN = 0.3
_LEAST_SECTOR = 0.05


def hide_overlay(frame: Frame) -> Frame:
    """The frame with its overlay filled and everything outside its sector black, both masks in place.

    A sector of less than 5 % of the frame is taken for a failure to find it, and nothing is blackened.
    """
    marked = frame if frame.sector is not None else mark(frame)
    assert marked.overlay is not None
    assert marked.sector is not None
    if marked.sector.mean() < _LEAST_SECTOR:
        return replace(marked, pixels=fill(marked.pixels, marked.overlay))
    pixels = fill(marked.pixels, marked.overlay, marked.sector)
    return replace(marked, pixels=np.where(marked.sector, pixels, np.uint8(0)))


def fill(
    pixels: NDArray[np.uint8], holes: NDArray[np.bool_], wanted: NDArray[np.bool_] | None = None
) -> NDArray[np.uint8]:
    """Fill holes with the local mean of what is known around them.

    Parameters
    ----------
    pixels
        ``uint8[H, W]``.
    holes
        ``bool[H, W]``.
    wanted
        ``bool[H, W]``: holes elsewhere may be left as they are; by default all are filled.
    """
    inside = holes if wanted is None else holes & wanted
    if not inside.any():
        return pixels.copy()
    part = mask_bounds(inside)
    inside = inside[part]
    known = ~holes
    total, count = np.where(known, pixels, 0).astype(np.float32), known.astype(np.float32)
    filled, empty = np.zeros(inside.shape, np.float32), inside.copy()
    for cell in _CELLS:
        total, count = cell_sums(total, _STEP), cell_sums(count, _STEP)
        enough = (count / cell**2 >= _LEAST_KNOWN).astype(np.float32)
        reached = empty & (_enlarged(enough, cell, part) > 0.99)
        mean = np.asarray(total / np.maximum(count, 1), np.float32)
        np.copyto(filled, _enlarged(mean, cell, part), where=reached)
        empty &= ~reached
        if not empty.any():
            break
    whole = pixels.copy()
    np.copyto(whole[part], np.clip(np.rint(filled), 0, 255).astype(np.uint8), where=inside)
    return whole


def _enlarged(cells: NDArray[np.float32], side: int, part: tuple[slice, slice]) -> NDArray[np.float32]:
    """A part of what cells look like at ``side`` pixels each, bilinear: those that it needs are enlarged."""
    from PIL import Image

    first = [max(pixels.start // side - _REACH, 0) for pixels in part]
    last = [pixels.stop // side + _REACH + 1 for pixels in part]
    near = np.ascontiguousarray(cells[first[0] : last[0], first[1] : last[1]])
    large = Image.fromarray(near).resize((near.shape[1] * side, near.shape[0] * side), Image.Resampling.BILINEAR)
    rows, columns = (slice(p.start - at * side, p.stop - at * side) for p, at in zip(part, first, strict=True))
    return np.asarray(large, np.float32)[rows, columns]
