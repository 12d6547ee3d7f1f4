"""The head: at every cell a score per class and, for each edge, a distribution of how far away it is.

Anchor-free and decoupled (FCOS: Tian et al. 2019, arXiv 1904.01355; YOLOX: Ge et al. 2021, arXiv
2107.08430), with distances as general distributions (Li et al. 2020, arXiv 2006.04388) and a
depthwise-separable class branch (YOLOv10: Wang et al. 2024, arXiv 2405.14458).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from nonet.train.trunks.yolo_blocks import ConvUnit

__all__ = ["BINS", "DenseHead"]

BINS = 16
"""Distances from a cell to an edge that a distribution knows: 0 to 15 strides."""

_PRIOR_SCORE = 0.002
"""About ten cells of some five thousand answer for a structure."""
_PRIOR_SLOPE = -0.5
"""Log-odds between neighbouring bins at the start: edges about 1.5 strides away."""
_MOST_CLASSES_WIDENING = 100


class DenseHead(nn.Module):
    """A box branch and a class branch at each level.

    Parameters
    ----------
    widths
        Channels of the levels, finest first.
    classes
        Number of classes.
    """

    def __init__(self, widths: tuple[int, ...], classes: int) -> None:
        super().__init__()
        box_width = max(4 * BINS, widths[0] // 4)
        class_width = max(widths[0], min(classes, _MOST_CLASSES_WIDENING))
        self.boxes = nn.ModuleList(_box_branch(width, box_width) for width in widths)
        self.scores = nn.ModuleList(_class_branch(width, class_width, classes) for width in widths)

    def forward(self, levels: list[Tensor]) -> tuple[Tensor, Tensor]:
        """Class logits ``[N, classes, A]`` and logits of distances ``[N, 4, 16, A]`` (left, top, right, bottom).

        The ``A`` cells of all levels follow each other, finest level first, row by row.
        """
        logits = [branch(level).flatten(2) for branch, level in zip(self.scores, levels, strict=True)]
        boxes = [branch(level).flatten(2) for branch, level in zip(self.boxes, levels, strict=True)]
        distances = torch.cat(boxes, 2)
        return torch.cat(logits, 2), distances.reshape(len(distances), 4, BINS, -1)


def _box_branch(inputs: int, width: int) -> nn.Sequential:
    last = nn.Conv2d(width, 4 * BINS, 1)
    with torch.no_grad():
        last.bias.copy_((_PRIOR_SLOPE * torch.arange(BINS)).repeat(4))  # type: ignore[union-attr]
    return nn.Sequential(ConvUnit(inputs, width, 3), ConvUnit(width, width, 3), last)


def _class_branch(inputs: int, width: int, classes: int) -> nn.Sequential:
    last = nn.Conv2d(width, classes, 1)
    nn.init.constant_(last.bias, math.log(_PRIOR_SCORE / (1 - _PRIOR_SCORE)))  # type: ignore[arg-type]
    return nn.Sequential(
        ConvUnit(inputs, inputs, 3, groups=inputs),
        ConvUnit(inputs, width),
        ConvUnit(width, width, 3, groups=width),
        ConvUnit(width, width),
        last,
    )
