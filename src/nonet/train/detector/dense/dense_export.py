"""A trained dense network becomes ONNX: one row a cell, as user-exported YOLO detectors have it, and the spreads."""

from __future__ import annotations

import io
import warnings

import torch
from torch import Tensor, nn

from nonet.train.batch_norm_folding import folded
from nonet.train.detector.dense.dense_network import DenseNetwork, Proposals
from nonet.train.detector.export import store_half

__all__ = ["export_dense"]

_OPSET = 17


def export_dense(network: DenseNetwork, width: int, height: int) -> bytes:
    """The network for one frame as an ONNX model.

    Input ``grey`` is ``float32[1, 1, height, width]`` in 0 to 1. Output ``proposals`` is
    ``float32[1, 4 + 9, A]``: centre x, centre y, width, height in input pixels, then a score in 0 to 1
    for each structure; ``spreads`` is ``float32[1, 4, A]``: the standard deviation of x1, y1, x2, y2 in
    input pixels.
    """
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _RunTime(folded(network)).eval(),
            (torch.zeros(1, 1, height, width),),
            buffer,  # type: ignore[arg-type]
            input_names=["grey"],
            output_names=["proposals", "spreads"],
            opset_version=_OPSET,
            dynamo=False,
        )
    return store_half(buffer.getvalue())


class _RunTime(nn.Module):
    """The network with its proposals told as centres, sizes and scores."""

    def __init__(self, network: DenseNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, grey: Tensor) -> tuple[Tensor, Tensor]:
        proposals: Proposals = self.network(grey)
        low, high = proposals.edges().chunk(2, 1)
        told = torch.cat(((low + high) / 2, high - low, proposals.logits.sigmoid()), 1)
        return told, proposals.spreads()
