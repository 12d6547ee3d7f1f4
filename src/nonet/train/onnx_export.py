"""A torch network becomes ONNX bytes: the one export of Nonet, checked against torch before it is returned."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, cast

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from nonet.bundle.session import Session
from nonet.errors import TrainingError
from nonet.train.padding_folding import fold_padding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import nn

__all__ = ["export_network", "store_half"]

_OPSET = 17
_TOLERANCE = 1e-3
_LARGEST_HALF = float(np.finfo(np.float16).max)
_MIN_HALF_ELEMENTS = 1024


def export_network(
    network: nn.Module,
    shape: Sequence[int],
    input_name: str,
    output_names: Sequence[str],
    *,
    free: Mapping[str, Mapping[int, str]] | None = None,
    other_shape: Sequence[int] | None = None,
) -> bytes:
    """Export a network of one input as an ONNX model of opset 17, in evaluation mode and 32-bit floats.

    Parameters
    ----------
    network
        Maps ``float32[shape]`` to one tensor or a tuple of tensors.
    shape
        Shape of the input.
    input_name, output_names
        Names of the model's input and outputs.
    free
        The axes of input and outputs that may have any length, with their names; by default the shape is fixed.
    other_shape
        Of an input with other lengths of these axes, on which the model is checked.

    Raises
    ------
    TrainingError
        If onnxruntime and torch disagree, on random numbers in 0 to 1, by more than 0.001 times the
        largest output or 1, whichever is greater.
    """
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network.eval(),
            (torch.zeros(*shape),),
            buffer,  # type: ignore[arg-type]
            input_names=[input_name],
            output_names=list(output_names),
            dynamic_axes=free,
            opset_version=_OPSET,
            dynamo=False,
        )
    model = fold_padding(buffer.getvalue())
    _check(network, model, other_shape or shape, output_names)
    return model


def store_half(model: bytes) -> bytes:
    """Store large weights as float16 with a Cast behind each: half the size, float32 arithmetic.

    onnxruntime folds the casts when it loads the model.

    Raises
    ------
    TrainingError
        If a weight is not finite or too large for float16.
    """
    parsed = onnx.load_from_string(model)
    graph = parsed.graph
    casts = []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < _MIN_HALF_ELEMENTS:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(_as_half(values, name), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(parsed)
    return cast("bytes", parsed.SerializeToString())


def _as_half(values: np.ndarray, name: str) -> np.ndarray:
    largest = float(np.abs(values).max())
    if not largest <= _LARGEST_HALF:
        raise TrainingError(
            f"A bundle stores weights as float16: at most {_LARGEST_HALF:.0f}",
            found=f"{name}: up to {largest:g}",
            remedy="Training has diverged. Lower the recipe's learning rate and train again",
        )
    return values.astype(np.float16)


def _check(network: nn.Module, model: bytes, shape: Sequence[int], output_names: Sequence[str]) -> None:
    example = torch.rand(*shape, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        outputs = network(example)
    expected = [outputs] if isinstance(outputs, torch.Tensor) else list(outputs)
    session = Session(model, "export")
    exported = session.run({next(iter(session.inputs)): example.numpy()}, list(output_names))
    for name, mine, theirs in zip(output_names, expected, exported, strict=True):
        difference = float(np.abs(mine.numpy() - theirs).max())
        if not difference <= _TOLERANCE * max(1.0, float(mine.abs().max())):
            raise TrainingError(
                "An exported model computes what the network computes",
                found=f"output {name} differs by up to {difference:g}",
                remedy="Try the versions of torch and onnxruntime that pyproject.toml names; if it stays, report it",
            )
