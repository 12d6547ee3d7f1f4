"""Train the detector by a recipe: checkpoints as it goes, and takes up where it was stopped."""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from nonet.bundle import Bundle
from nonet.errors import TrainingError
from nonet.train.allocator import keep_freed_memory
from nonet.train.detector.batches import Epoch
from nonet.train.detector.heads import loss_of
from nonet.train.detector.network import DetectorNetwork
from nonet.train.detector.state import TrainingState, save_network
from nonet.train.device import batches_ahead
from nonet.train.schedule import learning_rate
from nonet.train.trunks.trunk import COARSEST_STRIDE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from nonet.train.detector.batches import FrameBatch
    from nonet.train.detector.dense import Proposals
    from nonet.train.detector.heads import Network
    from nonet.train.detector.network import Maps
    from nonet.train.detector.recipe import Recipe
    from nonet.train.detector.samples import Sample
    from nonet.train.detector.training_frames import TrainingFrames

__all__ = ["train_detector", "typical_size"]

_LOG = logging.getLogger(__name__)
_THREADS = 2
_SAVE_EVERY_STEPS = 25
_EDGE_WEIGHT = 2.0
_MAX_GRADIENT = 10.0


def typical_size(samples: Sequence[Sample]) -> Tensor:
    """Median width and height of each structure over its frame's width, ``float32[9, 2]``."""
    sizes = [(s.edges[:, 2:] - s.edges[:, :2]) / s.pixels.shape[1] for s in samples]
    return torch.from_numpy(np.nanmedian(np.stack(sizes), axis=0).astype(np.float32))


def train_detector(
    recipe: Recipe, recipe_sha256: str, material: TrainingFrames, run: Path, device: torch.device | None = None
) -> None:
    """Train to the recipe's end; ``run`` gets checkpoints, one weights file an epoch, and a log of losses.

    Parameters
    ----------
    recipe, recipe_sha256
        What to do, and the hash that a checkpoint must carry to be taken up.
    material
        The samples; what is held out is not looked at.
    run
        A folder; if it holds a checkpoint of this recipe, training goes on from there, whichever device wrote it.
    device
        By default the processor. On a GPU products are made in bfloat16 whatever the recipe says.

    Raises
    ------
    TrainingError
        If the recipe asks for what its network or its start cannot give.
    """
    if recipe.start_share and not recipe.start:
        raise TrainingError(
            "Weights are shared with the detector that training begins with",
            found=f"start_share = {recipe.start_share} and no start",
            remedy="Name a start in the recipe, or leave start_share out",
        )
    device = device or torch.device("cpu")
    keep_freed_memory()
    torch.set_num_threads(_THREADS)
    run.mkdir(parents=True, exist_ok=True)
    checkpoint = run / "checkpoint.pt"
    state = TrainingState.begin(recipe, recipe_sha256, typical_size(material.trained))
    _check_sizes(recipe, state.network)
    if recipe.start and not checkpoint.exists():
        state.start_from(Bundle(Path(recipe.start)), Epoch(recipe, 0, 0, material).batches())
    state.move_to(device)
    if checkpoint.exists():
        state.restore(checkpoint)
    while state.stage < len(recipe.stages):
        _run_epoch(recipe, state, material, run, device)


def _check_sizes(recipe: Recipe, network: Network) -> None:
    any_size = isinstance(network, DetectorNetwork) and network.trunk.any_size
    asked = {"input": recipe.input, "first_pass": recipe.first_pass, "second_pass": recipe.second_pass}
    for name, sides in asked.items():
        if sides and not (any_size and all(_whole(side) for side in sides)):
            raise TrainingError(
                "An input of another size than in training needs score maps on a trunk of any size, and sides in "
                f"multiples of {COARSEST_STRIDE}",
                found=f"{name} {list(sides)}, trunk {recipe.trunk}, head {recipe.head}",
                remedy=f"Leave {name} out of the recipe, or choose another trunk, head or size",
            )


def _whole(side: int) -> bool:
    return side > 0 and side % COARSEST_STRIDE == 0


def _run_epoch(recipe: Recipe, state: TrainingState, material: TrainingFrames, run: Path, device: torch.device) -> None:
    epoch = Epoch(recipe, state.stage, state.epoch, material)
    state.network.train()
    begun, first = time.monotonic(), state.step
    losses = []
    for batch in epoch.batches(state.step, batches_ahead(device)):
        done = (state.epoch * len(epoch) + state.step) / (epoch.stage.epochs * len(epoch))
        stage = epoch.stage
        rate = learning_rate(done, peak=stage.peak_rate, final=stage.final_rate, warmup=stage.warmup)
        losses.append(_step(recipe, state, batch.to(device), rate))
        state.step += 1
        if state.step % _SAVE_EVERY_STEPS == 0:
            state.save(run / "checkpoint.pt")
            _LOG.info(
                "stage %d epoch %d step %d/%d score %.3f edges %.3f, %.2f s a frame",
                state.stage,
                state.epoch,
                state.step,
                len(epoch),
                *np.mean(losses[-_SAVE_EVERY_STEPS:], axis=0),
                (time.monotonic() - begun) / (state.step - first) / epoch.stage.batch,
            )
    save_network(state.average, recipe, run / f"weights-{state.stage}-{state.epoch:02d}.pt")
    _record(run, state, losses)
    state.step, state.epoch = 0, state.epoch + 1
    if state.epoch == epoch.stage.epochs:
        state.stage, state.epoch = state.stage + 1, 0
    state.save(run / "checkpoint.pt")


def _step(recipe: Recipe, state: TrainingState, batch: FrameBatch, rate: float) -> tuple[float, float]:
    for group in state.optimiser.param_groups:
        group["lr"] = rate * group["share"]
    outputs = _outputs(recipe, state.network, batch.images)
    score_loss, edge_loss = loss_of(outputs, batch.edges, batch.complete, recipe.missing_weight)
    state.optimiser.zero_grad(set_to_none=True)
    (score_loss + _EDGE_WEIGHT * edge_loss).backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(state.network.parameters(), _MAX_GRADIENT)
    state.optimiser.step()
    state.follow(recipe.average_decay)
    return float(score_loss.detach()), float(edge_loss.detach())


def _outputs(recipe: Recipe, network: Network, images: Tensor) -> Maps | Proposals:
    """What the network says of a batch, in float32 whatever its products are made in."""
    device = images.device.type
    with torch.autocast(device, torch.bfloat16, enabled=device != "cpu" or recipe.precision == "bfloat16"):
        outputs: Maps | Proposals = network(images.to(memory_format=torch.channels_last))
    return type(outputs)(*(part.float() for part in outputs))


def _record(run: Path, state: TrainingState, losses: list[tuple[float, float]]) -> None:
    score, edge = np.mean(losses, axis=0) if losses else (float("nan"), float("nan"))
    row = {
        "stage": state.stage,
        "epoch": state.epoch,
        "score_loss": round(float(score), 4),
        "edge_loss": round(float(edge), 4),
    }
    with (run / "losses.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
