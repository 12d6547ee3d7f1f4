"""The training loss of the detector: where each structure's centre is, and how far its edges are.

Score maps follow the penalty-reduced focal loss with a Gaussian about the centre (Zhou et al. 2019,
arXiv 1904.07850) of elliptic shape (Liu et al. 2020, arXiv 1909.00700); edges are fitted around the
centre by generalised IoU (Rezatofighi et al. 2019, arXiv 1902.09630) and relative distance. The
spread of an edge is the scale of a Laplace distribution about it, by maximum likelihood; it learns
from the edge's error and does not move the edge.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from nonet.train.detector.network import STRIDE, Maps
from nonet.train.detector.overlap import generalised_iou

__all__ = ["detection_loss", "gaussian_targets"]

_SPREAD = 0.12
"""Standard deviation of a target as a share of the box's side."""
_MIN_SPREAD_CELLS = 0.8
_EDGE_FROM = 0.3
"""Cells whose target is at least this high learn the edges."""
_DISTANCE_WEIGHT = 1.0
_SPREAD_WEIGHT = 0.1


def gaussian_targets(edges: Tensor, height: int, width: int) -> Tensor:
    """Elliptic Gaussians ``[N, 9, height, width]`` about the centres of ``edges[N, 9, 4]`` (pixels).

    The cell that holds a centre is exactly 1; an unboxed structure (NaN) gives zeros.
    """
    known = ~edges.isnan().any(-1)
    filled = edges.nan_to_num(0.0) / STRIDE
    centre = (filled[..., :2] + filled[..., 2:]) / 2
    last = torch.tensor([width - 1.0, height - 1.0], device=edges.device)
    centre = torch.minimum(centre.floor().clamp_min(0), last)
    spread = ((filled[..., 2:] - filled[..., :2]) * _SPREAD).clamp_min(_MIN_SPREAD_CELLS)
    x = (torch.arange(width, device=edges.device) - centre[..., 0, None]) / spread[..., 0, None]
    y = (torch.arange(height, device=edges.device) - centre[..., 1, None]) / spread[..., 1, None]
    target = torch.exp(-0.5 * (x[..., None, :] ** 2 + y[..., :, None] ** 2))
    return target * known[..., None, None]


def detection_loss(maps: Maps, edges: Tensor, complete: Tensor, missing_weight: float) -> tuple[Tensor, Tensor]:
    """Score loss and edge loss of a batch.

    Parameters
    ----------
    maps
        What the network said.
    edges
        ``[N, 9, 4]`` reference edges in input pixels, NaN where unboxed.
    complete
        ``bool[N]``: frames of which it is known that an unboxed structure is not there.
    missing_weight
        Weight of the score map of an unboxed structure in any other frame: it may be there all the same.
    """
    target = gaussian_targets(edges, maps.logits.shape[-2], maps.logits.shape[-1])
    known = ~edges.isnan().any(-1)
    weight = torch.where(known | complete[:, None], 1.0, missing_weight)
    return _score_loss(maps.logits, target, known, weight), _edge_loss(maps, edges, target)


def _score_loss(logits: Tensor, target: Tensor, known: Tensor, weight: Tensor) -> Tensor:
    score = logits.sigmoid()
    centre = target == 1
    pull = (1 - score) ** 2 * functional.logsigmoid(logits) * centre
    push = (1 - target) ** 4 * score**2 * functional.logsigmoid(-logits) * ~centre
    return -((pull + push) * weight[..., None, None]).sum() / known.sum().clamp_min(1)


def _edge_loss(maps: Maps, edges: Tensor, target: Tensor) -> Tensor:
    image, structure, row, column = torch.nonzero(target >= _EDGE_FROM, as_tuple=True)
    if not len(image):
        return maps.edges.sum() * 0
    weight = target[image, structure, row, column]
    weight = weight / target.flatten(2).sum(-1).clamp_min(1)[image, structure]
    predicted = maps.edges[image, structure, :, row, column]
    reference = edges[image, structure]
    size = (reference[:, 2:] - reference[:, :2]).clamp_min(1).repeat(1, 2)
    distance = functional.smooth_l1_loss(predicted / size, reference / size, beta=0.05, reduction="none").sum(1)
    spread = maps.spreads[image, structure, :, row, column] / size
    surprise = ((predicted - reference).detach().abs() / size / spread + spread.log()).sum(1)
    loss = (1 - generalised_iou(predicted, reference)) + _DISTANCE_WEIGHT * distance + _SPREAD_WEIGHT * surprise
    return (loss * weight).sum() / weight.sum()
