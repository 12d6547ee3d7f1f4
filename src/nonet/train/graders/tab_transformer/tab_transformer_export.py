"""A fitted TabTransformer as an ONNX model: rows in, probabilities out."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

from torch import nn

from nonet.train.onnx_export import export_network

if TYPE_CHECKING:
    from nonet.train.graders.tab_transformer.classifier import TabTransformerClassifier

__all__ = ["export_tab_transformer"]


def export_tab_transformer(classifier: TabTransformerClassifier) -> bytes:
    """Export the network.

    Input ``features`` is ``float32[N, D]``, output ``probabilities`` ``float32[N, K]``, those of ``predict_proba``.
    """
    network = nn.Sequential(deepcopy(classifier.network_).float(), nn.Softmax(1))
    columns, free = classifier.n_features_in_, {name: {0: "rows"} for name in ("features", "probabilities")}
    return export_network(network, (2, columns), "features", ["probabilities"], free=free, other_shape=(3, columns))
