"""EfficientNet-B4 (Tan & Le 2019, arXiv 1905.11946) as transformers builds it: 1,792 pooled numbers by design.

``transformers`` is imported when the body is built, and never asked to fetch anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from torch import Tensor, nn

from nonet.errors import TrainingError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["B4Body"]

_WIDTH = 1792
_MEAN, _SPREAD = 0.45, 0.225
"""Of ImageNet's pixels, about, for a grey image."""


class B4Body(nn.Module):
    """EfficientNet-B4 without its classifier (17.5 M weights), and the mean over its last map."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, image: Tensor) -> Tensor:
        """Features ``float32[N, 1792]`` of ``float32[N, 3, H, W]``, about 0 to 1."""
        last = self.model((image - _MEAN) / _SPREAD).last_hidden_state
        return cast("Tensor", last.mean((2, 3)))

    @classmethod
    def warm(cls, weights: Path | None) -> B4Body:
        """The body with the weights of a local transformers folder, or random ones.

        Raises
        ------
        TrainingError
            If transformers is not installed.
        """
        model, config = _transformers()
        if weights:
            return cls(model.from_pretrained(weights, local_files_only=True, use_safetensors=True))
        return cls(
            model(
                config(
                    width_coefficient=1.4,
                    depth_coefficient=1.8,
                    image_size=380,
                    hidden_dim=_WIDTH,
                    batch_norm_momentum=0.01,
                )
            )
        )


def _transformers() -> tuple[Any, Any]:
    try:
        from transformers import EfficientNetConfig, EfficientNetModel
    except ImportError as problem:
        raise TrainingError(
            "The body efficientnet-b4 needs transformers", found=str(problem), remedy="pip install 'nonet[swin]'"
        ) from problem
    return EfficientNetModel, EfficientNetConfig
