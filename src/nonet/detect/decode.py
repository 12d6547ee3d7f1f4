"""Score and edge maps become one box per structure: the peak, and what its neighbours say of the edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["decode"]

_REACH = 2
"""Cells on either side of the peak that take part in placing the edges."""


def decode(scores: NDArray[np.float32], edges: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """One box per structure; nothing is suppressed, for a structure occurs at most once.

    Parameters
    ----------
    scores
        ``float32[S, h, w]`` in 0 to 1.
    edges
        ``float32[S, 4, h, w]``: x1, y1, x2, y2 in input pixels, as each cell sees them.

    Returns
    -------
    Peak scores ``float32[S]`` and edges ``float32[S, 4]``: the mean over the cells around the peak,
    weighted by the square of their scores.
    """
    count, height, width = scores.shape
    peaks = scores.reshape(count, -1).argmax(axis=1)
    best = np.empty(count, np.float32)
    placed = np.empty((count, 4), np.float32)
    for index, peak in enumerate(peaks):
        row, column = divmod(int(peak), width)
        rows = slice(max(row - _REACH, 0), min(row + _REACH + 1, height))
        columns = slice(max(column - _REACH, 0), min(column + _REACH + 1, width))
        best[index] = scores[index, row, column]
        weights = scores[index, rows, columns].astype(np.float64) ** 2
        votes = edges[index, :, rows, columns].astype(np.float64)
        placed[index] = (votes * weights).sum(axis=(1, 2)) / weights.sum()
    return best, placed
