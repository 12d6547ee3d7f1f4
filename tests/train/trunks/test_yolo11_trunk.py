"""The YOLO11 trunk and its blocks keep what they promise."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from nonet.train.trunks.yolo11 import YOLO11
from nonet.train.trunks.yolo_blocks import C2PSA, SPPF, C3k2


@pytest.mark.parametrize("trunk", [YOLO11.nano(), YOLO11.small()], ids=["n", "s"])
def test_its_maps_have_the_promised_widths_and_strides(trunk: YOLO11) -> None:
    with torch.no_grad():
        maps = trunk.eval()(torch.rand(1, 3, 96, 160))
    assert [m.shape[1] for m in maps] == list(trunk.channels)
    assert [(m.shape[2], m.shape[3]) for m in maps] == [(24, 40), (12, 20), (6, 10), (3, 5)]


def test_pooling_in_series_is_pooling_over_5_9_and_13_cells() -> None:
    torch.manual_seed(0)
    block = SPPF(16).eval()
    features = torch.rand(1, 16, 20, 20)
    with torch.no_grad():
        entered = block.enter(features)
        pooled = [functional.max_pool2d(entered, size, 1, size // 2) for size in (5, 9, 13)]
        assert torch.equal(block(features), block.leave(torch.cat((entered, *pooled), 1)))


def test_attention_sees_the_whole_map_and_a_convolution_does_not() -> None:
    torch.manual_seed(0)
    features = torch.rand(1, 128, 16, 16)
    changed = features.clone()
    changed[..., 0, 0] += 1
    with torch.no_grad():
        for block, reaches in ((C2PSA(128, 1).eval(), True), (C3k2(128, 128, 1).eval(), False)):
            assert bool((block(features) != block(changed))[..., 15, 15].any()) is reaches


def test_attention_is_that_of_torch() -> None:
    torch.manual_seed(0)
    attention = C2PSA(256, 1).attend[0].attention.eval()
    features = torch.rand(2, 128, 5, 7)
    with torch.no_grad():
        mixed = attention.project(features).reshape(2, 2, 128, 35).transpose(2, 3)
        query, key, value = mixed.split((32, 32, 64), 3)
        gathered = functional.scaled_dot_product_attention(query, key, value)
        value, gathered = (m.transpose(2, 3).reshape(2, 128, 5, 7) for m in (value, gathered))
        expected = attention.leave(gathered + attention.position(value))
        assert torch.allclose(attention(features), expected, atol=1e-5)
