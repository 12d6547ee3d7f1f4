"""The ONNX model says what the torch network says."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
import pytest
import torch

from errors_raised import raised
from nonet.bundle.session import Session
from nonet.errors import BundleError
from nonet.train.detector.export import export_detector
from nonet.train.detector.network import DetectorNetwork
from nonet.train.trunks import build_trunk


@pytest.fixture(scope="module")
def network() -> DetectorNetwork:
    torch.manual_seed(0)
    return DetectorNetwork(build_trunk("efficientnet-lite0"), torch.full((9, 2), 0.2)).eval()


def test_scores_edges_and_spreads_agree_to_half_precision(network: DetectorNetwork) -> None:
    grey = np.random.default_rng(0).random((1, 1, 96, 128), np.float32)
    scores, edges, spreads = Session(export_detector(network, 128, 96), "test").run({"grey": grey})
    with torch.no_grad():
        logits, expected, expected_spreads = network(torch.from_numpy(grey))
    assert scores == pytest.approx(logits.sigmoid().numpy(), abs=1e-2)
    assert edges == pytest.approx(expected.numpy(), abs=0.5)
    assert spreads == pytest.approx(expected_spreads.numpy(), rel=0.05)


def test_the_model_takes_an_input_of_another_size(network: DetectorNetwork) -> None:
    session = Session(export_detector(network, 128, 96), "test")
    session.check_input("grey", (1, 1, 64, 96))
    grey = np.random.default_rng(0).random((1, 1, 64, 96), np.float32)
    scores, edges, _ = session.run({"grey": grey})
    trained = deepcopy(network)
    trained.unit_width = 128
    with torch.no_grad():
        logits, expected, _ = trained(torch.from_numpy(grey))
    assert scores == pytest.approx(logits.sigmoid().numpy(), abs=1e-2)
    assert edges == pytest.approx(expected.numpy(), abs=0.5)


def test_boxes_keep_the_units_of_the_input_that_was_trained_at(network: DetectorNetwork) -> None:
    grey = np.random.default_rng(1).random((1, 1, 64, 96), np.float32)
    with torch.no_grad():
        expected = network(torch.from_numpy(grey)).edges.numpy()
    session = Session(export_detector(network, 128, 96, unit_width=96), "larger")
    edges = session.run({"grey": grey})[1]
    assert np.abs(edges - expected).max() < 0.2
    in_other_units = Session(export_detector(network, 128, 96), "larger").run({"grey": grey})[1]
    assert np.abs(in_other_units - expected).max() > 2


def test_a_trunk_of_one_input_size_is_exported_at_that_size() -> None:
    torch.manual_seed(0)
    fixed = DetectorNetwork(build_trunk("swin-small"), torch.full((9, 2), 0.2)).eval()
    assert Session(export_detector(fixed, 128, 96), "test").inputs == {"grey": [1, 1, 96, 128]}


def test_the_file_is_half_the_size_of_the_weights(network: DetectorNetwork) -> None:
    weights = sum(p.numel() * 4 for p in network.parameters())
    assert len(export_detector(network, 128, 96)) < 0.6 * weights


def test_bytes_that_are_no_model_are_refused() -> None:
    with raised(BundleError, found="ONNX"):
        Session(b"not a model", "detector.onnx")
