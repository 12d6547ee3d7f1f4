"""A frame without what a machine drew on it: marks filled from what surrounds them, the screen black.

What is left is image alone, so that nothing trained on it can lean on text, callipers,
the ruler, or where a machine puts them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nonet.frames.overlay.masks import mark

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.frame import Frame

__all__ = ["fill", "hide_overlay"]

_CELLS = (4, 16, 64)
"""Sides, in pixels, of the cells whose mean fills a hole: the finest with enough known pixels is taken."""
_LEAST_KNOWN = 0.3
_LEAST_SECTOR = 0.05


def hide_overlay(frame: Frame) -> Frame:
    """The frame with its overlay filled and everything outside its sector black, both masks in place.

    A sector of less than 5 % of the frame is taken for a failure to find it, and nothing is blackened.
    """
    marked = frame if frame.sector is not None else mark(frame)
    assert marked.overlay is not None
    assert marked.sector is not None
    pixels = fill(marked.pixels, marked.overlay)
    if marked.sector.mean() >= _LEAST_SECTOR:
        pixels = np.where(marked.sector, pixels, np.uint8(0))
    return replace(marked, pixels=pixels)


def fill(pixels: NDArray[np.uint8], holes: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Fill holes with the local mean of what is known around them.

    Parameters
    ----------
    pixels
        ``uint8[H, W]``.
    holes
        ``bool[H, W]``.
    """
    known = (~holes).astype(np.float32)
    grey = pixels.astype(np.float32) * known
    filled = np.zeros(pixels.shape, np.float32)
    for cell in reversed(_CELLS):
        mean, share = _cell_means(grey, known, cell)
        enough = (share >= _LEAST_KNOWN).astype(np.float32)
        filled = np.where(_enlarged(enough, cell, pixels.shape) > 0.99, _enlarged(mean, cell, pixels.shape), filled)
    return np.where(holes, np.clip(np.rint(filled), 0, 255).astype(np.uint8), pixels)


def _cell_means(
    grey: NDArray[np.float32], known: NDArray[np.float32], cell: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean of the known pixels of each cell and the share of pixels that are known."""
    total, count = _cell_sums(grey, cell), _cell_sums(known, cell)
    mean = total / np.maximum(count, 1)
    return mean.astype(np.float32), (count / cell**2).astype(np.float32)


def _cell_sums(values: NDArray[np.float32], cell: int) -> NDArray[np.float32]:
    height, width = values.shape
    padded = np.pad(values, ((0, -height % cell), (0, -width % cell)))
    blocks = padded.reshape(padded.shape[0] // cell, cell, padded.shape[1] // cell, cell)
    return np.asarray(blocks.sum(axis=(1, 3)), np.float32)


def _enlarged(cells: NDArray[np.float32], side: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
    from PIL import Image

    size = (cells.shape[1] * side, cells.shape[0] * side)
    large = Image.fromarray(cells).resize(size, Image.Resampling.BILINEAR)
    return np.asarray(large, np.float32)[: shape[0], : shape[1]]
