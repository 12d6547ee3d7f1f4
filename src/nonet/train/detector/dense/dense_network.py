"""The dense detector network: any trunk, the neck, the head, and what its proposals mean in pixels."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from nonet.anatomy import STRUCTURES
from nonet.train.detector.dense.dense_head import BINS, DenseHead
from nonet.train.detector.dense.neck import Neck
from nonet.train.trunks.trunk import Trunk
from nonet.train.trunks.yolo_blocks import NANO, Scale

__all__ = ["DenseNetwork", "Proposals"]


class Proposals(NamedTuple):
    """What the network says at each of its ``A`` cells.

    Attributes
    ----------
    logits
        ``[N, classes, A]``: of the score that the cell answers for the class.
    distances
        ``[N, 4, 16, A]``: logits of the distance to the left, top, right and bottom edge, 0 to 15 strides.
    points
        ``[A, 2]``: x and y of each cell's middle, input pixels.
    strides
        ``[A]``: side of each cell, input pixels.
    """

    logits: Tensor
    distances: Tensor
    points: Tensor
    strides: Tensor

    def edges(self) -> Tensor:
        """Expected x1, y1, x2, y2 in input pixels, ``[N, 4, A]``."""
        left_top, right_bottom = (self._mean() * self.strides).chunk(2, 1)
        return torch.cat((self.points.T - left_top, self.points.T + right_bottom), 1)

    def spreads(self) -> Tensor:
        """Standard deviation of each edge's distribution, input pixels, ``[N, 4, A]``."""
        away = (_bins(self.distances) - self._mean()[:, :, None]) ** 2
        return (self.distances.softmax(2) * away).sum(2).sqrt() * self.strides

    def _mean(self) -> Tensor:
        return (self.distances.softmax(2) * _bins(self.distances)).sum(2)


class DenseNetwork(nn.Module):
    """A box and its scores at every cell of every level.

    Parameters
    ----------
    trunk
        Gives features at strides 4, 8, 16, 32.
    scale
        Multiples of the neck's channels and repeats.
    finest_stride
        Of the levels with a head: 8 as published, or 4 for small structures.
    classes
        Number of classes.
    """

    def __init__(
        self, trunk: Trunk, scale: Scale = NANO, *, finest_stride: int = 8, classes: int = len(STRUCTURES)
    ) -> None:
        super().__init__()
        self.trunk = trunk
        self.neck = Neck(trunk.channels, scale, finest_stride)
        self.head = DenseHead(self.neck.widths, classes)

    def forward(self, grey: Tensor) -> Proposals:
        """The proposals of ``float32[N, 1, H, W]`` in 0 to 1; H and W are multiples of 32."""
        levels = self.neck(self.trunk(grey.expand(-1, 3, -1, -1)))
        cells = [_cells(level, stride) for level, stride in zip(levels, self.neck.strides, strict=True)]
        sides = [
            points.new_full((len(points),), stride) for points, stride in zip(cells, self.neck.strides, strict=True)
        ]
        logits, distances = self.head(levels)
        return Proposals(logits, distances, torch.cat(cells), torch.cat(sides))


def _cells(level: Tensor, stride: int) -> Tensor:
    """Middle of every cell, row by row, ``[h * w, 2]`` in input pixels."""
    height, width = level.shape[-2:]
    x = (torch.arange(width, device=level.device) + 0.5) * stride
    y = (torch.arange(height, device=level.device) + 0.5) * stride
    return torch.stack((x.repeat(height), y.repeat_interleave(width)), 1)


def _bins(distances: Tensor) -> Tensor:
    return torch.arange(BINS, dtype=distances.dtype, device=distances.device)[:, None]
