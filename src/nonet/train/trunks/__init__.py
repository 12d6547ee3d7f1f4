"""Trunks: networks that turn an image into features at strides 4, 8, 16 and 32, chosen by name in a recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.errors import TrainingError
from nonet.train.trunks.efficientnet_lite import EfficientNetLite0
from nonet.train.trunks.swin import SwinSmall
from nonet.train.trunks.swin_tiny import SwinTiny
from nonet.train.trunks.yolo11 import YOLO11

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nonet.train.trunks.trunk import Trunk

__all__ = ["TRUNKS", "build_trunk"]

TRUNKS: dict[str, Callable[[], Trunk]] = {
    "efficientnet-lite0": EfficientNetLite0.imagenet,
    "swin-small": SwinSmall.imagenet,
    "swin-tiny": SwinTiny.random,
    "yolo11n": YOLO11.nano,
    "yolo11s": YOLO11.small,
}
"""Every trunk by the name that a recipe gives it; another trunk is one file and one line here."""

_FROM_FOLDER: dict[str, Callable[[Path], Trunk]] = {"swin-tiny": SwinTiny.from_folder}


def build_trunk(name: str, weights: Path | None = None) -> Trunk:
    """Build a trunk with its warm start.

    Parameters
    ----------
    name
        One of `TRUNKS`.
    weights
        A folder of weights on this machine, for a trunk that takes them.

    Raises
    ------
    TrainingError
        If no trunk has that name, or it takes no weights, or others than the folder holds.
    """
    if name not in TRUNKS:
        raise TrainingError(
            "A recipe names a trunk that Nonet has", found=repr(name), remedy=f"Choose one of {sorted(TRUNKS)}"
        )
    if weights is None:
        return TRUNKS[name]()
    if name not in _FROM_FOLDER:
        raise TrainingError(
            f"Weights of a folder are taken by {' and '.join(_FROM_FOLDER)}",
            found=f"trunk_weights beside trunk {name}",
            remedy="Leave trunk_weights out of the recipe, or choose another trunk",
        )
    return _FROM_FOLDER[name](weights)
