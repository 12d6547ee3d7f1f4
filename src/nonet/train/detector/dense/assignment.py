"""Which cells answer for which structure, and how well: task-aligned assignment.

Task alignment learning (Feng et al. 2021, arXiv 2108.07755, section 3.2) for frames in which a class
occurs at most once, so that a class is its object.
"""

from __future__ import annotations

import torch
from torch import Tensor

from nonet.train.detector.overlap import iou

__all__ = ["align"]

_SCORE_POWER = 1.0
_IOU_POWER = 6.0
_CELLS = 13
"""Cells that answer for a structure, at most."""


@torch.no_grad()
def align(scores: Tensor, predicted: Tensor, edges: Tensor, points: Tensor, strides: Tensor) -> Tensor:
    """Quality ``[N, S, A]`` that each cell's score should have: 0 where the cell answers for no structure.

    The cells whose middle lies in a structure's box compete by ``score x IoU^6``; the best 13 answer
    for it, and a cell that two structures want goes to the one it overlaps more. Qualities are
    scaled so that the best of a structure is the greatest IoU among its cells (equation 2 and
    the text below it).

    Parameters
    ----------
    scores
        ``[N, S, A]`` in 0 to 1.
    predicted
        ``[N, 4, A]`` edges in input pixels.
    edges
        ``[N, S, 4]`` reference edges in input pixels, NaN where unboxed.
    points, strides
        ``[A, 2]`` middles and ``[A]`` sides of the cells, input pixels.
    """
    overlap = iou(predicted.transpose(1, 2)[:, None], edges.nan_to_num(0)[:, :, None])
    allowed = _inside(points, edges, float(strides.min()))
    alignment = scores**_SCORE_POWER * overlap**_IOU_POWER
    chosen = _best(alignment.where(allowed, -1))
    chosen &= overlap.where(chosen, -1).argmax(1, keepdim=True) == _numbers(edges)
    alignment, overlap = alignment * chosen, overlap * chosen
    return alignment / alignment.amax(2, keepdim=True).clamp_min(torch.finfo().tiny) * overlap.amax(2, keepdim=True)


def _inside(points: Tensor, edges: Tensor, finest: float) -> Tensor:
    """Whether a cell's middle lies in the box, taken at least as large as the finest cell: ``[N, S, A]``.

    Comparison with the NaN of an unboxed structure is false.
    """
    centre = (edges[..., :2] + edges[..., 2:]) / 2
    reach = ((edges[..., 2:] - edges[..., :2]) / 2).clamp_min(finest / 2)
    return ((points - centre[:, :, None]).abs() <= reach[:, :, None]).all(-1)


def _best(alignment: Tensor) -> Tensor:
    """Where the greatest non-negative values of each row are."""
    values, cells = alignment.topk(min(_CELLS, alignment.shape[2]), dim=2)
    return torch.zeros_like(alignment, dtype=torch.bool).scatter_(2, cells, values >= 0)


def _numbers(edges: Tensor) -> Tensor:
    return torch.arange(edges.shape[1], device=edges.device)[None, :, None]
