"""The blocks that YOLO11 is built of, shared by its trunk and by the neck and head over any trunk.

Cross-stage partial blocks (CSPNet: Wang et al. 2019, arXiv 1911.11929) as YOLO11 arranges them
(Khanam & Hussain 2024, arXiv 2410.17725), serial spatial pyramid pooling (He et al. 2014, arXiv
1406.4729) and partial self-attention (Wang et al. 2024, arXiv 2405.14458, section 3.3).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["C2PSA", "NANO", "SMALL", "SPPF", "Bottleneck", "C3k2", "ConvUnit", "Scale"]

_POOLED = 5
_HEAD_CHANNELS = 64


@dataclass(frozen=True, slots=True)
class Scale:
    """Multiples of the full model's channels and repeats."""

    width: float
    depth: float

    def channels(self, full: int) -> int:
        """Channels of a layer that has ``full`` of them at width 1, a multiple of 8."""
        return max(8, round(full * self.width / 8) * 8)

    def repeats(self, full: int) -> int:
        """Repeats of a block that has ``full`` of them at depth 1, at least one."""
        return max(1, round(full * self.depth))


NANO = Scale(width=0.25, depth=0.5)
SMALL = Scale(width=0.5, depth=0.5)


class ConvUnit(nn.Module):
    """Convolution, batch normalisation and, unless ``linear``, SiLU."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int = 1, *, stride: int = 1, groups: int = 1, linear: bool = False
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03)
        self.activation = nn.Identity() if linear else nn.SiLU(inplace=True)

    def forward(self, features: Tensor) -> Tensor:
        """Features ``[N, outputs, h / stride, w / stride]`` of ``[N, inputs, h, w]``."""
        made: Tensor = self.activation(self.norm(self.conv(features)))
        return made


class Bottleneck(nn.Module):
    """Two 3 x 3 units around a shortcut, ``hidden`` channels between them."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.body = nn.Sequential(ConvUnit(width, hidden, 3), ConvUnit(hidden, width, 3))

    def forward(self, features: Tensor) -> Tensor:
        """Features of the shape of those given."""
        made: Tensor = features + self.body(features)
        return made


class C3k2(nn.Module):
    """Cross-stage partial block: half of the channels passes a chain whose every link is kept.

    Parameters
    ----------
    inputs, outputs
        Channels before and after.
    repeats
        Links of the chain.
    share
        Channels of the chain as a share of ``outputs``.
    deep
        Links are cross-stage partial blocks of two bottlenecks (C3k) in place of one bottleneck.
    """

    def __init__(self, inputs: int, outputs: int, repeats: int, *, share: float = 0.5, deep: bool = False) -> None:
        super().__init__()
        width = int(outputs * share)
        self.enter = ConvUnit(inputs, 2 * width)
        self.chain = nn.ModuleList(
            _C3k(width) if deep else Bottleneck(width, hidden=width // 2) for _ in range(repeats)
        )
        self.leave = ConvUnit((2 + repeats) * width, outputs)

    def forward(self, features: Tensor) -> Tensor:
        """Features ``[N, outputs, h, w]`` of ``[N, inputs, h, w]``."""
        kept = list(self.enter(features).chunk(2, 1))
        for link in self.chain:
            kept.append(link(kept[-1]))
        made: Tensor = self.leave(torch.cat(kept, 1))
        return made


class SPPF(nn.Module):
    """Pooling over 5, 9 and 13 cells, as three poolings over 5 in series."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.enter = ConvUnit(width, width // 2)
        self.leave = ConvUnit(2 * width, width)

    def forward(self, features: Tensor) -> Tensor:
        """Features of the shape of those given."""
        pooled = [self.enter(features)]
        for _ in range(3):
            pooled.append(functional.max_pool2d(pooled[-1], _POOLED, stride=1, padding=_POOLED // 2))
        made: Tensor = self.leave(torch.cat(pooled, 1))
        return made


class C2PSA(nn.Module):
    """Cross-stage partial self-attention: half of the channels attends over the whole map."""

    def __init__(self, width: int, repeats: int) -> None:
        super().__init__()
        self.enter = ConvUnit(width, width)
        self.attend = nn.Sequential(*(_AttentionBlock(width // 2) for _ in range(repeats)))
        self.leave = ConvUnit(width, width)

    def forward(self, features: Tensor) -> Tensor:
        """Features of the shape of those given."""
        past, through = self.enter(features).chunk(2, 1)
        made: Tensor = self.leave(torch.cat((past, self.attend(through)), 1))
        return made


class _C3k(nn.Module):
    """Cross-stage partial block of two bottlenecks on half of the channels."""

    def __init__(self, width: int) -> None:
        super().__init__()
        half = width // 2
        self.past = ConvUnit(width, half)
        self.through = nn.Sequential(ConvUnit(width, half), Bottleneck(half, half), Bottleneck(half, half))
        self.leave = ConvUnit(2 * half, width)

    def forward(self, features: Tensor) -> Tensor:
        made: Tensor = self.leave(torch.cat((self.through(features), self.past(features)), 1))
        return made


class _AttentionBlock(nn.Module):
    """Self-attention, then a network of two layers at every cell, each around a shortcut."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.attention = _Attention(width)
        self.cellwise = nn.Sequential(ConvUnit(width, 2 * width), ConvUnit(2 * width, width, linear=True))

    def forward(self, features: Tensor) -> Tensor:
        features = features + self.attention(features)
        made: Tensor = features + self.cellwise(features)
        return made


class _Attention(nn.Module):
    """Attention among all cells, keys half as wide as values; a depthwise convolution tells where a value is.

    The position term is that of CSWin (Dong et al. 2021, arXiv 2107.00652, equation 8).
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.heads = max(1, width // _HEAD_CHANNELS)
        self.value_width = width // self.heads
        self.key_width = self.value_width // 2
        self.project = ConvUnit(width, self.heads * (2 * self.key_width + self.value_width), linear=True)
        self.position = ConvUnit(width, width, 3, groups=width, linear=True)
        self.leave = ConvUnit(width, width, linear=True)

    def forward(self, features: Tensor) -> Tensor:
        batch, width, height, columns = features.shape
        mixed = self.project(features).reshape(batch, self.heads, -1, height * columns)
        query, key, value = mixed.split((self.key_width, self.key_width, self.value_width), 2)
        weights = (query.transpose(2, 3) @ key * self.key_width**-0.5).softmax(-1)
        gathered = (value @ weights.transpose(2, 3)).reshape(batch, width, height, columns)
        made: Tensor = self.leave(gathered + self.position(value.reshape(batch, width, height, columns)))
        return made
