"""A Swin trunk that two cores can train: shifted-window attention above an ImageNet-warm convolutional stem.

Strides 4 and 8 are EfficientNet-lite0's first stages with their ImageNet weights; strides 16 and 32
are Swin stages (Liu et al. 2021, arXiv 2103.14030), for which no weights of this size are published.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from nonet.train.trunks.efficientnet_lite import EfficientNetLite0
from nonet.train.trunks.trunk import Trunk

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SwinSmall", "WindowAttention"]

_WINDOW = 7
_STEM_STAGES = 3
"""Stages of EfficientNet-lite0 that are kept: to stride 8."""
_STEM_TAPS = (1, 2)
_WIDTHS, _DEPTHS, _HEADS = (96, 192), (4, 2), (3, 6)


class SwinSmall(Trunk):
    """EfficientNet-lite0 to stride 8, then two Swin stages of 96 and 192 channels (1.5 M weights)."""

    channels = (24, 40, *_WIDTHS)

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
            taps.append(norm(tokens).permute(0, 3, 1, 2).contiguous())
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
        self.bias = nn.Parameter(torch.zeros((2 * _WINDOW - 1) ** 2, heads))
        nn.init.trunc_normal_(self.bias, std=0.02)
        self.register_buffer("relative", _relative_positions(), persistent=False)

    def forward(self, windows: Tensor, apart: Tensor | None) -> Tensor:
        """Tokens ``[N * W, 49, C]`` after attending to their window.

        ``apart`` is ``[W, 49, 49]``: minus infinity, in effect, between tokens that are no neighbours.
        """
        count, tokens, width = map(int, windows.shape)
        qkv = self.qkv(windows).reshape(count, tokens, 3, self.heads, width // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        bias = self.bias[self.relative.flatten()].reshape(tokens, tokens, self.heads).permute(2, 0, 1)[None]
        if apart is not None:
            bias = (bias + apart[:, None]).repeat(count // apart.shape[0], 1, 1, 1)
        attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        return cast("Tensor", self.project(attended.transpose(1, 2).reshape(count, tokens, width)))


class _Block(nn.Module):
    """Window attention and a two-layer network, each normalised before and around a shortcut."""

    def __init__(self, width: int, heads: int, *, shifted: bool) -> None:
        super().__init__()
        self.shift = _WINDOW // 2 if shifted else 0
        self.before_attention = nn.LayerNorm(width)
        self.attention = WindowAttention(width, heads)
        self.before_network = nn.LayerNorm(width)
        self.network = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, tokens: Tensor) -> Tensor:
        tokens = tokens + self._attended(self.before_attention(tokens))
        return cast("Tensor", tokens + self.network(self.before_network(tokens)))

    def _attended(self, tokens: Tensor) -> Tensor:
        batch, height, width, channels = map(int, tokens.shape)
        down, right = -height % _WINDOW, -width % _WINDOW
        padded = functional.pad(tokens, (0, 0, 0, right, 0, down))
        rows, columns = (height + down) // _WINDOW, (width + right) // _WINDOW
        apart = _apart(rows, columns, height, width, self.shift).to(tokens.device)
        if self.shift:
            padded = torch.roll(padded, (-self.shift, -self.shift), (1, 2))
        windows = padded.reshape(batch, rows, _WINDOW, columns, _WINDOW, channels).transpose(2, 3)
        windows = self.attention(windows.reshape(-1, _WINDOW**2, channels), apart)
        whole = windows.reshape(batch, rows, columns, _WINDOW, _WINDOW, channels).transpose(2, 3)
        whole = whole.reshape(batch, height + down, width + right, channels)
        if self.shift:
            whole = torch.roll(whole, (self.shift, self.shift), (1, 2))
        return cast("Tensor", whole[:, :height, :width])


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


def _relative_positions() -> Tensor:
    """``int64[49, 49]``: which bias counts between two tokens of a window."""
    place = torch.stack(torch.meshgrid(torch.arange(_WINDOW), torch.arange(_WINDOW), indexing="ij")).flatten(1)
    row, column = (place[:, :, None] - place[:, None, :]) + _WINDOW - 1
    position: Tensor = row * (2 * _WINDOW - 1) + column
    return position


def _apart(rows: int, columns: int, height: int, width: int, shift: int) -> Tensor:
    """``float32[W, 49, 49]``: -100 between tokens of a window that the shift or the padding put together."""
    down, across = _zones(rows, height, shift), _zones(columns, width, shift)
    image = (down[:, None] * 4 + across[None, :]).reshape(rows, _WINDOW, columns, _WINDOW)
    zone = image.swapaxes(1, 2).reshape(rows * columns, _WINDOW**2)
    together = zone[:, :, None] == zone[:, None, :]
    apart: Tensor = torch.where(torch.from_numpy(together), 0.0, -100.0)
    return apart


def _zones(windows: int, size: int, shift: int) -> NDArray[np.int64]:
    """Along one side: 0 for tokens in place, 1 for padding, 2 for those that the roll carried round."""
    zone = (np.arange(windows * _WINDOW) >= size).astype(np.int64)
    zone[:shift] = 2
    carried: NDArray[np.int64] = np.roll(zone, -shift)
    return carried
