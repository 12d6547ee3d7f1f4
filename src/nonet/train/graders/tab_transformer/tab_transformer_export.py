"""A fitted TabTransformer becomes ONNX: rows in, probabilities out."""

from __future__ import annotations

import io
import warnings
from copy import deepcopy
from typing import TYPE_CHECKING

import torch
from torch import nn

if TYPE_CHECKING:
    from nonet.train.graders.tab_transformer.classifier import TabTransformerClassifier

__all__ = ["export_tab_transformer"]

_OPSET = 17


def export_tab_transformer(classifier: TabTransformerClassifier) -> bytes:
    """The network as an ONNX model of opset 17.

    Input ``features`` is ``float32[N, D]``, output ``probabilities`` ``float32[N, K]``, those of ``predict_proba``.
    """
    network = nn.Sequential(deepcopy(classifier.network_).float(), nn.Softmax(1)).eval()
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (torch.zeros(2, classifier.n_features_in_),),
            buffer,  # type: ignore[arg-type]
            input_names=["features"],
            output_names=["probabilities"],
            dynamic_axes={"features": {0: "rows"}, "probabilities": {0: "rows"}},
            opset_version=_OPSET,
            dynamo=False,
        )
    return buffer.getvalue()
