"""Heads: what stands on a trunk and what it is taught, chosen by name in a recipe.

Every head has the same run-time contract: a layout that the detector of a bundle can read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nonet.bundle import Layout
from nonet.errors import TrainingError
from nonet.train.detector.dense import DenseNetwork, Proposals, dense_loss
from nonet.train.detector.map_losses import detection_loss
from nonet.train.detector.network import DetectorNetwork, Maps
from nonet.train.trunks.yolo_blocks import NANO, SMALL

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from nonet.train.trunks.trunk import Trunk

__all__ = ["HEADS", "DetectorHead", "Network", "find_head", "loss_of"]

Network = DetectorNetwork | DenseNetwork
"""A trunk with a head."""


@dataclass(frozen=True, slots=True)
class DetectorHead:
    """How to put a head on a trunk, given the structures' typical size (``float32[9, 2]``), and how to read it."""

    layout: Layout
    description: str
    build: Callable[[Trunk, Tensor], Network]


HEADS: dict[str, DetectorHead] = {
    "maps": DetectorHead(
        Layout.MAPS, "feature pyramid to stride 4, one score map and four edge maps a structure", DetectorNetwork
    ),
    "dense": DetectorHead(
        Layout.DENSE,
        "YOLO11's neck and head (n) at strides 8 to 32",
        lambda trunk, _: DenseNetwork(trunk, NANO),
    ),
    "dense-stride4": DetectorHead(
        Layout.DENSE,
        "YOLO11's neck and head (n) at strides 4 to 32",
        lambda trunk, _: DenseNetwork(trunk, NANO, finest_stride=4),
    ),
    "dense-s": DetectorHead(
        Layout.DENSE,
        "YOLO11's neck and head (s) at strides 8 to 32",
        lambda trunk, _: DenseNetwork(trunk, SMALL),
    ),
}
"""Every head by the name that a recipe gives it."""


def find_head(name: str) -> DetectorHead:
    """The head of that name.

    Raises
    ------
    TrainingError
        If there is none.
    """
    if name not in HEADS:
        raise TrainingError(
            "A recipe names a head that Nonet has", found=repr(name), remedy=f"Choose one of {sorted(HEADS)}"
        )
    return HEADS[name]


def loss_of(outputs: Maps | Proposals, edges: Tensor, complete: Tensor, missing_weight: float) -> tuple[Tensor, Tensor]:
    """Score loss and edge loss of a batch; see ``map_losses`` and ``dense_losses``."""
    if isinstance(outputs, Proposals):
        return dense_loss(outputs, edges, complete, missing_weight)
    return detection_loss(outputs, edges, complete, missing_weight)
