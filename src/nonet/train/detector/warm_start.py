"""Training goes on from an exported detector: the convolutions of its ONNX model go back into the network.

An export has folded every normalisation into the convolution before it. So the normalisations are
opened up again: each is given the statistics that its input has on training frames, and the scale
and shift that make it leave its input as it is, but for the folded shift.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from nonet.errors import TrainingError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nonet.train.detector.batches import FrameBatch

__all__ = ["warm_start"]

_BATCHES = 12
_Convolution = tuple[Tensor, Tensor | None]


def warm_start(network: nn.Module, model: bytes, batches: Iterable[FrameBatch]) -> None:
    """Give a network the weights of an exported one.

    Parameters
    ----------
    network
        Runs the same convolutions in the same order; those it runs after them keep their values.
    model
        ONNX, as `nonet.train.detector.export.export_detector` writes it.
    batches
        Training batches, of which the first 12 give the statistics of the normalisations.

    Raises
    ------
    TrainingError
        If the convolutions differ.
    """
    images = [batch.images for batch in islice(batches, _BATCHES)]
    ordered = _in_order(network, images[0][:1])
    _copy(ordered, _convolutions(model))
    _open_up([layer for layer in ordered if isinstance(layer, nn.BatchNorm2d)], network, images)


def _convolutions(model: bytes) -> list[_Convolution]:
    """Weight and bias of every convolution of an ONNX model, in the order of the graph."""
    graph = onnx.load_from_string(model).graph
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type in {"Cast", "Identity"} and node.input[0] in values:
            values[node.output[0]] = values[node.input[0]]
    return [
        (_tensor(values[node.input[1]]), _tensor(values[node.input[2]]) if len(node.input) > 2 else None)
        for node in graph.node
        if node.op_type == "Conv"
    ]


def _tensor(values: np.ndarray) -> Tensor:
    return torch.from_numpy(values.astype(np.float32))


def _in_order(network: nn.Module, image: Tensor) -> list[nn.Module]:
    """Convolutions and normalisations in the order in which they run."""
    ordered: list[nn.Module] = []
    hooks = [
        layer.register_forward_hook(lambda layer, *_: ordered.append(layer))
        for layer in network.modules()
        if isinstance(layer, nn.Conv2d | nn.BatchNorm2d)
    ]
    with torch.no_grad():
        network.eval()(image)
    for hook in hooks:
        hook.remove()
    return ordered


def _copy(ordered: list[nn.Module], published: list[_Convolution]) -> None:
    places = [index for index, layer in enumerate(ordered) if isinstance(layer, nn.Conv2d)]
    shapes = [tuple(layer.weight.shape) for layer in ordered if isinstance(layer, nn.Conv2d)]
    given = [tuple(weight.shape) for weight, _ in published]
    if shapes[: len(given)] != given:
        raise TrainingError(
            "Training goes on from a bundle whose detector has the recipe's trunk",
            found=f"{len(given)} convolutions that are not the network's {len(shapes)}",
            remedy="Name a bundle of the same trunk, or leave out start",
        )
    with torch.no_grad():
        for place, (weight, bias) in zip(places, published, strict=False):
            _fill(ordered[place], ordered[place + 1] if place + 1 < len(ordered) else None, weight, bias)


def _fill(convolution: nn.Module, follower: nn.Module | None, weight: Tensor, bias: Tensor | None) -> None:
    assert isinstance(convolution, nn.Conv2d)
    convolution.weight.copy_(weight)
    if convolution.bias is not None and bias is not None:
        convolution.bias.copy_(bias)
    elif isinstance(follower, nn.BatchNorm2d):
        follower.running_mean.zero_()  # type: ignore[union-attr]
        follower.running_var.fill_(1 - follower.eps)  # type: ignore[union-attr]
        follower.weight.fill_(1)
        follower.bias.copy_(torch.zeros_like(follower.bias) if bias is None else bias)


def _open_up(layers: list[nn.BatchNorm2d], network: nn.Module, images: list[Tensor]) -> None:
    """Statistics of what comes in, and the scale and shift that undo them."""
    sums = {layer: torch.zeros(2, layer.num_features, dtype=torch.float64) for layer in layers}

    def add(layer: nn.Module, inputs: tuple[Tensor, ...], _output: Tensor) -> None:
        assert isinstance(layer, nn.BatchNorm2d)
        variance, mean = torch.var_mean(inputs[0].double(), dim=(0, 2, 3))
        sums[layer] += torch.stack([mean, variance + mean**2]) / len(images)

    hooks = [layer.register_forward_hook(add) for layer in layers]
    with torch.no_grad():
        for batch in images:
            network.eval()(batch.to(memory_format=torch.channels_last))
        for hook in hooks:
            hook.remove()
        for layer, (mean, square) in sums.items():
            variance = (square - mean**2).clamp_min(1e-6)
            layer.running_mean.copy_(mean)  # type: ignore[union-attr]
            layer.running_var.copy_(variance)  # type: ignore[union-attr]
            layer.weight.copy_(torch.sqrt(variance + layer.eps))
            layer.bias.add_(mean)
