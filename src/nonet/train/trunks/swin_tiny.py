"""Swin-T (Liu et al. 2021, arXiv 2103.14030) as transformers builds it, for those with a GPU or weights of their own.

``transformers`` is in the extra ``swin``; it is imported when the trunk is built, and never asked to fetch anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from nonet.errors import TrainingError
from nonet.train.trunks.trunk import Trunk

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["SwinTiny"]

_STAGES = ["stage1", "stage2", "stage3", "stage4"]
_ADDED = "hidden_states_norms."
"""A normalisation behind every stage, which a classifier's weights do not have."""
_MEAN, _SPREAD = 0.45, 0.225
"""Of ImageNet's pixels, about, for a grey image."""


class SwinTiny(Trunk):
    """Swin-T without its classification head (27.5 M weights)."""

    channels = (96, 192, 384, 768)
    any_size = False

    def __init__(self, backbone: nn.Module) -> None:
        super().__init__()
        self.backbone = backbone

    def forward(self, image: Tensor) -> list[Tensor]:
        """Features at strides 4, 8, 16, 32 of ``float32[N, 3, H, W]`` in 0 to 1."""
        return list(self.backbone((image - _MEAN) / _SPREAD).feature_maps)

    @classmethod
    def random(cls) -> SwinTiny:
        """The trunk with random weights.

        Raises
        ------
        TrainingError
            If transformers is not installed.
        """
        backbone, config = _transformers()
        return cls(backbone(config(out_features=_STAGES)))

    @classmethod
    def from_folder(cls, folder: Path) -> SwinTiny:
        """The trunk with the weights of a local transformers folder (config.json, model.safetensors).

        Raises
        ------
        TrainingError
            If transformers is not installed, or the folder does not hold the weights of a Swin-T.
        """
        backbone, config = _transformers()
        try:
            loaded, report = backbone.from_pretrained(
                folder.resolve(strict=True),
                config=config(out_features=_STAGES),
                local_files_only=True,
                use_safetensors=True,
                output_loading_info=True,
            )
        except OSError as problem:
            raise _no_swin_tiny(folder, str(problem).splitlines()[0].rstrip(".")) from problem
        except RuntimeError as problem:
            raise _no_swin_tiny(folder, "weights of other shapes") from problem
        missing = sorted(key for key in report["missing_keys"] if not key.startswith(_ADDED))
        if missing:
            raise _no_swin_tiny(folder, f"{len(missing)} weights missing, {missing[0]} the first")
        return cls(loaded)


def _no_swin_tiny(folder: Path, found: str) -> TrainingError:
    return TrainingError(
        "The folder of a Swin-T holds config.json and model.safetensors of its shape",
        found=f"{folder}: {found}",
        remedy="Save a SwinModel or SwinForImageClassification of transformers there",
    )


def _transformers() -> tuple[Any, Any]:
    try:
        from transformers import SwinBackbone, SwinConfig
    except ImportError as problem:
        raise TrainingError(
            "The trunk swin-tiny needs transformers", found=str(problem), remedy="pip install 'nonet[swin]'"
        ) from problem
    return SwinBackbone, SwinConfig
