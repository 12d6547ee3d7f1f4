"""YOLO11's neck, head, assignment and losses over any trunk: every cell of every level proposes a box."""

from __future__ import annotations

from nonet.train.detector.dense.dense_losses import dense_loss
from nonet.train.detector.dense.dense_network import DenseNetwork, Proposals

__all__ = ["DenseNetwork", "Proposals", "dense_loss"]
