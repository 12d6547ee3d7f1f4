"""Frames with their boxes in memory, real ones and simulated ones, and the slice held out of training."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import STRUCTURES, Structure
from nonet.datasets import DataSet, fold_of
from nonet.datasets.inspection import first_frame
from nonet.frame import pixels_sha256
from nonet.frames import hide_overlay
from nonet.simulate import TRAINING_SEEDS, simulate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from nonet.detect.head_frame import HeadFrame
    from nonet.reading import Box
    from nonet.train.detector.recipe import FrameSelection, Recipe

__all__ = [
    "Sample",
    "edges_of",
    "empty_sample",
    "hold_out",
    "is_held_out",
    "real_samples",
    "selected",
    "simulated_samples",
]

_SLICES = 1000


@dataclass(frozen=True, slots=True)
class Sample:
    """Grey pixels ``uint8[H, W]`` and edges ``float32[9, 4]`` (x1, y1, x2, y2; NaN where unboxed).

    ``complete`` says that an unboxed structure is known not to be there; ``hidden`` are the pixels
    without what the machine drew on them, where training wants them; ``head`` is where the head frame lies by the
    reference boxes, where training wants it and they say.
    """

    name: str
    pixels: NDArray[np.uint8]
    edges: NDArray[np.float32]
    pixels_sha256: str
    complete: bool = False
    hidden: NDArray[np.uint8] | None = None
    device: str | None = None
    head: HeadFrame | None = None


def edges_of(boxes: Mapping[Structure, Box]) -> NDArray[np.float32]:
    """Boxes as ``float32[9, 4]`` in the order of the structures, NaN where there is none."""
    edges = np.full((len(STRUCTURES), 4), np.nan, np.float32)
    for index, structure in enumerate(STRUCTURES):
        if structure in boxes:
            edges[index] = boxes[structure].xyxy
    return edges


def real_samples(data: DataSet, recipe: Recipe) -> list[Sample]:
    """Every boxed frame of a data set; a frame without boxes is not a negative and is left out."""
    boxed = data.boxed()
    return [
        replace(_opened(image.path, edges_of(boxed.boxes_of(image)), recipe), device=image.device)
        for image in boxed.images
    ]


def empty_sample(path: Path, recipe: Recipe) -> Sample:
    """A frame in which none of the structures is."""
    return replace(_opened(path, edges_of({}), recipe), complete=True)


def simulated_samples(recipe: Recipe, real: int) -> list[Sample]:
    """As many simulated frames as the recipe's greediest stage asks for beside ``real`` real ones."""
    count = round(max(stage.simulated for stage in recipe.stages) * real)
    return [_simulated(seed) for seed in TRAINING_SEEDS[:count]]


def selected(samples: Iterable[Sample], frames: FrameSelection) -> list[Sample]:
    """The samples that a recipe trains on, those held out included."""
    return [
        sample
        for sample in samples
        if frames.device in {None, sample.device}
        and (frames.fold is None or fold_of(sample.pixels_sha256, frames.folds) != frames.fold)
        and fold_of(sample.pixels_sha256, _SLICES, "nonet-share-1") < frames.share * _SLICES
    ]


def hold_out(samples: Sequence[Sample], share: float) -> tuple[list[Sample], list[Sample]]:
    """Training samples and held-out samples, split by the hash of their pixels alone."""
    return _where(samples, share, held=False), _where(samples, share, held=True)


def is_held_out(pixels_sha256: str, share: float) -> bool:
    """Whether a frame belongs to the ``share`` of frames that training does not learn from."""
    return fold_of(pixels_sha256, _SLICES, "nonet-held-out-1") < share * _SLICES


def _opened(path: Path, edges: NDArray[np.float32], recipe: Recipe) -> Sample:
    frame = first_frame(path)
    hidden = hide_overlay(frame).pixels if recipe.augmentation.hidden_probability else None
    return Sample(path.name, frame.pixels, edges, pixels_sha256(frame.pixels), hidden=hidden)


def _simulated(seed: int) -> Sample:
    frame = simulate(seed)
    return Sample(f"simulated-{seed}", frame.pixels, edges_of(frame.boxes), pixels_sha256(frame.pixels), complete=True)


def _where(samples: Iterable[Sample], share: float, *, held: bool) -> list[Sample]:
    return [sample for sample in samples if is_held_out(sample.pixels_sha256, share) is held]
