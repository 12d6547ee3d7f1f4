"""The small Swin trunk computes what its paper says, at any size, and the same in onnxruntime."""

from __future__ import annotations

import io
import warnings

import numpy as np
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nonet.train.detector.network import DetectorNetwork
from nonet.train.trunks import build_trunk
from nonet.train.trunks.swin import SwinSmall, WindowAttention, _Block
from nonet.train.trunks.windows import Windows


@pytest.fixture(scope="module")
def trunk() -> SwinSmall:
    torch.manual_seed(0)
    return SwinSmall.imagenet().eval()


@pytest.mark.parametrize(("height", "width"), [(32, 32), (64, 96), (96, 224), (320, 448)])
def test_features_come_at_strides_4_to_32_whatever_the_size(trunk: SwinSmall, height: int, width: int) -> None:
    with torch.no_grad():
        maps = trunk(torch.rand(1, 3, height, width))
    expected = [(1, c, height // s, width // s) for c, s in zip(trunk.channels, (4, 8, 16, 32), strict=True)]
    assert [tuple(each.shape) for each in maps] == expected


def test_its_stem_is_that_of_efficientnet_lite0(trunk: SwinSmall) -> None:
    image = torch.rand(1, 3, 64, 96)
    with torch.no_grad():
        for ours, theirs in zip(trunk(image)[:2], build_trunk("efficientnet-lite0").eval()(image)[:2], strict=True):
            assert torch.equal(ours, theirs)


@pytest.mark.slow
@pytest.mark.parametrize(("height", "width"), [(96, 160), (224, 320)])
def test_the_model_says_in_onnxruntime_what_it_says_in_torch(trunk: SwinSmall, height: int, width: int) -> None:
    image, buffer = torch.rand(1, 3, height, width), io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(trunk, (image,), buffer, input_names=["image"], opset_version=17, dynamo=False)  # type: ignore[arg-type]
    found = onnxruntime.InferenceSession(buffer.getvalue()).run(None, {"image": image.numpy()})
    with torch.no_grad():
        for ours, theirs in zip(trunk(image), found, strict=True):
            assert theirs == pytest.approx(ours.numpy(), abs=1e-4)


def test_a_window_is_blind_to_the_others() -> None:
    torch.manual_seed(0)
    attention = WindowAttention(12, 3).eval()
    windows = torch.rand(2, 4, 49, 12)
    with torch.no_grad():
        together = attention(windows, None)
        alone = torch.cat([attention(windows[:, i : i + 1], None) for i in range(4)], dim=1)
    assert together.numpy() == pytest.approx(alone.numpy(), abs=1e-6)


def test_attention_is_that_of_the_paper_written_out() -> None:
    torch.manual_seed(0)
    attention = WindowAttention(8, 2).eval()
    window = torch.rand(1, 1, 49, 8)
    rows, columns = (np.arange(49) // 7, np.arange(49) % 7)
    displacement = (rows[:, None] - rows + 6) * 13 + columns[:, None] - columns + 6
    with torch.no_grad():
        query, key, value = attention.qkv(window)[0, 0].reshape(49, 3, 2, 4).permute(1, 2, 0, 3)
        logits = query @ key.transpose(1, 2) / 2 + attention.bias[torch.from_numpy(displacement)].permute(2, 0, 1)
        expected = attention.project((logits.softmax(-1) @ value).permute(1, 0, 2).reshape(49, 8))
        assert attention(window, None)[0, 0].numpy() == pytest.approx(expected.numpy(), abs=1e-5)


@given(st.integers(1, 30), st.integers(1, 30), st.booleans())
@settings(max_examples=60, deadline=None)
def test_joining_undoes_cutting(height: int, width: int, shifted: bool) -> None:
    tokens = torch.rand(2, height, width, 3)
    windows = Windows(height, width, shifted)
    assert torch.equal(windows.join(windows.cut(tokens)), tokens)


@given(st.integers(1, 30), st.integers(1, 30), st.booleans())
@settings(max_examples=60, deadline=None)
def test_tokens_attend_to_neighbours_within_a_window_and_never_to_padding(
    height: int, width: int, shifted: bool
) -> None:
    """Every token carries its place; whatever shares a window unmasked lies less than a window away."""
    windows = Windows(height, width, shifted)
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    place = windows.cut(torch.stack((rows, columns, torch.ones_like(rows)), dim=-1)[None].float())[0]
    row, column, real = place.unbind(-1)
    near = ((row[:, :, None] - row[:, None]).abs() < 7) & ((column[:, :, None] - column[:, None]).abs() < 7)
    joined = near & (real[:, :, None] == 1) & (real[:, None] == 1)
    apart = windows.apart()
    allowed = torch.ones_like(joined) if apart is None else apart[:, 0] == 0
    assert torch.equal(allowed[real == 1], joined[real == 1])


def test_a_shifted_window_joins_neighbours_and_keeps_the_far_apart() -> None:
    """A change at one edge of the image reaches across the window's border, and not to the other edge."""
    torch.manual_seed(0)
    block = _Block(12, 3, shifted=True).eval()
    tokens = torch.rand(1, 14, 14, 12)
    changed = tokens.clone()
    changed[0, 0, 0] = torch.rand(12)
    with torch.no_grad():
        reached = (block(changed) - block(tokens)).abs().sum(-1)[0] > 1e-7
    assert reached[:3, :3].all()
    assert not reached[3:, :].any()
    assert not reached[:, 3:].any()


def test_a_side_of_one_window_is_not_shifted() -> None:
    tokens = torch.rand(1, 7, 14, 1)
    assert torch.equal(Windows(7, 14, True).cut(tokens), Windows(7, 14, False).cut(tokens.roll(-3, 2)))


def test_the_network_trains_above_it() -> None:
    network = DetectorNetwork(build_trunk("swin-small"), torch.full((9, 2), 0.2)).train()
    maps = network(torch.rand(2, 1, 64, 96))
    (maps.logits.sum() + maps.edges.sum()).backward()
    gradients = [p.grad for p in network.trunk.parameters()]
    assert all(gradient is not None and bool(gradient.isfinite().all()) for gradient in gradients)
