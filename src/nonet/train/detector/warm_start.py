"""Training goes on from an exported detector: the convolutions of its ONNX model go back into the network.

An export has folded every normalisation into the convolution before it. So the normalisations are
opened up again: each is given the statistics that its input has on training frames, and the scale
and shift that make it leave its input as it is, but for the folded shift.
"""

from __future__ import annotations

import logging
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

_LOG = logging.getLogger(__name__)
_BATCHES = 12
_Convolution = tuple[Tensor, Tensor | None]
_Shape = tuple[int, ...]


def warm_start(network: nn.Module, model: bytes, batches: Iterable[FrameBatch]) -> None:
    """Give a network the weights of an exported one.

    Parameters
    ----------
    network
        Takes over the convolutions that it shares with the exported one: those with which both begin, and of the rest,
        counted from the end, those of the same shape. The others keep their values; a line in the log counts them.
    model
        ONNX, as `nonet.train.detector.export.export_detector` writes it.
    batches
        Training batches, of which the first 12 give the statistics of the normalisations.

    Raises
    ------
    TrainingError
        If they do not even begin alike.
    """
    images = [batch.images for batch in islice(batches, _BATCHES)]
    ordered = _in_order(network, images[0][:1])
    followers = _copy(ordered, _convolutions(model))
    _open_up([layer for layer in followers if isinstance(layer, nn.BatchNorm2d)], network, images)


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


def _copy(ordered: list[nn.Module], published: list[_Convolution]) -> list[nn.Module]:
    """Fill the shared convolutions; the layers that run right after them."""
    places = [index for index, layer in enumerate(ordered) if isinstance(layer, nn.Conv2d)]
    shapes = [tuple(layer.weight.shape) for layer in ordered if isinstance(layer, nn.Conv2d)]
    shared = _shared(shapes, [tuple(weight.shape) for weight, _ in published])
    if not shared:
        raise TrainingError(
            "Training goes on from a bundle whose detector begins with the recipe's convolutions",
            found=f"{len(published)} convolutions, the first of another shape than the network's first",
            remedy="Name a bundle of the same trunk, or leave out start",
        )
    _LOG.info("took over %d convolutions; %d begin afresh", len(shared), len(shapes) - len(shared))
    followers = []
    with torch.no_grad():
        for own, given in shared:
            place = places[own]
            follower = ordered[place + 1] if place + 1 < len(ordered) else nn.Identity()
            _fill(ordered[place], follower, *published[given])
            followers.append(follower)
    return followers


def _shared(own: list[_Shape], given: list[_Shape]) -> list[tuple[int, int]]:
    """Places of the convolutions that two networks share: where they begin alike, then from the end."""
    alike = [a == b for a, b in zip(own, given, strict=False)]
    begin = alike.index(False) if False in alike else len(alike)
    if begin in {0, len(given)}:
        return [(place, place) for place in range(begin)]
    rest = range(1, min(len(own), len(given)) - begin + 1)
    end = [(len(own) - back, len(given) - back) for back in rest if own[-back] == given[-back]]
    return [(place, place) for place in range(begin)] + end


def _fill(convolution: nn.Module, follower: nn.Module, weight: Tensor, bias: Tensor | None) -> None:
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
