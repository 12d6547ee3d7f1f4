"""Two exported detectors of one form become one, whose weights lie between theirs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

from errors_raised import raised
from nonet.bundle.session import Session
from nonet.errors import TrainingError
from nonet.train.detector.export import export_detector
from nonet.train.detector.mean_of_networks import mean_of_networks
from nonet.train.detector.network import DetectorNetwork
from nonet.train.detector.recipe import load_recipe
from nonet.train.detector.training import train_detector
from nonet.train.detector.training_frames import TrainingFrames
from nonet.train.trunks import build_trunk

ROOT = Path(__file__).parents[3]


def exported(seed: int, trunk: str = "efficientnet-lite0") -> bytes:
    torch.manual_seed(seed)
    network = DetectorNetwork(build_trunk(trunk), torch.full((9, 2), 0.2)).eval()
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(0.01 * torch.randn_like(weight))
    return export_detector(network, 96, 64)


@pytest.fixture(scope="module")
def two() -> tuple[bytes, bytes]:
    return exported(0), exported(1)


def weights(model: bytes) -> dict[str, np.ndarray]:
    return {one.name: numpy_helper.to_array(one) for one in onnx.load_from_string(model).graph.initializer}


def test_weights_lie_between_and_the_network_runs(two: tuple[bytes, bytes]) -> None:
    trained, start, mean = (weights(model) for model in (*two, mean_of_networks(*two, 0.25)))
    assert mean.keys() == trained.keys()
    moved = 0
    for name, value in mean.items():
        assert value.dtype == trained[name].dtype
        if value.dtype.kind == "f":
            between = 0.75 * trained[name].astype(np.float64) + 0.25 * start[name].astype(np.float64)
            assert value == pytest.approx(between.astype(value.dtype))
            moved += not np.array_equal(trained[name], start[name])
    assert moved > 50
    said = [Session(model, "test").run({"grey": np.full((1, 1, 64, 96), 0.5, np.float32)})[0] for model in two]
    assert not np.allclose(*said)


def test_no_share_is_the_trained_network_and_half_has_no_side(two: tuple[bytes, bytes]) -> None:
    own, kept = weights(two[0]), weights(mean_of_networks(*two, 0.0))
    assert all(np.array_equal(own[name], value) for name, value in kept.items())
    one, other = weights(mean_of_networks(*two, 0.5)), weights(mean_of_networks(*reversed(two), 0.5))
    assert all(np.array_equal(other[name], value) for name, value in one.items())


def test_networks_of_another_form_have_no_mean(two: tuple[bytes, bytes]) -> None:
    with raised(TrainingError, found="or of another shape"):
        mean_of_networks(two[0], exported(0, "swin-small"), 0.5)


def test_a_share_of_no_start_is_refused_before_training(tmp_path: Path) -> None:
    recipe, sha = load_recipe(ROOT / "recipes/detector-1.1.toml")
    frames = TrainingFrames([], [])
    with raised(TrainingError, found="start_share = 0.5 and no start"):
        train_detector(replace(recipe, start=None, start_share=0.5), sha, frames, tmp_path)
