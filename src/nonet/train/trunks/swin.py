"""A Swin trunk that two cores can train: shifted-window attention above an ImageNet-warm convolutional stem.

Strides 4 and 8 are EfficientNet-lite0's first stages with their ImageNet weights; strides 16 and 32
are Swin stages (Liu et al. 2021, arXiv 2103.14030), for which no weights of this size are published.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from nonet.train.trunks.efficientnet_lite import EfficientNetLite0
from nonet.train.trunks.trunk import Trunk
from nonet.train.trunks.windows import WINDOW, Windows, relative_positions

__all__ = ["SwinSmall", "WindowAttention"]

_STEM_STAGES = 3
"""Cache of EfficientNet-lite0 that are kept: to stride 8."""
_STEM_TAPS = (1, 2)
_WIDTHS, _DEPTHS, _HEADS = (96, 192), (4, 2), (3, 6)
_SPREAD = 0.02
"""Standard deviation of fresh weights, as Swin begins."""


class SwinSmall(Trunk):
    """EfficientNet-lite0 to stride 8, then two Swin stages of 96 and 192 channels (1.5 M weights)."""

    channels = (24, 40, *_WIDTHS)
    any_size = False

    def __init__(self, stem: EfficientNetLite0) -> None:
        super().__init__()
        self.stem = stem.stem
        self.stages = nn.ModuleList(list(stem.stages)[:_STEM_STAGES])
        inputs = (self.channels[1], _WIDTHS[0])
        self.merges = nn.ModuleList(_Merge(i, o) for i, o in zip(inputs, _WIDTHS, strict=True))
        self.swin = nn.ModuleList(
            nn.Sequential(*(_Block(width, heads, shifted=bool(index % 2)) for index in range(depth)))
            for width, depth, heads in zip(_WIDTHS, _DEPTHS, _HEADS, strict=True)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width) for width in _WIDTHS)
        for part in (self.merges, self.swin):
            part.apply(_begin)

    def forward(self, image: Tensor) -> list[Tensor]:
        """Features at strides 4, 8, 16, 32 of ``float32[N, 3, H, W]`` in 0 to 1."""
        taps = []
        features = self.stem(image * 2 - 1)
        for index, stage in enumerate(self.stages):
            features = stage(features)
            if index in _STEM_TAPS:
                taps.append(features)
        tokens = features.permute(0, 2, 3, 1)
        for merge, blocks, norm in zip(self.merges, self.swin, self.norms, strict=True):
            tokens = blocks(merge(tokens))
            taps.append(norm(tokens).permute(0, 3, 1, 2))
        return taps

    @classmethod
    def imagenet(cls) -> SwinSmall:
        """The trunk with ImageNet weights to stride 8; the Swin stages begin at random."""
        return cls(EfficientNetLite0.imagenet())


class WindowAttention(nn.Module):
    """Attention within windows of 7 x 7 tokens, with a bias for every relative position.

    Parameters
    ----------
    width
        Channels, a multiple of ``heads``.
    heads
        Attention heads.
    """

    relative: Tensor

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.project = nn.Linear(width, width)
        self.bias = nn.Parameter(torch.zeros((2 * WINDOW - 1) ** 2, heads))
        nn.init.trunc_normal_(self.bias, std=_SPREAD)
        self.register_buffer("relative", relative_positions(), persistent=False)

    def forward(self, windows: Tensor, apart: Tensor | None) -> Tensor:
        """Tokens ``[N, windows, 49, C]`` after attending to their window.

        ``apart`` is ``[windows, 1, 49, 49]``: minus infinity, in effect, between tokens that are no neighbours.
        """
        batch, count, tokens, width = map(int, windows.shape)
        qkv = self.qkv(windows).reshape(batch, count, tokens, 3, self.heads, width // self.heads)
        query, key, value = qkv.permute(3, 0, 1, 4, 2, 5).unbind(0)
        bias = self.bias[self.relative.flatten()].reshape(tokens, tokens, self.heads).permute(2, 0, 1)
        mask = bias if apart is None else bias + apart.to(bias.device)
        attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        return cast("Tensor", self.project(attended.transpose(2, 3).reshape(batch, count, tokens, width)))


class _Block(nn.Module):
    """Window attention and a two-layer network, each normalised before and around a shortcut."""

    def __init__(self, width: int, heads: int, *, shifted: bool) -> None:
        super().__init__()
        self.shifted = shifted
        self.before_attention = nn.LayerNorm(width)
        self.attention = WindowAttention(width, heads)
        self.before_network = nn.LayerNorm(width)
        self.network = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, tokens: Tensor) -> Tensor:
        windows = Windows(int(tokens.shape[1]), int(tokens.shape[2]), self.shifted)
        attended = self.attention(windows.cut(self.before_attention(tokens)), windows.apart())
        tokens = tokens + windows.join(attended)
        return cast("Tensor", tokens + self.network(self.before_network(tokens)))


class _Merge(nn.Module):
    """Two by two tokens become one (patch merging)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(4 * inputs)
        self.reduce = nn.Linear(4 * inputs, outputs, bias=False)

    def forward(self, tokens: Tensor) -> Tensor:
        batch, height, width, channels = map(int, tokens.shape)
        four = tokens.reshape(batch, height // 2, 2, width // 2, 2, channels).permute(0, 1, 3, 4, 2, 5)
        four = four.reshape(batch, height // 2, width // 2, 4 * channels)
        return cast("Tensor", self.reduce(self.norm(four)))


def _begin(part: nn.Module) -> None:
    """Fresh weights of a linear layer: a narrow normal distribution, no offset."""
    if isinstance(part, nn.Linear):
        nn.init.trunc_normal_(part.weight, std=_SPREAD)
        if part.bias is not None:
            nn.init.zeros_(part.bias)
