"""The dense network learns, over any trunk, and its ONNX model says what it says."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nonet.anatomy import STRUCTURES
from nonet.bundle.session import Session
from nonet.detect.decode_dense import decode_dense
from nonet.detect.letterbox import Letterbox
from nonet.simulate import TRAINING_SEEDS, simulate
from nonet.train.batch_norm_folding import folded
from nonet.train.detector.dense import DenseNetwork, dense_loss
from nonet.train.detector.export import export_detector
from nonet.train.detector.overlap import iou
from nonet.train.detector.samples import edges_of
from nonet.train.trunks.efficientnet_lite import EfficientNetLite0
from nonet.train.trunks.trunk import Trunk
from nonet.train.trunks.yolo11 import YOLO11
from nonet.train.trunks.yolo_blocks import NANO

WIDTH, HEIGHT = 192, 128
STEPS = 30


def to_canvas(box: Letterbox, edges: np.ndarray) -> np.ndarray:
    """Frame edges ``[..., 4]`` in canvas pixels."""
    border = np.array([box.left, box.top, box.left, box.top], np.float32)
    return edges * np.float32(box.scale) + border


def frames(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Simulated frames ``[N, 1, 128, 192]`` and their edges ``[N, 9, 4]``."""
    images, edges = [], []
    for seed in TRAINING_SEEDS[:count]:
        frame = simulate(seed)
        letterbox = Letterbox.fit(frame.pixels.shape[1], frame.pixels.shape[0], WIDTH, HEIGHT)
        images.append(letterbox.apply(frame.pixels)[None])
        edges.append(to_canvas(letterbox, edges_of(frame.boxes)))
    return torch.from_numpy(np.stack(images)), torch.from_numpy(np.stack(edges))


@pytest.fixture(scope="module")
def network() -> DenseNetwork:
    """YOLO11n with normalisation statistics of its own."""
    torch.manual_seed(0)
    made = DenseNetwork(YOLO11.nano())
    with torch.no_grad():
        made.train()(torch.rand(2, 1, HEIGHT, WIDTH))
    return made.eval()


@pytest.mark.parametrize("trunk", [YOLO11.nano(), EfficientNetLite0()], ids=["yolo11n", "efficientnet-lite0"])
@pytest.mark.parametrize(("finest", "cells"), [(8, 16 * 24 + 8 * 12 + 4 * 6), (4, 32 * 48 + 16 * 24 + 8 * 12 + 4 * 6)])
def test_every_cell_of_every_level_has_a_proposal(trunk: Trunk, finest: int, cells: int) -> None:
    with torch.no_grad():
        proposals = DenseNetwork(trunk, NANO, finest_stride=finest).eval()(torch.rand(1, 1, HEIGHT, WIDTH))
    assert proposals.logits.shape == (1, 9, cells)
    assert proposals.edges().shape == proposals.spreads().shape == (1, 4, cells)
    assert proposals.points[:2].tolist() == [[finest / 2, finest / 2], [finest * 1.5, finest / 2]]
    assert proposals.points[-1].tolist() == [WIDTH - 16, HEIGHT - 16]


@pytest.mark.slow
def test_it_learns_a_few_simulated_frames_by_heart() -> None:
    torch.manual_seed(0)
    images, edges = frames(4)
    network = DenseNetwork(YOLO11.nano(), finest_stride=4)
    optimiser = torch.optim.AdamW(network.parameters(), lr=4e-3)
    for _ in range(STEPS):
        optimiser.zero_grad()
        score_loss, edge_loss = dense_loss(network(images), edges, torch.zeros(4, dtype=torch.bool), 0.3)
        (score_loss + 2 * edge_loss).backward()
        optimiser.step()
    with torch.no_grad():
        proposals = network(images)
    best = proposals.logits.argmax(2)
    placed = proposals.edges().transpose(1, 2).gather(1, best[..., None].expand(-1, -1, 4))
    assert float(iou(placed, edges).nanmean()) > 0.7


def test_its_onnx_model_agrees(network: DenseNetwork) -> None:
    grey = np.random.default_rng(0).random((1, 1, HEIGHT, WIDTH), np.float32)
    outputs, spreads = Session(export_detector(network, WIDTH, HEIGHT), "test").run({"grey": grey})
    stored = folded(network)
    for weight in stored.parameters():
        if weight.numel() >= 1024:
            weight.data = weight.data.half().float()
    with torch.no_grad():
        proposals = stored(torch.from_numpy(grey))
    assert outputs.shape == (1, 4 + len(STRUCTURES), len(proposals.points))
    assert np.allclose(outputs[0, 4:], proposals.logits[0].sigmoid(), atol=1e-4)
    x1, y1, x2, y2 = proposals.edges()[0].numpy()
    assert np.allclose(outputs[0, :4], [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1], rtol=1e-4, atol=1e-3)
    assert np.allclose(spreads[0], proposals.spreads()[0], rtol=1e-4, atol=1e-3)


def test_the_run_time_reads_it(network: DenseNetwork) -> None:
    grey = np.random.default_rng(1).random((1, 1, HEIGHT, WIDTH), np.float32)
    outputs, spreads = Session(export_detector(network, WIDTH, HEIGHT), "test").run({"grey": grey})
    found = decode_dense(outputs[0], spreads[0], count=2)
    assert found.scores.shape == (9, 2)
    assert found.edges.shape == found.spreads.shape == (9, 2, 4)
    assert (found.edges[..., 2:] > found.edges[..., :2]).all()
    assert (found.spreads > 0).all()
