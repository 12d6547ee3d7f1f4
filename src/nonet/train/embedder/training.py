"""Train the embedder by a recipe: checkpoints as it goes, and takes up where it was stopped."""

from __future__ import annotations

import json
import logging
import time
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from nonet.errors import TrainingError
from nonet.train.allocator import keep_freed_memory
from nonet.train.checkpoint import move_average, write_whole
from nonet.train.embedder.network import build_network
from nonet.train.embedder.objective import EmbedderObjective, Losses, losses_of
from nonet.train.embedder.views import batches, steps_of
from nonet.train.schedule import learning_rate

if TYPE_CHECKING:
    from pathlib import Path

    from nonet.train.embedder.recipe import EmbedderRecipe
    from nonet.train.embedder.training_crops import Crops
    from nonet.train.embedder.views import ViewBatch

__all__ = ["EmbedderRun", "train_embedder"]

_LOG = logging.getLogger(__name__)
_CHECKPOINT = "checkpoint.pt"
_THREADS = 2
_SAVE_EVERY_STEPS = 25
_MAX_GRADIENT = 10.0


@dataclass
class EmbedderRun:
    """A run between two steps; ``epoch`` and ``step`` say which comes next."""

    learner: EmbedderObjective
    average: EmbedderObjective
    optimiser: torch.optim.Optimizer
    recipe_sha256: str
    epoch: int = 0
    step: int = 0
    updates: int = 0

    @classmethod
    def begin(cls, recipe: EmbedderRecipe, recipe_sha256: str) -> EmbedderRun:
        """A fresh run: warm-started body, the rest new."""
        torch.manual_seed(recipe.seed)
        learner = EmbedderObjective(build_network(recipe.body, recipe.weights))
        learner = learner.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        rest = [*learner.classifier.parameters(), *learner.expander.parameters()]
        groups = [
            {"params": list(learner.network.parameters()), "share": recipe.body_rate},
            {"params": rest, "share": 1.0},
        ]
        optimiser = torch.optim.AdamW(groups, lr=recipe.peak_rate, weight_decay=recipe.weight_decay)
        return cls(learner, deepcopy(learner).eval().requires_grad_(False), optimiser, recipe_sha256)

    def move_to(self, device: torch.device) -> None:
        """Go on on another device; the optimiser's own state follows when it is restored or begun."""
        self.learner.to(device)
        self.average.to(device)

    def save(self, folder: Path) -> None:
        """Write the whole run, so that a kill at any moment leaves the old or the new file."""
        write_whole(
            {
                "learner": self.learner.state_dict(),
                "average": self.average.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "recipe_sha256": self.recipe_sha256,
                "place": [self.epoch, self.step, self.updates],
            },
            folder / _CHECKPOINT,
        )

    def restore(self, folder: Path) -> None:
        """Take up the run that a folder holds, if it holds one.

        Raises
        ------
        TrainingError
            If it belongs to another recipe.
        """
        path = folder / _CHECKPOINT
        if not path.exists():
            return
        saved = torch.load(path, map_location="cpu", weights_only=True)
        if saved["recipe_sha256"] != self.recipe_sha256:
            raise TrainingError(
                "A run goes on with the recipe it began with",
                found=f"{path} was written for another recipe",
                remedy="Choose a new run folder, or put the recipe back",
            )
        self.learner.load_state_dict(saved["learner"])
        self.average.load_state_dict(saved["average"])
        self.optimiser.load_state_dict(saved["optimiser"])
        self.epoch, self.step, self.updates = saved["place"]


def train_embedder(
    recipe: EmbedderRecipe, recipe_sha256: str, crops: Crops, folder: Path, device: torch.device | None = None
) -> EmbedderObjective:
    """Train to the recipe's end and give the average of the weights, in evaluation mode, on the processor.

    Parameters
    ----------
    recipe, recipe_sha256
        What to do, and the hash that a checkpoint must carry to be taken up.
    crops
        What to learn from, at least a batch.
    folder
        Gets checkpoints and a log of losses; if it holds a checkpoint of this recipe, training goes
        on from there, whichever device wrote it.
    device
        By default the processor.

    Raises
    ------
    TrainingError
        If there are fewer crops than a batch holds.
    """
    if not steps_of(recipe, crops):
        raise TrainingError(
            "An epoch has at least one full batch",
            found=f"{len(crops.labels)} crops, batches of {recipe.batch}",
            remedy="Give more boxed frames, or make the recipe's batch smaller",
        )
    keep_freed_memory()
    torch.set_num_threads(_THREADS)
    folder.mkdir(parents=True, exist_ok=True)
    device = device or torch.device("cpu")
    run = EmbedderRun.begin(recipe, recipe_sha256)
    run.move_to(device)
    run.restore(folder)
    while run.epoch < recipe.epochs:
        _run_epoch(recipe, run, crops, folder, device)
    return run.average.cpu()


def _run_epoch(recipe: EmbedderRecipe, run: EmbedderRun, crops: Crops, folder: Path, device: torch.device) -> None:
    run.learner.train()
    steps, begun, first = steps_of(recipe, crops), time.monotonic(), run.step
    losses_ = []
    for batch in batches(recipe, crops, run.epoch, run.step):
        done = (run.epoch + run.step / steps) / recipe.epochs
        rate = learning_rate(done, peak=recipe.peak_rate, final=recipe.final_rate, warmup=recipe.warmup)
        losses_.append(_step(recipe, run, batch.to(device), rate))
        run.step += 1
        if run.step % _SAVE_EVERY_STEPS == 0:
            run.save(folder)
            seconds = (time.monotonic() - begun) / (run.step - first)
            means = _means(losses_[-_SAVE_EVERY_STEPS:])
            _LOG.info("epoch %d step %d/%d %s, %.2f s a step", run.epoch, run.step, steps, means, seconds)
    with (folder / "losses.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"epoch": run.epoch, **_means(losses_)}) + "\n")
    run.step, run.epoch = 0, run.epoch + 1
    run.save(folder)


def _step(recipe: EmbedderRecipe, run: EmbedderRun, batch: ViewBatch, rate: float) -> list[float]:
    for group in run.optimiser.param_groups:
        group["lr"] = rate * group["share"]
    losses = losses_of(run.learner, batch.images, batch.labels)
    weights, parts = recipe.objective, torch.stack(losses)
    total = parts @ parts.new_tensor([getattr(weights, name) for name in Losses._fields])
    run.optimiser.zero_grad(set_to_none=True)
    total.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(run.learner.parameters(), _MAX_GRADIENT)
    run.optimiser.step()
    run.updates += 1
    move_average(run.average, run.learner, recipe.average_decay, run.updates)
    return parts.tolist()


def _means(losses_: list[list[float]]) -> dict[str, float]:
    if not losses_:
        return {}
    return {name: round(float(mean), 4) for name, mean in zip(Losses._fields, np.mean(losses_, axis=0), strict=True)}
