"""Training learns, and a run that was stopped ends as one that was not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from errors_raised import raised
from nonet.errors import TrainingError
from nonet.train.detector import training as detector
from nonet.train.detector.recipe import Recipe, Stage, load_recipe
from nonet.train.detector.samples import Sample, hold_out
from nonet.train.detector.state import load_network
from nonet.train.detector.training_frames import TrainingFrames

ROOT = Path(__file__).parents[3]
STAGE = Stage(epochs=2, width=96, height=64, batch=2, peak_rate=1e-3, final_rate=1e-4)


def recipe() -> Recipe:
    shipped, _ = load_recipe(ROOT / "recipes/detector-default.toml")
    return replace(shipped, stages=(STAGE,), start=None, start_share=0.0, input=None, first_pass=None, second_pass=None)


def samples(count: int) -> list[Sample]:
    rng = np.random.default_rng(3)
    made = []
    for index in range(count):
        pixels = rng.integers(0, 40, (80, 120), np.uint8)
        x, y = (int(v) for v in rng.integers(20, 50, 2))
        pixels[y : y + 20, x : x + 30] = 220
        edges = np.tile(np.array([x, y, x + 30, y + 20], np.float32), (9, 1))
        made.append(Sample(f"{index}.png", pixels, edges, f"{index:064x}"))
    return made


def weights(run: Path, name: str) -> dict[str, torch.Tensor]:
    return load_network(run / name).state_dict()


@pytest.mark.slow
def test_a_stopped_run_ends_with_the_same_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = samples(8)
    monkeypatch.setattr(detector, "_SAVE_EVERY_STEPS", 1)
    detector.train_detector(recipe(), "sha", TrainingFrames(real, []), tmp_path / "straight")

    steps = iter(range(3))
    untouched = detector._step

    def stopped(*arguments: object) -> tuple[float, float]:
        if next(steps, None) is None:
            raise KeyboardInterrupt
        return untouched(*arguments)

    monkeypatch.setattr(detector, "_step", stopped)
    with pytest.raises(KeyboardInterrupt):
        detector.train_detector(recipe(), "sha", TrainingFrames(real, []), tmp_path / "stopped")
    monkeypatch.setattr(detector, "_step", untouched)
    detector.train_detector(recipe(), "sha", TrainingFrames(real, []), tmp_path / "stopped")

    straight, resumed = (weights(tmp_path / run, "weights-0-01.pt") for run in ("straight", "stopped"))
    assert all(torch.equal(straight[key], resumed[key]) for key in straight)


@pytest.mark.parametrize(
    ("size", "changed"),
    [((50, 32), {}), ((64, 0), {}), ((64, 32), {"head": "dense"}), ((64, 32), {"trunk": "swin-small"})],
    ids=["odd side", "no side", "other head", "trunk of one size"],
)
@pytest.mark.parametrize("name", ["input", "first_pass", "second_pass"])
def test_a_pass_that_the_network_cannot_make_is_refused_at_once(
    tmp_path: Path, name: str, size: tuple[int, int], changed: dict[str, Any]
) -> None:
    wanted = replace(recipe(), **{name: size, **changed})
    with raised(TrainingError, found=name):
        detector.train_detector(wanted, "sha", TrainingFrames(samples(4), []), tmp_path)


@pytest.mark.slow
def test_the_loss_falls(tmp_path: Path) -> None:
    longer = replace(recipe(), stages=(replace(STAGE, epochs=4),))
    detector.train_detector(longer, "sha", TrainingFrames(samples(16), []), tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "losses.jsonl").read_text().splitlines()]
    assert rows[-1]["score_loss"] < 0.5 * rows[0]["score_loss"]


@pytest.mark.slow
def test_products_in_bfloat16_give_nearly_the_losses_and_weights_of_float32(tmp_path: Path) -> None:
    whole = replace(recipe(), trunk="yolo11n", head="dense", stages=(replace(STAGE, epochs=1),))
    losses = {}
    for precision in ("float32", "bfloat16"):
        run = tmp_path / precision
        detector.train_detector(replace(whole, precision=precision), "sha", TrainingFrames(samples(4), []), run)
        losses[precision] = json.loads((run / "losses.jsonl").read_text())
        for name, value in weights(run, "weights-0-00.pt").items():
            assert not value.is_floating_point() or (value.dtype == torch.float32 and value.isfinite().all()), name
    assert losses["bfloat16"] != losses["float32"]
    for part in ("score_loss", "edge_loss"):
        assert losses["bfloat16"][part] == pytest.approx(losses["float32"][part], rel=0.1)


def test_a_checkpoint_of_another_recipe_is_not_taken_up(tmp_path: Path) -> None:
    detector.train_detector(recipe(), "one", TrainingFrames(samples(4), []), tmp_path)
    with raised(TrainingError, found="another recipe"):
        detector.train_detector(recipe(), "two", TrainingFrames(samples(4), []), tmp_path)


def test_holding_out_goes_by_pixels_and_leaves_nothing_in_both() -> None:
    everything = samples(200)
    kept, held = hold_out(everything, 0.1)
    assert {s.pixels_sha256 for s in kept}.isdisjoint(s.pixels_sha256 for s in held)
    assert len(kept) + len(held) == 200
    assert 8 <= len(held) <= 35
    assert hold_out(everything[::-1], 0.1)[1] == held[::-1]
