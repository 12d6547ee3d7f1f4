"""YOLO11 has the published size: 2.6 M weights and 6.5 GFLOPs (n), 9.4 M and 21.5 (s), at 80 classes and 640 px."""

from __future__ import annotations

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from nonet.train.batch_norm_folding import folded
from nonet.train.detector.dense import DenseNetwork
from nonet.train.trunks.yolo11 import YOLO11
from nonet.train.trunks.yolo_blocks import NANO, SMALL, Scale


def published(scale: Scale) -> DenseNetwork:
    """The fused network without its numbers, for counting."""
    with torch.device("meta"):
        return folded(DenseNetwork(YOLO11(scale), scale, classes=80))


def operations(network: DenseNetwork) -> int:
    """Of one 640 x 640 image; a multiplication with its addition counts as two."""
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(torch.zeros(1, 1, 640, 640, device="meta"))
    return counter.get_total_flops()


@pytest.mark.parametrize(("scale", "weights"), [(NANO, 2_616_232), (SMALL, 9_443_744)])
def test_its_weights_are_counted_exactly(scale: Scale, weights: int) -> None:
    assert sum(p.numel() for p in published(scale).parameters()) == weights


@pytest.mark.parametrize(("scale", "millions", "billions"), [(NANO, 2.6, 6.5), (SMALL, 9.4, 21.5)])
def test_it_is_within_two_percent_of_the_published_size(scale: Scale, millions: float, billions: float) -> None:
    network = published(scale)
    assert sum(p.numel() for p in network.parameters()) == pytest.approx(millions * 1e6, rel=0.02)
    assert operations(network) == pytest.approx(billions * 1e9, rel=0.02)


def test_folding_changes_nothing_but_the_size() -> None:
    torch.manual_seed(0)
    network = DenseNetwork(YOLO11.nano()).train()
    with torch.no_grad():
        network(torch.rand(2, 1, 96, 128))
        image = torch.rand(1, 1, 96, 128)
        whole, fused = network.eval()(image), folded(network)(image)
    assert torch.allclose(whole.logits, fused.logits, atol=1e-4)
    assert torch.allclose(whole.edges(), fused.edges(), atol=1e-3)
    assert not [m for m in folded(network).modules() if isinstance(m, torch.nn.BatchNorm2d)]
