"""A network trains where it is told; what it is taught does not depend on how batches are prepared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from errors_raised import raised
from nonet.errors import TrainingError
from nonet.train.detector.batches import Epoch, FrameBatch
from nonet.train.detector.map_losses import gaussian_targets
from nonet.train.detector.recipe import load_recipe
from nonet.train.detector.samples import Sample
from nonet.train.detector.training_frames import TrainingFrames
from nonet.train.device import DeviceChoice, batches_ahead, training_device
from nonet.train.embedder.views import ViewBatch

RECIPE = Path(__file__).parents[2] / "recipes/detector-default.toml"


def test_a_gpu_is_taken_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert training_device().type == training_device(DeviceChoice.CUDA).type == "cuda"
    assert training_device(DeviceChoice.CPU).type == "cpu"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert training_device().type == "cpu"
    with raised(TrainingError, found="^none"):
        training_device(DeviceChoice.CUDA)


def test_the_processor_prepares_one_batch_while_it_trains() -> None:
    assert batches_ahead(torch.device("cpu")) == 1
    assert batches_ahead(torch.device("cuda")) >= 1


def test_batches_do_not_depend_on_how_many_are_prepared_ahead() -> None:
    recipe, _ = load_recipe(RECIPE)
    stage = replace(recipe.stages[0], width=96, height=64, batch=2, simulated=0.0, empty=0.0)
    rng = np.random.default_rng(0)
    edges = np.tile(np.array([5, 5, 25, 20], np.float32), (9, 1))
    real = [Sample(f"{n}.png", rng.integers(0, 255, (40, 60), np.uint8), edges, f"{n:064x}") for n in range(9)]
    epoch = Epoch(replace(recipe, stages=(stage,)), 0, 0, TrainingFrames(real, []))
    one, many = (list(epoch.batches(1, ahead)) for ahead in (1, 7))
    assert len(one) == len(many) == len(epoch) - 1
    for first, second in zip(one, many, strict=True):
        assert all(torch.equal(a.nan_to_num(-1.0), b.nan_to_num(-1.0)) for a, b in zip(first, second, strict=True))


def test_what_is_taught_lies_where_the_batch_does() -> None:
    """On the device that holds no values, whose tensors PyTorch refuses to mix with others, as it does a GPU's."""
    batch = FrameBatch(torch.zeros(2, 1, 64, 96), torch.zeros(2, 9, 4), torch.zeros(2, dtype=torch.bool))
    there = batch.to(torch.device("meta"))
    assert {part.device.type for part in there} == {"meta"}
    crops = ViewBatch(torch.zeros(2, 3, 1, 32, 64), torch.zeros(3, dtype=torch.int64)).to(torch.device("meta"))
    assert {part.device.type for part in crops} == {"meta"}
    assert gaussian_targets(there.edges, 16, 24).device.type == "meta"
    with pytest.raises(RuntimeError, match="meta"):
        there.edges + batch.edges
