"""Score, edge and spread maps become candidates: the peaks, and what their neighbours say of the edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.detect.candidates import Candidates
from nonet.frames.sliding import maximum

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["decode_maps"]

_REACH = 2
"""Cells on either side of a peak that take part in placing its edges, and in which it is the highest."""
_LEAST_SHARE = 0.05
"""Peaks below this share of their structure's highest are no candidates."""


def decode_maps(
    scores: NDArray[np.float32], edges: NDArray[np.float32], spreads: NDArray[np.float32] | None = None, count: int = 1
) -> Candidates:
    """The ``count`` highest peaks of every structure's score map.

    Parameters
    ----------
    scores
        ``float32[S, h, w]`` in 0 to 1.
    edges
        ``float32[S, 4, h, w]``: x1, y1, x2, y2 in input pixels, as each cell sees them.
    spreads
        ``float32[S, 4, h, w]``: how far off each edge is likely to be, input pixels.
    count
        How many candidates to give for each structure, at least 1.

    Returns
    -------
    Candidates in input pixels; edges and spreads are the mean over the cells around the peak,
    weighted by the square of their scores.
    """
    maps = edges if spreads is None else np.concatenate([edges, spreads], axis=1)
    best = np.zeros((len(scores), count), np.float32)
    placed = np.zeros((len(scores), count, maps.shape[1]), np.float32)
    found = _peaks(scores, count)
    for index, (score_map, peaks) in enumerate(zip(scores, found, strict=True)):
        for rank, peak in enumerate(peaks):
            best[index, rank] = score_map.flat[peak]
            placed[index, rank] = _around(score_map, maps[index], int(peak))
        placed[index, len(peaks) :] = placed[index, 0]
    missing = np.full_like(placed[..., :4], np.nan)
    return Candidates(best, placed[..., :4], missing if spreads is None else placed[..., 4:])


def _peaks(scores: NDArray[np.float32], count: int) -> list[NDArray[np.intp]]:
    """Flat positions of the highest local maxima of each map, the highest first."""
    if count == 1:
        return [np.array([each.argmax()]) for each in scores]
    side = 2 * _REACH + 1
    strong = scores >= _LEAST_SHARE * scores.max(axis=(1, 2), keepdims=True)
    highest = strong & (maximum(maximum(scores, side, axis=1), side, axis=2) == scores)
    peaks = [np.flatnonzero(each) for each in highest]
    return [at[np.argsort(-each.flat[at], kind="stable")][:count] for each, at in zip(scores, peaks, strict=True)]


def _around(scores: NDArray[np.float32], maps: NDArray[np.float32], peak: int) -> NDArray[np.float64]:
    height, width = scores.shape
    row, column = divmod(peak, width)
    rows = slice(max(row - _REACH, 0), min(row + _REACH + 1, height))
    columns = slice(max(column - _REACH, 0), min(column + _REACH + 1, width))
    weights = scores[rows, columns].astype(np.float64) ** 2
    mean: NDArray[np.float64] = (maps[:, rows, columns] * weights).sum(axis=(1, 2)) / weights.sum()
    return mean
