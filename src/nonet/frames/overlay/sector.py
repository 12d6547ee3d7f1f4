"""Find the sector: the part of a frame that is ultrasound image.

Fluid in the sector is nearly as dark as the screen around it, but not quite. So the sector is the
convex hull of what lies above the black of the screen, after everything drawn was taken out. A
curved upper edge, near a curved probe, is filled up to its chord.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.frames.overlay.cells import cell_sums
from nonet.frames.sliding import opening

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["find_sector"]

_CELL = 4
_ABOVE_BLACK = 1.5
_DRAWN_SHARE = 0.3
_PANEL_SPREAD = 0.9
_PANEL_ABOVE_BLACK = 12
_LEAST_CELLS = 5
_LEAST_PART = 0.02


def find_sector(pixels: NDArray[np.uint8], overlay: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The sector of a frame.

    Parameters
    ----------
    pixels
        ``uint8[H, W]``.
    overlay
        ``bool[H, W]``, what is drawn on it.

    Returns
    -------
    ``bool[H, W]``; all False if nothing but black and overlay is there.
    """
    image = _image_cells(pixels, overlay)
    found = np.zeros(pixels.shape, np.bool_)
    rows = np.flatnonzero(image.any(axis=1))
    if rows.size:
        first, last = int(rows[0]) * _CELL, (int(rows[-1]) + 1) * _CELL
        left, right = _hull(image, rows)
        column = np.arange(pixels.shape[1])
        found[first:last] = (column >= left[:, None]) & (column < right[:, None])
    return found


def _image_cells(pixels: NDArray[np.uint8], overlay: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Cells of 4 x 4 pixels that show echoes: above black, not drawn, no flat panel; large parts only."""
    from scipy import ndimage

    sums, squares = _whole_cells(pixels.astype(np.float32)), _whole_cells(pixels.astype(np.float32) ** 2)
    variance = squares / _CELL**2 - (sums / _CELL**2) ** 2
    level = ndimage.uniform_filter(sums / _CELL**2, 3, mode="nearest")
    black = float(np.percentile(level, 1)) if level.size else 0.0
    panel = (variance < _PANEL_SPREAD**2) & (level > black + _PANEL_ABOVE_BLACK)
    drawn = _whole_cells(overlay.astype(np.float32)) >= _DRAWN_SHARE * _CELL**2
    image: NDArray[np.bool_] = (level > black + _ABOVE_BLACK) & ~drawn & ~panel
    if not image.any():
        return image
    image = opening(opening(image, _LEAST_CELLS, axis=0), _LEAST_CELLS, axis=1)
    labels, _ = ndimage.label(image)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    large: NDArray[np.bool_] = sizes >= max(1.0, _LEAST_PART * sizes.max())
    parts: NDArray[np.bool_] = large[labels]
    return image & parts


def _whole_cells(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sums over cells ``[H // 4, W // 4]``; a remainder of rows or columns is left out."""
    return cell_sums(values, _CELL)[: values.shape[0] // _CELL, : values.shape[1] // _CELL]


def _hull(image: NDArray[np.bool_], rows: NDArray[np.intp]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Left and right end of the convex hull for each pixel row from the first row of cells to the last."""
    some = image[rows]
    left = some.argmax(axis=1) * _CELL
    right = (image.shape[1] - some[:, ::-1].argmax(axis=1)) * _CELL
    heights = np.concatenate([rows * _CELL, (rows + 1) * _CELL])
    at = np.arange(rows[0] * _CELL, (rows[-1] + 1) * _CELL) + 0.5
    lower = _lower_envelope(heights, np.concatenate([left, left]), at)
    upper = -_lower_envelope(heights, -np.concatenate([right, right]), at)
    return np.floor(lower).astype(np.int64), np.ceil(upper).astype(np.int64)


def _lower_envelope(
    x: NDArray[np.signedinteger], y: NDArray[np.signedinteger], at: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The greatest convex function below the points, at the given places (Andrew's monotone chain)."""
    chain: list[tuple[int, int]] = []
    for point in sorted(zip(x.tolist(), y.tolist(), strict=True)):
        if chain and chain[-1][0] == point[0]:
            continue
        while len(chain) > 1 and _turns_up_too_late(chain[-2], chain[-1], point):
            chain.pop()
        chain.append(point)
    corners = np.array(chain, np.float64)
    return np.interp(at, corners[:, 0], corners[:, 1])


def _turns_up_too_late(one: tuple[int, int], middle: tuple[int, int], other: tuple[int, int]) -> bool:
    return (middle[0] - one[0]) * (other[1] - one[1]) <= (middle[1] - one[1]) * (other[0] - one[0])
