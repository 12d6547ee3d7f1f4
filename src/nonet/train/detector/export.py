"""A trained detector as an ONNX model that ``nonet read`` runs, whichever its head."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from nonet.train.batch_norm_folding import folded
from nonet.train.detector.dense import DenseNetwork
from nonet.train.onnx_export import export_network, store_half
from nonet.train.trunks.trunk import COARSEST_STRIDE

if TYPE_CHECKING:
    from nonet.train.detector.heads import Network
    from nonet.train.detector.network import DetectorNetwork

__all__ = ["export_detector"]

_SIDES = {
    "grey": {2: "height", 3: "width"},
    "scores": {2: "rows", 3: "columns"},
    "edges": {3: "rows", 4: "columns"},
    "spreads": {3: "rows", 4: "columns"},
}


def export_detector(network: Network, width: int, height: int, unit_width: int | None = None) -> bytes:
    """Export the network for one frame, its weights stored in half precision.

    Input ``grey`` is ``float32[1, 1, height, width]`` in 0 to 1; boxes and spreads are in input pixels. A network of
    maps whose trunk allows it takes inputs of other sizes too, the sides multiples of 32, so that a first pass may look
    at a smaller one.

    Maps have the outputs ``scores`` ``float32[1, 9, h, w]`` in 0 to 1, ``edges`` and ``spreads``
    ``float32[1, 9, 4, h, w]``: x1, y1, x2, y2 and the Laplace scale of each.

    A dense network has the outputs ``proposals`` ``float32[1, 4 + 9, A]``, as YOLO exports have them:
    centre x, centre y, width, height, then the score of each structure in 0 to 1; and ``spreads``
    ``float32[1, 4, A]``: the standard deviation of x1, y1, x2, y2.

    ``unit_width`` is the width of the input that maps were last trained at, where the exported one is another.
    """
    shape = (1, 1, height, width)
    if isinstance(network, DenseNetwork):
        return store_half(export_network(_DenseOutputs(folded(network)), shape, "grey", ["proposals", "spreads"]))
    names = ["scores", "edges", "spreads"]
    if not network.trunk.any_size:
        return store_half(export_network(_MapOutputs(network), shape, "grey", names))
    network = deepcopy(network)
    network.unit_width = unit_width or width
    other = (1, 1, height + COARSEST_STRIDE, width + COARSEST_STRIDE)
    return store_half(export_network(_MapOutputs(network), shape, "grey", names, free=_SIDES, other_shape=other))


class _MapOutputs(nn.Module):
    """Maps with their logits turned into scores."""

    def __init__(self, network: DetectorNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, grey: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        logits, edges, spreads = self.network(grey)
        return logits.sigmoid(), edges, spreads


class _DenseOutputs(nn.Module):
    """Proposals as centres, sizes and scores, and their spreads."""

    def __init__(self, network: DenseNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, grey: Tensor) -> tuple[Tensor, Tensor]:
        proposals = self.network(grey)
        low, high = proposals.edges().chunk(2, 1)
        rows = torch.cat(((low + high) / 2, high - low, proposals.logits.sigmoid()), 1)
        return rows, proposals.spreads()
