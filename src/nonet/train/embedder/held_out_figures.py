"""How an embedder does on crops held out: whether it knows the structures, and tells crops of one structure apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from nonet.train.embedder.objective import within

if TYPE_CHECKING:
    from torch import Tensor

    from nonet.train.embedder.objective import EmbedderObjective
    from nonet.train.embedder.training_crops import Crops

__all__ = ["figures", "participation"]

_AT_ONCE = 64


def figures(learner: EmbedderObjective, crops: Crops) -> dict[str, int | float]:
    """What the held-out crops say.

    Returns
    -------
    ``crops``: how many; ``accuracy``: the share whose structure, or none, is named rightly;
    ``dimensions``: the participation ratio of the features within structures. Empty without crops.
    """
    if not len(crops.labels):
        return {}
    features = _features(learner, crops)
    labels = torch.from_numpy(crops.labels)
    with torch.no_grad():
        right = learner.classifier(features).argmax(1) == labels
    return {
        "crops": len(labels),
        "accuracy": round(float(right.double().mean()), 4),
        "dimensions": round(participation(within(features.double(), labels)), 1),
    }


def participation(centred: Tensor) -> float:
    """Over how many directions a cloud of points spreads: from 1, a line, to the number of its columns.

    The square of the sum of the covariance's eigenvalues over the sum of their squares, without
    finding them.
    """
    inner = centred @ centred.T
    return float(inner.trace().square() / inner.square().sum().clamp_min(1e-12))


def _features(learner: EmbedderObjective, crops: Crops) -> Tensor:
    grey = torch.from_numpy(crops.grey)[:, None]
    parts = [grey[start : start + _AT_ONCE] for start in range(0, len(grey), _AT_ONCE)]
    with torch.no_grad():
        return torch.cat([learner.network(part.float() / 255) for part in parts])
