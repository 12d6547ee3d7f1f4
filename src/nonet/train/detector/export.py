"""A trained network becomes ONNX: scores as probabilities, weights stored in half precision."""

from __future__ import annotations

import io
import warnings
from typing import cast

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from nonet.train.detector.network import DetectorNetwork

__all__ = ["export_onnx", "store_half"]

_OPSET = 17
_MIN_HALF_ELEMENTS = 1024


def export_onnx(network: DetectorNetwork, width: int, height: int) -> bytes:
    """The network for one frame as an ONNX model.

    Input ``grey`` is ``float32[1, 1, height, width]`` in 0 to 1; outputs are ``scores``
    ``float32[1, 9, h, w]``, ``edges`` and ``spreads`` ``float32[1, 9, 4, h, w]`` in input pixels.
    """
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _RunTime(network).eval(),
            (torch.zeros(1, 1, height, width),),
            buffer,  # type: ignore[arg-type]
            input_names=["grey"],
            output_names=["scores", "edges", "spreads"],
            opset_version=_OPSET,
            dynamo=False,
        )
    return store_half(buffer.getvalue())


def store_half(model: bytes) -> bytes:
    """Keep large weights as float16 with a Cast behind each: half the size, float32 arithmetic.

    onnxruntime folds the casts when it loads the model.
    """
    parsed = onnx.load_from_string(model)
    graph = parsed.graph
    casts = []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < _MIN_HALF_ELEMENTS:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(parsed)
    return cast("bytes", parsed.SerializeToString())


class _RunTime(nn.Module):
    """The network with its logits turned into scores."""

    def __init__(self, network: DetectorNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, grey: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        logits, edges, spreads = self.network(grey)
        return logits.sigmoid(), edges, spreads
