"""How much boxes overlap, and by how much to move one onto another, as tensors that are trained through.

Generalised IoU: Rezatofighi et al. 2019, arXiv 1902.09630. Complete IoU: Zheng et al. 2019, arXiv 1911.08287.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

__all__ = ["complete_iou", "generalised_iou", "iou"]

_TINY = 1e-7


def iou(a: Tensor, b: Tensor) -> Tensor:
    """Intersection over union of boxes ``[..., 4]`` (x1, y1, x2, y2), shapes broadcast."""
    inner = (torch.minimum(a[..., 2:], b[..., 2:]) - torch.maximum(a[..., :2], b[..., :2])).clamp_min(0).prod(-1)
    return inner / (_sides(a).prod(-1) + _sides(b).prod(-1) - inner).clamp_min(_TINY)


def generalised_iou(a: Tensor, b: Tensor) -> Tensor:
    """IoU less the share of the hull that neither box covers, -1 to 1, of boxes ``[..., 4]``."""
    inner = (torch.minimum(a[..., 2:], b[..., 2:]) - torch.maximum(a[..., :2], b[..., :2])).clamp_min(0).prod(-1)
    outer = (torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])).clamp_min(1e-6).prod(-1)
    union = _sides(a).prod(-1) + _sides(b).prod(-1) - inner
    return inner / union.clamp_min(1e-6) - (outer - union) / outer


def complete_iou(a: Tensor, b: Tensor) -> Tensor:
    """IoU less the centres' distance and the difference in shape, 1 at best (equations 7 to 11)."""
    overlap = iou(a, b)
    apart = ((a[..., :2] + a[..., 2:] - b[..., :2] - b[..., 2:]) ** 2).sum(-1) / 4
    hull = torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])
    shape = 4 / math.pi**2 * (_angle(b) - _angle(a)) ** 2
    with torch.no_grad():
        weight = shape / (1 - overlap + shape).clamp_min(_TINY)
    return overlap - apart / (hull**2).sum(-1).clamp_min(_TINY) - weight * shape


def _sides(boxes: Tensor) -> Tensor:
    return (boxes[..., 2:] - boxes[..., :2]).clamp_min(0)


def _angle(boxes: Tensor) -> Tensor:
    width, height = _sides(boxes).unbind(-1)
    return torch.atan2(width, height + _TINY)
