"""Every head trains, is kept, exported and read by the same detector at run time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from errors_raised import raised
from nonet.bundle import Layout
from nonet.bundle.session import Session
from nonet.detect.decode_dense import decode_dense
from nonet.detect.decode_maps import decode_maps
from nonet.errors import TrainingError
from nonet.train.detector.export import export_detector
from nonet.train.detector.heads import HEADS, find_head, loss_of
from nonet.train.detector.recipe import load_recipe
from nonet.train.detector.state import TrainingState, load_network, save_network
from nonet.train.trunks.efficientnet_lite import EfficientNetLite0

ROOT = Path(__file__).parents[3]
SIZE = torch.full((9, 2), 0.2)
DECODERS = {Layout.MAPS: decode_maps, Layout.DENSE: decode_dense}


@pytest.mark.parametrize("name", sorted(HEADS))
def test_it_gives_the_run_time_what_its_layout_says(name: str) -> None:
    torch.manual_seed(0)
    network = find_head(name).build(EfficientNetLite0(), SIZE).eval()
    grey = np.random.default_rng(0).random((1, 1, 64, 96), np.float32)
    outputs = Session(export_detector(network, 96, 64), "test").run({"grey": grey})
    found = DECODERS[HEADS[name].layout](*(each[0] for each in outputs), count=2)
    assert found.scores.shape == (9, 2)
    assert found.edges.shape == found.spreads.shape == (9, 2, 4)
    assert np.isfinite(found.spreads).all()


@pytest.mark.parametrize("name", sorted(HEADS))
def test_its_loss_reaches_the_whole_trunk(name: str) -> None:
    torch.manual_seed(0)
    network = find_head(name).build(EfficientNetLite0(), SIZE)
    edges = torch.tensor([20.0, 16.0, 76.0, 48.0]).expand(2, 9, 4)
    score_loss, edge_loss = loss_of(network(torch.rand(2, 1, 64, 96)), edges, torch.zeros(2, dtype=torch.bool), 0.3)
    (score_loss + edge_loss).backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.trunk.parameters())


def test_a_network_is_kept_with_its_head(tmp_path: Path) -> None:
    shipped, _ = load_recipe(ROOT / "recipes/detector-default.toml")
    recipe = replace(shipped, trunk="yolo11n", head="dense-stride4")
    begun = TrainingState.begin(recipe, "sha", SIZE).network
    save_network(begun, recipe, tmp_path / "weights.pt")
    kept = load_network(tmp_path / "weights.pt")
    assert all(torch.equal(value, kept.state_dict()[key]) for key, value in begun.state_dict().items())


def test_a_head_that_does_not_exist_is_named_with_those_that_do() -> None:
    with raised(TrainingError, found="'dnse'"):
        find_head("dnse")
