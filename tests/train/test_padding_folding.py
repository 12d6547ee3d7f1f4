"""A padding becomes a part of the convolution that takes it, and nothing else does."""

from __future__ import annotations

import io

import numpy as np
import onnx
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from nonet.bundle.session import Session
from nonet.train.padding_folding import fold_padding


class Padded(nn.Module):
    """A padding of a kind, then a convolution, that pads by itself too; twice where another takes what is padded."""

    def __init__(self, mode: str = "constant", value: float = 0.0, *, shared: bool = False) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, stride=2, padding=1)
        self.mode, self.value, self.shared = mode, value, shared

    def forward(self, grey: Tensor) -> Tensor:
        padded = functional.pad(grey, (0, 1, 2, 3), self.mode, self.value)
        found: Tensor = self.conv(padded)
        return found + padded.sum() if self.shared else found


def exported(network: nn.Module) -> bytes:
    buffer = io.BytesIO()
    torch.manual_seed(0)
    torch.onnx.export(
        network.eval(), (torch.zeros(1, 1, 20, 24),), buffer, input_names=["grey"], opset_version=17, dynamo=False
    )
    return buffer.getvalue()


def kinds(model: bytes) -> set[str]:
    return {node.op_type for node in onnx.load_from_string(model).graph.node}


def answer(model: bytes) -> np.ndarray:
    grey = np.random.default_rng(0).random((1, 1, 20, 24), np.float32)
    (found,) = Session(model, "test").run({"grey": grey})
    return np.asarray(found)


def test_the_answer_is_the_same_and_the_padding_is_gone() -> None:
    model = exported(Padded())
    folded = fold_padding(model)
    assert "Pad" in kinds(model)
    assert kinds(folded) == {"Conv"}
    assert answer(folded) == pytest.approx(answer(model), abs=1e-6)


@pytest.mark.parametrize("kept", [Padded("reflect"), Padded(value=1.0), Padded(shared=True)])
def test_other_paddings_stay(kept: Padded) -> None:
    model = exported(kept)
    folded = fold_padding(model)
    assert "Pad" in kinds(folded)
    assert np.array_equal(answer(folded), answer(model))
