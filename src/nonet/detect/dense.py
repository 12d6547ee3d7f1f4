"""Candidate boxes of a dense detector become one box per structure: the best, and what its neighbours say of the edges.

The layout is that of exported YOLO detectors: a column per candidate, centre, size and a score per class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["decode_dense"]

_BOX_ROWS = 4
_VOTE_IOU = 0.7
"""Candidates that overlap the best at least so much take part in placing the edges."""
_VOTE_SHARE = 0.1
"""Candidates below this share of the best score have no say."""


def decode_dense(
    candidates: NDArray[np.float32], spreads: NDArray[np.float32] | None = None
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """One box per structure; nothing is suppressed, for a structure occurs at most once.

    Parameters
    ----------
    candidates
        ``float32[4 + S, A]``: centre x, centre y, width, height in input pixels, then scores in 0 to 1.
    spreads
        ``float32[4, A]``: standard deviation of x1, y1, x2, y2 in input pixels, if the detector tells it.

    Returns
    -------
    Best scores ``float32[S]``, edges ``float32[S, 4]`` and spreads ``float32[S, 4]``: the mean over the
    candidates around the best, weighted by the square of their scores (box voting: Gidaris & Komodakis
    2015, arXiv 1505.01749). Spreads are NaN if there are none.
    """
    edges = _edges(candidates[:_BOX_ROWS])
    known = np.full_like(edges, np.nan) if spreads is None else spreads
    told = np.concatenate((edges, known)).astype(np.float64)
    scores = candidates[_BOX_ROWS:]
    best = scores.argmax(axis=1)
    placed = np.array([_placed(told, row, cell) for row, cell in zip(scores, best, strict=True)], np.float32)
    return scores[np.arange(len(scores)), best], placed[:, :_BOX_ROWS], placed[:, _BOX_ROWS:]


def _edges(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    half = boxes[2:] / 2
    return np.concatenate((boxes[:2] - half, boxes[:2] + half))


def _placed(told: NDArray[np.float64], scores: NDArray[np.float32], best: int) -> NDArray[np.float64]:
    """Mean of the columns of ``told`` that vote with the best."""
    voters = np.flatnonzero(scores >= _VOTE_SHARE * scores[best])
    voters = voters[(_overlap(told[:_BOX_ROWS, voters], told[:_BOX_ROWS, best]) >= _VOTE_IOU) | (voters == best)]
    weights = scores[voters].astype(np.float64) ** 2
    if not weights.any():
        return told[:, best]
    mean: NDArray[np.float64] = told[:, voters] @ weights / weights.sum()
    return mean


def _overlap(boxes: NDArray[np.float64], box: NDArray[np.float64]) -> NDArray[np.float64]:
    """IoU of boxes ``[4, n]`` with one, 0 for a box without area."""
    sides = np.minimum(boxes[2:], box[2:, None]) - np.maximum(boxes[:2], box[:2, None])
    inner = sides.clip(0).prod(axis=0)
    union = (boxes[2:] - boxes[:2]).prod(axis=0) + (box[2:] - box[:2]).prod() - inner
    overlap: NDArray[np.float64] = np.divide(inner, union, out=np.zeros_like(inner), where=union > 0)
    return overlap
