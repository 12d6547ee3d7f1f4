"""The detector network: any trunk, a feature pyramid down to stride 4, and a head of one map a structure.

A structure occurs at most once in a frame, so every structure has its own score map and its own
edge maps (centre points: Zhou et al. 2019, arXiv 1904.07850; pyramid: Lin et al. 2017, arXiv
1612.03144). Edges are in units of the structure's typical size, seen from every cell, each
with the scale of a Laplace distribution about it: how far off it is likely to be.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from nonet.anatomy import STRUCTURES
from nonet.train.trunks.trunk import Trunk

__all__ = ["STRIDE", "DetectorNetwork", "Maps"]

STRIDE = 4
"""Input pixels per cell of the head's maps."""

_PRIOR_SCORE = 0.01
_PRIOR_SPREAD = 0.08
_LOG_SPREAD_RANGE = (-6.0, 1.0)


class Maps(NamedTuple):
    """What the network says at every cell of ``h = H / 4`` rows and ``w = W / 4`` columns.

    Attributes
    ----------
    logits
        ``[N, 9, h, w]``: of the score that the structure's centre is here.
    edges
        ``[N, 9, 4, h, w]``: x1, y1, x2, y2 in input pixels.
    spreads
        ``[N, 9, 4, h, w]``: Laplace scale of each edge, input pixels.
    """

    logits: Tensor
    edges: Tensor
    spreads: Tensor


class DetectorNetwork(nn.Module):
    """Score and edge maps of the nine structures.

    Parameters
    ----------
    trunk
        Gives features at strides 4, 8, 16, 32.
    typical_size
        ``float[9, 2]``, typical width and height of each structure, as fractions of the input's
        width; edges are predicted in these units.
    width
        Channels of the pyramid and the head.

    Attributes
    ----------
    unit_width
        The width that sizes are fractions of, pixels; None takes that of each input, as in training, whose stages
        have inputs of several sizes. Where it is set, a smaller input is a smaller picture with smaller boxes.
    """

    typical_size: Tensor
    unit_width: int | None = None

    def __init__(self, trunk: Trunk, typical_size: Tensor, width: int = 64) -> None:
        super().__init__()
        self.trunk = trunk
        self.pyramid = _Pyramid(trunk.channels, width)
        self.score_branch = _Separable(width)
        self.edge_branch = nn.Sequential(_Separable(width), _Separable(width))
        self.scores = nn.Conv2d(width, len(STRUCTURES), 1)
        self.edges = nn.Conv2d(width, 4 * len(STRUCTURES), 1)
        self.spreads = nn.Conv2d(width, 4 * len(STRUCTURES), 1)
        nn.init.constant_(self.scores.bias, math.log(_PRIOR_SCORE / (1 - _PRIOR_SCORE)))  # type: ignore[arg-type]
        nn.init.normal_(self.edges.weight, std=0.01)
        nn.init.normal_(self.spreads.weight, std=0.01)
        nn.init.constant_(self.spreads.bias, math.log(_PRIOR_SPREAD))  # type: ignore[arg-type]
        with torch.no_grad():
            self.edges.bias.copy_(torch.tensor([-0.5, -0.5, 0.5, 0.5]).repeat(len(STRUCTURES)))  # type: ignore[union-attr]
        self.register_buffer("typical_size", typical_size.clone())

    def forward(self, grey: Tensor) -> Maps:
        """The maps of ``float32[N, 1, H, W]`` in 0 to 1."""
        features = self.pyramid(self.trunk(grey.expand(-1, 3, -1, -1)))
        logits = self.scores(self.score_branch(features))
        around = self.edge_branch(features)
        units = self.typical_size.repeat(1, 2)[:, :, None, None] * (self.unit_width or grey.shape[-1])
        offsets = self.edges(around).unflatten(1, (len(STRUCTURES), 4)) * units
        log_spreads = self.spreads(around).unflatten(1, (len(STRUCTURES), 4))
        return Maps(logits, _centres(logits) + offsets, log_spreads.clamp(*_LOG_SPREAD_RANGE).exp() * units)


def _centres(maps: Tensor) -> Tensor:
    """Middle of every cell as ``[4, h, w]``: x, y, x, y in input pixels."""
    height, width = maps.shape[-2:]
    x = (torch.arange(width, device=maps.device) + 0.5) * STRIDE
    y = (torch.arange(height, device=maps.device) + 0.5) * STRIDE
    return torch.stack([x.expand(height, width), y[:, None].expand(height, width)]).repeat(2, 1, 1)


class _Pyramid(nn.Module):
    """Top-down sum of the trunk's four maps at the finest stride."""

    def __init__(self, channels: tuple[int, ...], width: int) -> None:
        super().__init__()
        self.laterals = nn.ModuleList(
            nn.Sequential(nn.Conv2d(c, width, 1, bias=False), nn.BatchNorm2d(width)) for c in channels
        )
        self.smooth = nn.ModuleList(_Separable(width) for _ in channels)
        self.context = nn.Sequential(_Separable(width), _Separable(width))

    def forward(self, maps: list[Tensor]) -> Tensor:
        level: Tensor = self.context(self.laterals[-1](maps[-1]))
        for index in range(len(maps) - 2, -1, -1):
            finer = self.laterals[index](maps[index])
            level = self.smooth[index](finer + functional.interpolate(level, scale_factor=2.0, mode="nearest"))
        return level


class _Separable(nn.Module):
    """Depthwise 5 x 5, pointwise, each normalised, around a shortcut."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(width, width, 5, padding=2, groups=width, bias=False),
            nn.BatchNorm2d(width),
            nn.Conv2d(width, width, 1, bias=False),
            nn.BatchNorm2d(width),
        )

    def forward(self, features: Tensor) -> Tensor:
        return functional.relu(features + self.body(features), inplace=True)
