"""The training and held-out crops of the embedder: those of every boxed frame, in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from nonet.anatomy import STRUCTURES
from nonet.datasets.inspection import first_frame
from nonet.deep import Window, crop
from nonet.frame import pixels_sha256
from nonet.frames import hide_overlay
from nonet.frames.difference_hash import difference_hash
from nonet.train.detector.samples import is_held_out
from nonet.train.embedder.backgrounds import backgrounds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from nonet.anatomy import Structure
    from nonet.datasets import DataSet
    from nonet.reading import Box
    from nonet.train.embedder.recipe import EmbedderRecipe

__all__ = ["NONE_OF_THEM", "Crops", "TrainingCrops"]

NONE_OF_THEM = len(STRUCTURES)
"""The label of a crop that shows no structure."""


class Crops(NamedTuple):
    """Crops as they are and without what the machine drew, ``uint8[N, H, W]``, and labels ``int64[N]``."""

    grey: NDArray[np.uint8]
    hidden: NDArray[np.uint8]
    labels: NDArray[np.int64]


@dataclass(frozen=True)
class TrainingCrops:
    """The crops of a run.

    Attributes
    ----------
    trained, held_out
        Training crops, and crops of the frames held out.
    trained_frames, held_out_frames
        Pixel hash and difference hash of each frame that they come from.
    """

    trained: Crops
    held_out: Crops
    trained_frames: tuple[tuple[str, str], ...]
    held_out_frames: tuple[tuple[str, str], ...]

    @classmethod
    def gather(cls, recipe: EmbedderRecipe, boxed: DataSet) -> TrainingCrops:
        """Cut the crops of every boxed frame."""
        cut = [_cut(recipe, image.path, boxed.boxes_of(image)) for image in boxed.images]
        held = [is_held_out(sha, recipe.held_out) for (sha, _), _ in cut]
        trained, held_out = (
            [each for each, is_held in zip(cut, held, strict=True) if is_held is side] for side in (False, True)
        )
        return cls(
            _joined(recipe, [crops for _, crops in trained]),
            _joined(recipe, [crops for _, crops in held_out]),
            tuple(hashes for hashes, _ in trained),
            tuple(hashes for hashes, _ in held_out),
        )


def _cut(recipe: EmbedderRecipe, path: Path, boxes: dict[Structure, Box]) -> tuple[tuple[str, str], Crops]:
    frame = first_frame(path)
    sha = pixels_sha256(frame.pixels)
    rng = np.random.default_rng([recipe.seed, int(sha[:8], 16)])
    places = [(box, STRUCTURES.index(structure)) for structure, box in boxes.items()]
    empty = backgrounds(boxes.values(), frame.width, frame.height, recipe.backgrounds, rng)
    places += [(box, NONE_OF_THEM) for box in empty]
    window = Window(recipe.width, recipe.height, recipe.margin)
    hidden = hide_overlay(frame).pixels
    return (sha, difference_hash(frame.pixels)), Crops(
        np.stack([crop(frame.pixels, box, window) for box, _ in places]),
        np.stack([crop(hidden, box, window) for box, _ in places]),
        np.array([label for _, label in places]),
    )


def _joined(recipe: EmbedderRecipe, crops: Sequence[Crops]) -> Crops:
    none = np.empty((0, recipe.height, recipe.width), np.uint8)
    return Crops(
        np.concatenate([none, *(each.grey for each in crops)]),
        np.concatenate([none, *(each.hidden for each in crops)]),
        np.concatenate([np.empty(0, np.int64), *(each.labels for each in crops)]),
    )
