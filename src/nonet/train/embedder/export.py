"""A trained embedder becomes ONNX, for any number of crops, its weights stored in half precision."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING

import torch

from nonet.train.detector.export import store_half

if TYPE_CHECKING:
    from nonet.train.embedder.network import EmbedderNetwork

__all__ = ["export_embedder"]

_OPSET = 17


def export_embedder(network: EmbedderNetwork, width: int, height: int) -> bytes:
    """The network as an ONNX model.

    Input ``grey`` is ``float32[N, 1, height, width]`` in 0 to 1; output ``features`` ``float32[N, 1792]``.
    """
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network.eval(),
            (torch.zeros(2, 1, height, width),),
            buffer,  # type: ignore[arg-type]
            input_names=["grey"],
            output_names=["features"],
            dynamic_axes={"grey": {0: "boxes"}, "features": {0: "boxes"}},
            opset_version=_OPSET,
            dynamo=False,
        )
    return store_half(buffer.getvalue())
