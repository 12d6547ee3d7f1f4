"""What the dense detector network is taught: to score a cell by how well it answers, and where the edges are.

Scores by binary cross-entropy against task-aligned qualities (Feng et al. 2021, arXiv 2108.07755),
edges by complete IoU (Zheng et al. 2019, arXiv 1911.08287) and distribution focal loss (Li et al.
2020, arXiv 2006.04388, equation 6).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from nonet.train.detector.dense.assignment import align
from nonet.train.detector.dense.dense_head import BINS
from nonet.train.detector.dense.dense_network import Proposals
from nonet.train.detector.overlap import complete_iou

__all__ = ["dense_loss", "distribution_focal_loss"]

_DISTRIBUTION_WEIGHT = 0.125
"""To that of IoU, as in arXiv 2006.04388, section 4: 0.25 to 2."""


def dense_loss(proposals: Proposals, edges: Tensor, complete: Tensor, missing_weight: float) -> tuple[Tensor, Tensor]:
    """Score loss and edge loss of a batch.

    Parameters
    ----------
    proposals
        What the network said.
    edges
        ``[N, S, 4]`` reference edges in input pixels, NaN where unboxed.
    complete
        ``bool[N]``: frames of which it is known that an unboxed structure is not there.
    missing_weight
        Weight of the scores of an unboxed structure in any other frame: it may be there all the same.
    """
    predicted = proposals.edges()
    scores = proposals.logits.detach().sigmoid()
    quality = align(scores, predicted.detach(), edges, proposals.points, proposals.strides)
    known = ~edges.isnan().any(-1)
    weight = torch.where(known | complete[:, None], 1.0, missing_weight)
    return _score_loss(proposals.logits, quality, weight), _edge_loss(proposals, predicted, edges, quality)


def distribution_focal_loss(logits: Tensor, distance: Tensor) -> Tensor:
    """Cross-entropy of the two bins beside a distance, each by its nearness.

    Parameters
    ----------
    logits
        ``[..., 16]``.
    distance
        ``[...]`` in strides; beyond the last bin counts as the last.
    """
    distance = distance.clamp(0, BINS - 1)
    low = distance.floor().clamp_max(BINS - 2)
    chances = logits.log_softmax(-1)
    pair = chances.gather(-1, torch.stack((low, low + 1), -1).long())
    return -(pair[..., 0] * (low + 1 - distance) + pair[..., 1] * (distance - low))


def _score_loss(logits: Tensor, quality: Tensor, weight: Tensor) -> Tensor:
    loss = functional.binary_cross_entropy_with_logits(logits, quality, reduction="none")
    return (loss * weight[..., None]).sum() / quality.sum().clamp_min(1)


def _edge_loss(proposals: Proposals, predicted: Tensor, edges: Tensor, quality: Tensor) -> Tensor:
    image, structure, cell = torch.nonzero(quality, as_tuple=True)
    if not len(image):
        return predicted.sum() * 0
    weight = quality[image, structure, cell]
    reference, points = edges[image, structure], proposals.points[cell]
    away = torch.cat((points - reference[:, :2], reference[:, 2:] - points), 1) / proposals.strides[cell, None]
    distribution = distribution_focal_loss(proposals.distances[image, :, :, cell], away).mean(1)
    overlap = complete_iou(predicted[image, :, cell], reference)
    return ((1 - overlap + _DISTRIBUTION_WEIGHT * distribution) * weight).sum() / weight.sum()
