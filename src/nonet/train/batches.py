"""Batches of augmented frames, drawn so that any step can be drawn again after a restart."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from nonet.train.augment import augment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torch import Tensor

    from nonet.train.recipe import Recipe, Stage
    from nonet.train.samples import Sample

__all__ = ["Epoch"]


@dataclass(frozen=True)
class Epoch:
    """One pass over the real samples, with the stage's share of simulated ones mixed in.

    Order and augmentation depend only on the recipe's seed, the stage, the epoch and the position.
    """

    recipe: Recipe
    stage_index: int
    number: int
    real: Sequence[Sample]
    simulated: Sequence[Sample]

    @property
    def stage(self) -> Stage:
        """The recipe's stage that this epoch belongs to."""
        return self.recipe.stages[self.stage_index]

    def __len__(self) -> int:
        return self._samples_count() // self.stage.batch

    def batches(self, start: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
        """Images ``[N, 1, H, W]`` and edges ``[N, 9, 4]`` from step ``start`` on, one prepared ahead."""
        order = self._order()
        with ThreadPoolExecutor(1) as pool:
            ahead = pool.submit(self._batch, order, start)
            for step in range(start, len(self)):
                ready = ahead.result()
                if step + 1 < len(self):
                    ahead = pool.submit(self._batch, order, step + 1)
                yield ready

    def _samples_count(self) -> int:
        return len(self.real) + self._simulated_count()

    def _simulated_count(self) -> int:
        return min(round(self.stage.simulated * len(self.real)), len(self.simulated))

    def _order(self) -> list[Sample]:
        rng = np.random.default_rng([self.recipe.seed, self.stage_index, self.number])
        chosen = rng.permutation(len(self.simulated))[: self._simulated_count()]
        pool = [*self.real, *(self.simulated[i] for i in chosen)]
        return [pool[i] for i in rng.permutation(len(pool))]

    def _batch(self, order: Sequence[Sample], step: int) -> tuple[Tensor, Tensor]:
        first = step * self.stage.batch
        pairs = [self._augmented(order[i], i) for i in range(first, first + self.stage.batch)]
        images = np.stack([image for image, _ in pairs])[:, None]
        return torch.from_numpy(images), torch.from_numpy(np.stack([edges for _, edges in pairs]))

    def _augmented(self, sample: Sample, position: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng([self.recipe.seed, self.stage_index, self.number, position])
        return augment(sample.pixels, sample.edges, self.stage.width, self.stage.height, self.recipe.augmentation, rng)
