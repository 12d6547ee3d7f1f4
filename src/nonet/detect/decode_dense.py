"""The rows of a dense detector become candidates: the best boxes, and what their neighbours say of the edges.

The layout is that of exported YOLO detectors: a column per cell, with centre, size and a score per class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.detect.candidates import Candidates
from nonet.overlap import iou

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["decode_dense"]

_BOX_ROWS = 4
_LEAST_SHARE = 0.05
"""Boxes below this share of their structure's best score are no candidates and have no say."""
_VOTE_IOU = 0.7
"""Boxes that overlap a candidate at least so much take part in placing its edges."""
_SAME_IOU = 0.5
"""Boxes that overlap a candidate at least so much are not another."""


def decode_dense(
    outputs: NDArray[np.float32], spreads: NDArray[np.float32] | None = None, count: int = 1
) -> Candidates:
    """The ``count`` best boxes of every structure that do not overlap each other by half.

    Parameters
    ----------
    outputs
        ``float32[4 + S, A]``: centre x, centre y, width, height in input pixels, then scores in 0 to 1.
    spreads
        ``float32[4, A]``: how far off x1, y1, x2, y2 are likely to be, input pixels, if the network says.
    count
        How many candidates to give for each structure, at least 1.

    Returns
    -------
    Candidates in input pixels; edges and spreads are the mean over the boxes around the best, weighted
    by the square of their scores (box voting: Gidaris & Komodakis 2015, arXiv 1505.01749).
    """
    edges = _edges(outputs[:_BOX_ROWS].astype(np.float64))
    rows = edges if spreads is None else np.concatenate((edges, spreads.astype(np.float64)))
    best = np.zeros((len(outputs) - _BOX_ROWS, count), np.float32)
    placed = np.zeros((*best.shape, len(rows)), np.float32)
    for index, scores in enumerate(outputs[_BOX_ROWS:]):
        strong = np.flatnonzero(scores >= _LEAST_SHARE * scores.max())
        found = _greedy(rows[:, strong], scores[strong], count)
        best[index, : len(found)] = [score for score, _ in found]
        placed[index] = [place for _, place in found] + [found[0][1]] * (count - len(found))
    missing = np.full_like(placed[..., :_BOX_ROWS], np.nan)
    return Candidates(best, placed[..., :_BOX_ROWS], missing if spreads is None else placed[..., _BOX_ROWS:])


def _edges(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    half = boxes[2:] / 2
    return np.concatenate((boxes[:2] - half, boxes[:2] + half))


def _greedy(
    rows: NDArray[np.float64], scores: NDArray[np.float32], count: int
) -> list[tuple[np.float32, NDArray[np.float64]]]:
    """Score and place of the best, then of the best that is elsewhere, and so on."""
    found: list[tuple[np.float32, NDArray[np.float64]]] = []
    left = np.ones(len(scores), np.bool_)
    while left.any() and len(found) < count:
        best = int(np.where(left, scores, -1).argmax())
        overlap = iou(rows[:_BOX_ROWS].T, rows[:_BOX_ROWS, best])
        overlap[best] = 1
        found.append((scores[best], _mean(rows, scores * (overlap >= _VOTE_IOU), best)))
        left &= overlap < _SAME_IOU
    return found


def _mean(rows: NDArray[np.float64], scores: NDArray[np.float32], best: int) -> NDArray[np.float64]:
    weights = scores.astype(np.float64) ** 2
    return rows @ weights / weights.sum() if scores[best] else rows[:, best]
