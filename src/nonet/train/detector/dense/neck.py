"""The neck: a pyramid down to fine cells and up again (PANet: Liu et al. 2018, arXiv 1803.01534), with C3k2."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from nonet.train.trunks.yolo_blocks import C3k2, ConvUnit, Scale

__all__ = ["STRIDES", "Neck"]

STRIDES = (4, 8, 16, 32)
"""Strides of a trunk's maps."""

_CHANNELS_PER_STRIDE = 32
_REPEATS = 2


class Neck(nn.Module):
    """Mixes the levels of any trunk.

    Parameters
    ----------
    channels
        Widths of the trunk's maps at strides 4, 8, 16 and 32.
    scale
        Multiples of channels and repeats.
    finest_stride
        8 as published, or 4 for small structures.

    Attributes
    ----------
    strides, widths
        Strides of the levels given, finest first, and their channels.
    """

    def __init__(self, channels: tuple[int, int, int, int], scale: Scale, finest_stride: int = 8) -> None:
        super().__init__()
        first = STRIDES.index(finest_stride)
        self.strides = STRIDES[first:]
        self.widths = tuple(scale.channels(_CHANNELS_PER_STRIDE * stride) for stride in self.strides)
        repeats = scale.repeats(_REPEATS)
        entering = channels[first:]
        narrowed = [*self.widths[:-1], entering[-1]]
        levels = range(len(self.strides) - 1)
        self.refine = nn.ModuleList(C3k2(narrowed[i + 1] + entering[i], narrowed[i], repeats) for i in levels)
        self.halve = nn.ModuleList(ConvUnit(width, width, 3, stride=2) for width in self.widths[:-1])
        self.coarsen = nn.ModuleList(
            C3k2(self.widths[i] + narrowed[i + 1], self.widths[i + 1], repeats, deep=i == levels[-1]) for i in levels
        )

    def forward(self, maps: list[Tensor]) -> list[Tensor]:
        """Levels, finest first, of a trunk's four maps."""
        levels = maps[-len(self.strides) :]
        for i in range(len(levels) - 2, -1, -1):
            doubled = functional.interpolate(levels[i + 1], scale_factor=2.0, mode="nearest")
            levels[i] = self.refine[i](torch.cat((doubled, levels[i]), 1))
        for i in range(len(levels) - 1):
            levels[i + 1] = self.coarsen[i](torch.cat((self.halve[i](levels[i]), levels[i + 1]), 1))
        return levels
