"""What every trunk promises to the pyramid above it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import Tensor, nn

__all__ = ["COARSEST_STRIDE", "WEIGHTS_FILE", "Trunk"]

COARSEST_STRIDE = 32
"""Of a trunk's last map, pixels; the sides of an input are multiples of it."""

WEIGHTS_FILE = "model.safetensors"
"""What holds a trunk's own weights in a folder of them."""


class Trunk(nn.Module, ABC):
    """A network from an image to four feature maps.

    Attributes
    ----------
    channels
        Widths of the maps at strides 4, 8, 16 and 32.
    any_size
        Whether the trunk, once exported, takes images of other sizes than the one it was exported at.
    """

    channels: tuple[int, int, int, int]
    any_size: ClassVar[bool] = True

    @abstractmethod
    def forward(self, image: Tensor) -> list[Tensor]:
        """Features of ``float32[N, 3, H, W]`` (0 to 1, H and W multiples of 32), strides 4 to 32."""
