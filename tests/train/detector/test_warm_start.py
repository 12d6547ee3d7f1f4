"""A network takes up the weights of an exported detector and says what it said."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from errors_raised import raised
from nonet.bundle.session import Session
from nonet.errors import TrainingError
from nonet.simulate import simulate
from nonet.train.detector.batches import FrameBatch
from nonet.train.detector.export import export_detector
from nonet.train.detector.network import DetectorNetwork
from nonet.train.detector.warm_start import warm_start
from nonet.train.trunks import build_trunk

SIZE = torch.full((9, 2), 0.2)


def fresh(seed: int) -> DetectorNetwork:
    torch.manual_seed(seed)
    return DetectorNetwork(build_trunk("efficientnet-lite0"), SIZE).eval()


@pytest.fixture(scope="module")
def frames() -> torch.Tensor:
    pixels = [simulate(seed).pixels[200:296, 200:328] for seed in (1, 2)]
    return torch.from_numpy(np.stack(pixels).astype(np.float32) / 255)[:, None]


@pytest.fixture(scope="module")
def model() -> bytes:
    return export_detector(fresh(0), 128, 96)


def batch(images: torch.Tensor) -> FrameBatch:
    return FrameBatch(images, torch.empty(len(images), 9, 4), torch.zeros(len(images), dtype=torch.bool))


def test_the_network_says_what_the_model_says(model: bytes, frames: torch.Tensor) -> None:
    network = fresh(1)
    warm_start(network, model, [batch(frames)])
    scores, edges, _ = Session(model, "test").run({"grey": frames[:1].numpy()})
    with torch.no_grad():
        maps = network.eval()(frames[:1])
    assert maps.logits.sigmoid().numpy() == pytest.approx(scores, abs=1e-4)
    assert maps.edges.numpy() == pytest.approx(edges, abs=0.05)


def test_normalisations_know_their_input(model: bytes, frames: torch.Tensor) -> None:
    """So training mode, which takes the statistics of the batch, begins near evaluation mode."""
    network = fresh(1)
    warm_start(network, model, [batch(frames)])
    with torch.no_grad():
        trained = network.train()(frames).logits
        in_evaluation = network.eval()(frames).logits
    assert (trained - in_evaluation).abs().mean() < 0.2 * in_evaluation.std() + 0.05


def test_another_trunk_takes_over_what_it_shares(model: bytes, frames: torch.Tensor) -> None:
    """The stem to stride 8 and nearly all of pyramid and heads; where the trunks differ nothing changes."""
    torch.manual_seed(1)
    network = DetectorNetwork(build_trunk("swin-small"), SIZE)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    warm_start(network, model, [batch(frames)])
    given, after = fresh(0).state_dict(), network.state_dict()
    with torch.no_grad():
        stem, _ = network.eval().trunk(frames[:1].expand(-1, 3, -1, -1))[:2]
        other, _ = fresh(0).trunk(frames[:1].expand(-1, 3, -1, -1))[:2]
    assert (stem - other).abs().mean() < 0.005 * other.std()  # the model keeps its weights in half precision
    assert torch.equal(after["scores.weight"], given["scores.weight"])
    fresh_ones = [name for name in before if ".swin." in name or "laterals.3" in name]
    assert len(fresh_ones) > 50
    assert all(torch.equal(after[name], before[name]) for name in fresh_ones)


def test_a_model_that_begins_otherwise_is_refused(frames: torch.Tensor) -> None:
    other = torch.nn.Sequential(torch.nn.Conv2d(1, 3, 3), torch.nn.BatchNorm2d(3))
    with raised(TrainingError, found="71 convolutions, the first of another shape"):
        warm_start(other, export_detector(fresh(0), 128, 96), [batch(frames)])
