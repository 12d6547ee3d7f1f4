"""A trained embedder as an ONNX model, for any number of crops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.train.onnx_export import export_network, store_half

if TYPE_CHECKING:
    from nonet.train.embedder.network import EmbedderNetwork

__all__ = ["export_embedder"]


def export_embedder(network: EmbedderNetwork, width: int, height: int) -> bytes:
    """Export the network, its weights stored in half precision.

    Input ``grey`` is ``float32[N, 1, height, width]`` in 0 to 1; output ``features`` ``float32[N, 1792]``.
    """
    free = {name: {0: "boxes"} for name in ("grey", "features")}
    model = export_network(
        network, (2, 1, height, width), "grey", ["features"], free=free, other_shape=(3, 1, height, width)
    )
    return store_half(model)
