"""Several ONNX models become one: the graphs stand side by side, every name with its model's number before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import onnx
from onnx import compose, helper

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["join_members"]


def join_members(models: Sequence[bytes]) -> bytes:
    """One model with the inputs and outputs of all, ``0.features`` and ``0.probabilities`` those of the first.

    Parameters
    ----------
    models
        Of one kind: the same operator sets.
    """
    named = [compose.add_prefix(onnx.load_from_string(one), f"{place}.") for place, one in enumerate(models)]
    graphs = [one.graph for one in named]
    graph = helper.make_graph(
        [node for each in graphs for node in each.node],
        "grader",
        [value for each in graphs for value in each.input],
        [value for each in graphs for value in each.output],
        [tensor for each in graphs for tensor in each.initializer],
    )
    joined = helper.make_model(graph, opset_imports=named[0].opset_import, ir_version=named[0].ir_version)
    onnx.checker.check_model(joined, full_check=True)
    raw: bytes = joined.SerializeToString()
    return raw
