"""What a training run is at any moment, on disk: weights, their moving average, the optimiser, the place."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from nonet.anatomy import STRUCTURES
from nonet.errors import TrainingError
from nonet.train.checkpoint import move_average, write_whole
from nonet.train.detector.heads import find_head
from nonet.train.detector.warm_start import warm_start
from nonet.train.trunks import build_trunk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nonet.bundle import Bundle
    from nonet.train.detector.batches import FrameBatch
    from nonet.train.detector.heads import Network
    from nonet.train.detector.recipe import Recipe

__all__ = ["TrainingState", "load_network", "save_network"]


@dataclass
class TrainingState:
    """A run between two steps; ``stage``, ``epoch`` and ``step`` say which comes next."""

    network: Network
    average: Network
    optimiser: torch.optim.Optimizer
    recipe_sha256: str
    stage: int = 0
    epoch: int = 0
    step: int = 0
    updates: int = 0

    @classmethod
    def begin(cls, recipe: Recipe, recipe_sha256: str, typical_size: Tensor) -> TrainingState:
        """A fresh run: warm-started trunk, new head."""
        torch.manual_seed(recipe.seed)
        weights = Path(recipe.trunk_weights) if recipe.trunk_weights else None
        network = find_head(recipe.head).build(build_trunk(recipe.trunk, weights), typical_size)
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        trunk = list(network.trunk.parameters())
        known = {id(p) for p in trunk}
        rest = [p for p in network.parameters() if id(p) not in known]
        groups = [{"params": trunk, "share": recipe.trunk_rate}, {"params": rest, "share": 1.0}]
        optimiser = torch.optim.AdamW(groups, lr=1e-3, weight_decay=recipe.weight_decay)
        return cls(network, deepcopy(network).eval().requires_grad_(False), optimiser, recipe_sha256)

    def start_from(self, bundle: Bundle, batches: Iterable[FrameBatch]) -> None:
        """Take over the weights of a bundle's detector; what it lacks stays as it was begun."""
        warm_start(self.network, bundle.file(bundle.manifest.detector.file), batches)
        self.average.load_state_dict(self.network.state_dict())

    def move_to(self, device: torch.device) -> None:
        """Go on on another device; the optimiser's own state follows when it is restored or begun."""
        self.network.to(device)
        self.average.to(device)

    def follow(self, decay: float) -> None:
        """Move the average towards the weights; early on it follows faster."""
        self.updates += 1
        move_average(self.average, self.network, decay, self.updates)

    def save(self, path: Path) -> None:
        """Write the whole run, so that a kill at any moment leaves the old or the new file."""
        write_whole(
            {
                "network": self.network.state_dict(),
                "average": self.average.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "recipe_sha256": self.recipe_sha256,
                "place": [self.stage, self.epoch, self.step, self.updates],
            },
            path,
        )

    def restore(self, path: Path) -> None:
        """Take up a run where its file left it.

        Raises
        ------
        TrainingError
            If the file belongs to another recipe.
        """
        saved = torch.load(path, map_location="cpu", weights_only=True)
        if saved["recipe_sha256"] != self.recipe_sha256:
            raise TrainingError(
                "A run goes on with the recipe it began with",
                found=f"{path} was written for another recipe",
                remedy="Choose a new run folder, or put the recipe back",
            )
        self.network.load_state_dict(saved["network"])
        self.average.load_state_dict(saved["average"])
        self.optimiser.load_state_dict(saved["optimiser"])
        self.stage, self.epoch, self.step, self.updates = saved["place"]


def save_network(network: Network, recipe: Recipe, path: Path) -> None:
    """Write the weights alone."""
    write_whole({"trunk": recipe.trunk, "head": recipe.head, "weights": network.state_dict()}, path)


def load_network(path: Path) -> Network:
    """The network of a weights file, in evaluation mode."""
    saved = torch.load(path, map_location="cpu", weights_only=True)
    network = find_head(saved.get("head", "maps")).build(build_trunk(saved["trunk"]), torch.ones(len(STRUCTURES), 2))
    network.load_state_dict(saved["weights"])
    return network.eval()
