"""The Swin trunks have the published form, and run the same in onnxruntime."""

from __future__ import annotations

import io

import numpy as np
import onnxruntime
import pytest
import torch

from nonet.errors import TrainingError
from nonet.train.trunks import build_trunk
from nonet.train.trunks.swin import SwinSmall, WindowAttention, _apart, _Block


@pytest.fixture(scope="module")
def trunk() -> SwinSmall:
    torch.manual_seed(0)
    return SwinSmall.imagenet().eval()


@pytest.mark.parametrize(("height", "width"), [(64, 96), (96, 224), (320, 448)])
def test_features_come_at_strides_4_to_32_whatever_the_size(trunk: SwinSmall, height: int, width: int) -> None:
    with torch.no_grad():
        maps = trunk(torch.rand(1, 3, height, width))
    expected = [(1, c, height // s, width // s) for c, s in zip(trunk.channels, (4, 8, 16, 32), strict=True)]
    assert [tuple(each.shape) for each in maps] == expected


def test_the_model_says_in_onnxruntime_what_it_says_in_torch(trunk: SwinSmall) -> None:
    image, buffer = torch.rand(1, 3, 96, 160), io.BytesIO()
    torch.onnx.export(trunk, (image,), buffer, input_names=["image"], opset_version=17, dynamo=False)  # type: ignore[arg-type]
    found = onnxruntime.InferenceSession(buffer.getvalue()).run(None, {"image": image.numpy()})
    with torch.no_grad():
        for ours, theirs in zip(trunk(image), found, strict=True):
            assert theirs == pytest.approx(ours.numpy(), abs=1e-4)


def test_a_window_is_blind_to_the_others() -> None:
    torch.manual_seed(0)
    attention = WindowAttention(12, 3).eval()
    windows = torch.rand(4, 49, 12)
    with torch.no_grad():
        together = attention(windows, None)
        alone = torch.cat([attention(window[None], None) for window in windows])
    assert together.numpy() == pytest.approx(alone.numpy(), abs=1e-6)


def test_attention_is_that_of_the_paper_written_out() -> None:
    torch.manual_seed(0)
    attention = WindowAttention(8, 2).eval()
    window = torch.rand(1, 49, 8)
    with torch.no_grad():
        query, key, value = attention.qkv(window)[0].reshape(49, 3, 2, 4).permute(1, 2, 0, 3)
        heads = []
        for head in range(2):
            logits = query[head] @ key[head].T / 2
            for i in range(49):
                for j in range(49):
                    row, column = i // 7 - j // 7 + 6, i % 7 - j % 7 + 6
                    logits[i, j] += attention.bias[row * 13 + column, head]
            heads.append(logits.softmax(-1) @ value[head])
        expected = attention.project(torch.cat(heads, dim=1))
        assert attention(window, None)[0].numpy() == pytest.approx(expected.numpy(), abs=1e-5)


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


def test_padding_is_not_attended_to() -> None:
    apart = _apart(1, 1, 5, 7, 0)[0]
    assert (apart[0, 35:] == -100).all()
    assert (apart[0, :35] == 0).all()


def test_swin_t_has_the_published_number_of_weights() -> None:
    pytest.importorskip("transformers", reason="transformers is in the extra swin")
    trunk = build_trunk("swin-tiny")
    assert sum(p.numel() for p in trunk.parameters()) == pytest.approx(27.5e6, rel=0.01)
    with torch.no_grad():
        maps = trunk(torch.rand(1, 3, 64, 96))
    assert [each.shape[1] for each in maps] == list(trunk.channels)


def test_swin_t_without_transformers_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "transformers", None)
    with pytest.raises(TrainingError, match=r"nonet\[swin\]"):
        build_trunk("swin-tiny")


def test_the_network_trains_above_a_swin_trunk() -> None:
    from nonet.train.network import DetectorNetwork

    network = DetectorNetwork(build_trunk("swin-small"), torch.full((9, 2), 0.2)).train()
    maps = network(torch.rand(2, 1, 64, 96))
    (maps.logits.sum() + maps.edges.sum()).backward()
    gradients = [p.grad for p in network.trunk.parameters() if p.grad is not None]
    assert all(np.isfinite(gradient.numpy()).all() for gradient in gradients)
    assert len(gradients) > 50
