"""Two views of each crop, drawn so that any step can be drawn again after a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from torch import Tensor

    from nonet.train.embedder.recipe import EmbedderRecipe, Views
    from nonet.train.embedder.training_crops import Crops

__all__ = ["ViewBatch", "batches", "steps_of", "view"]

_LONGEST = 3.0


class ViewBatch(NamedTuple):
    """Two views of each crop ``float32[2, N, 1, H, W]`` in 0 to 1, and labels ``int64[N]``."""

    images: Tensor
    labels: Tensor

    def to(self, device: torch.device) -> ViewBatch:
        """The same on a device."""
        return ViewBatch(*(part.to(device, non_blocking=True) for part in self))


def steps_of(recipe: EmbedderRecipe, crops: Crops) -> int:
    """Steps of an epoch: every crop once, but for a last batch that would not be full."""
    return len(crops.labels) // recipe.batch


def batches(recipe: EmbedderRecipe, crops: Crops, epoch: int, start: int = 0) -> Iterator[ViewBatch]:
    """The batches of an epoch from step ``start`` on; they depend on seed, epoch and position alone."""
    order = np.random.default_rng([recipe.seed, epoch]).permutation(len(crops.labels))
    for step in range(start, steps_of(recipe, crops)):
        chosen = order[step * recipe.batch : (step + 1) * recipe.batch]
        rng = np.random.default_rng([recipe.seed, epoch, step])
        images = np.stack([[view(crops, index, recipe.views, rng) for index in chosen] for _ in range(2)])
        yield ViewBatch(torch.from_numpy(images[:, :, None] / np.float32(255)), torch.from_numpy(crops.labels[chosen]))


def view(crops: Crops, index: int, views: Views, rng: np.random.Generator) -> NDArray[np.uint8]:
    """One view ``uint8[H, W]`` of a crop: with or without marks, mirrored or not, partly erased."""
    source = crops.hidden if rng.random() < views.hidden_probability else crops.grey
    seen = source[index, :, :: rng.choice((1, -1))].copy()
    mean = round(float(seen.mean()))
    for _ in range(views.erasures):
        seen[_rectangle(seen.shape[0], seen.shape[1], rng.uniform(*views.erased), rng)] = mean
    return seen


def _rectangle(height: int, width: int, share: float, rng: np.random.Generator) -> tuple[slice, slice]:
    """A place of about a share of the area, at most three times as long as wide, or as wide as long."""
    longer = np.exp(rng.uniform(-1, 1) * np.log(_LONGEST) / 2)
    tall = min(round(height * np.sqrt(share) * longer), height)
    wide = min(round(width * np.sqrt(share) / longer), width)
    top, left = rng.integers(height - tall + 1), rng.integers(width - wide + 1)
    return slice(top, top + tall), slice(left, left + wide)
