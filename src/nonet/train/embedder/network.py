"""The network that ships: a grey crop, standardised, through a body to 1,792 numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn

from nonet.errors import TrainingError
from nonet.train.embedder.b4 import B4Body
from nonet.train.embedder.lite0 import Lite0Body

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BODIES", "WIDTH", "EmbedderNetwork", "build_network"]

WIDTH = 1792
"""Numbers a box: the pooled width of EfficientNet-B4."""

_FAINTEST = 4 / 255
_CENTRE, _CONTRAST = 0.5, 0.25

BODIES: dict[str, Callable[[Path | None], nn.Module]] = {
    "efficientnet-lite0": Lite0Body.warm,
    "efficientnet-b4": B4Body.warm,
}
"""Every body by the name that a recipe gives it, built from local weights or its own start."""


class EmbedderNetwork(nn.Module):
    """Brings a crop to a mean of 0.5 and a standard deviation of 0.25, then asks the body.

    So the gain of a machine is out of the features before they are made; how bright a box is, and how
    bright against others, is for radiomics to say.
    """

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, grey: Tensor) -> Tensor:
        """Features ``float32[N, 1792]`` of crops ``float32[N, 1, H, W]`` in 0 to 1."""
        centred = grey - grey.mean((2, 3), keepdim=True)
        contrast = centred.square().mean((2, 3), keepdim=True).sqrt().clamp_min(_FAINTEST)
        image = (_CENTRE + _CONTRAST * centred / contrast).expand(-1, 3, -1, -1)
        return cast("Tensor", self.body(image.contiguous(memory_format=torch.channels_last)))


def build_network(body: str, weights: str | None = None) -> EmbedderNetwork:
    """Build a network by the name of its body.

    Parameters
    ----------
    body
        A name of `BODIES`.
    weights
        A local file or folder to start from.

    Raises
    ------
    TrainingError
        If no body has that name, or it does not give 1,792 numbers.
    """
    if body not in BODIES:
        raise TrainingError(
            "A recipe names a body that Nonet has", found=repr(body), remedy=f"Choose one of {sorted(BODIES)}"
        )
    network = EmbedderNetwork(BODIES[body](Path(weights) if weights else None))
    with torch.no_grad():
        width = network.eval()(torch.zeros(1, 1, 32, 32)).shape[1]
    if width != WIDTH:
        raise TrainingError(f"A body gives {WIDTH} numbers", found=f"{width}", remedy="Name weights of the body's size")
    return network
