"""Batches of augmented frames, drawn so that any step can be drawn again after a restart."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

from nonet.detect.head_frame import HEIGHT, WIDTH
from nonet.detect.letterbox import Letterbox
from nonet.train.detector.augment import augment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torch import Tensor

    from nonet.train.detector.recipe import Recipe, Stage
    from nonet.train.detector.samples import Sample
    from nonet.train.detector.training_frames import TrainingFrames

__all__ = ["Epoch", "FrameBatch"]


class FrameBatch(NamedTuple):
    """What one step learns from.

    Attributes
    ----------
    images
        ``float32[N, 1, H, W]``, 0 to 1.
    edges
        ``float32[N, 9, 4]``: x1, y1, x2, y2 in input pixels, NaN where unboxed.
    complete
        ``bool[N]``: an unboxed structure is known not to be there.
    """

    images: Tensor
    edges: Tensor
    complete: Tensor

    def to(self, device: torch.device) -> FrameBatch:
        """The same on a device."""
        return FrameBatch(*(part.to(device, non_blocking=True) for part in self))


@dataclass(frozen=True)
class Epoch:
    """One pass over the real samples, with the stage's shares of simulated and empty ones mixed in.

    Order and augmentation depend only on the recipe's seed, the stage, the epoch and the position.
    """

    recipe: Recipe
    stage_index: int
    number: int
    material: TrainingFrames

    @property
    def stage(self) -> Stage:
        """The recipe's stage that this epoch belongs to."""
        return self.recipe.stages[self.stage_index]

    def __len__(self) -> int:
        others = self._count(self.stage.simulated, self.material.simulated)
        others += self._count(self.stage.empty, self.material.empty)
        return (len(self.material.trained) + others) // self.stage.batch

    def batches(self, start: int = 0, ahead: int = 1) -> Iterator[FrameBatch]:
        """The batches from step ``start`` on, some prepared ahead; what they hold does not depend on how many."""
        order, steps = self._order(), iter(range(start, len(self)))
        with ThreadPoolExecutor(ahead) as pool:
            waiting = deque(pool.submit(self._batch, order, step) for step in islice(steps, ahead))
            while waiting:
                ready = waiting.popleft().result()
                waiting.extend(pool.submit(self._batch, order, step) for step in islice(steps, 1))
                yield ready

    def _count(self, share: float, samples: Sequence[Sample]) -> int:
        return min(round(share * len(self.material.trained)), len(samples))

    def _order(self) -> list[Sample]:
        rng = np.random.default_rng([self.recipe.seed, self.stage_index, self.number])
        pool = list(self.material.trained)
        for share, samples in (
            (self.stage.simulated, self.material.simulated),
            (self.stage.empty, self.material.empty),
        ):
            pool += [samples[i] for i in rng.permutation(len(samples))[: self._count(share, samples)]]
        return [pool[i] for i in rng.permutation(len(pool))]

    def _batch(self, order: Sequence[Sample], step: int) -> FrameBatch:
        first = step * self.stage.batch
        chosen = range(first, first + self.stage.batch)
        pairs = [self._augmented(order[i], i) for i in chosen]
        images = torch.from_numpy(np.stack([image for image, _ in pairs])[:, None])
        edges = torch.from_numpy(np.stack([edges for _, edges in pairs]))
        return FrameBatch(images, edges, torch.tensor([order[i].complete for i in chosen]))

    def _augmented(self, sample: Sample, position: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng([self.recipe.seed, self.stage_index, self.number, position])
        ranges = self.recipe.augmentation
        pixels = (
            sample.hidden if sample.hidden is not None and rng.random() < ranges.hidden_probability else sample.pixels
        )
        width, height = self.stage.width, self.stage.height
        return augment(pixels, sample.edges, width, height, ranges, rng, sample.head, self._head_scale)

    @cached_property
    def _head_scale(self) -> float:
        """Pixels of the second pass's input to one of the head frame."""
        return Letterbox.fit(WIDTH, HEIGHT, *self.recipe.exported_size).scale
