"""The training and held-out frames of a detector, gathered as the recipe asks."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nonet.datasets.halves import is_development
from nonet.detect.head_frame import HeadFrame
from nonet.errors import TrainingError
from nonet.train.detector.fit_shape_prior import fit_shape_prior
from nonet.train.detector.pack import Pack
from nonet.train.detector.samples import empty_sample, hold_out, real_samples, selected, simulated_samples

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from nonet.datasets import DataSet
    from nonet.detect.shape_prior import ShapePrior
    from nonet.train.detector.recipe import Recipe
    from nonet.train.detector.samples import Sample

__all__ = ["TrainingFrames", "pack_of", "shape_prior_of"]

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingFrames:
    """The samples of a run.

    Attributes
    ----------
    trained, held_out
        Real frames: for training, and to choose epoch and operating points.
    simulated
        Simulated training frames.
    empty
        Training frames of other anatomy: none of the nine structures is in them.
    """

    trained: Sequence[Sample]
    held_out: Sequence[Sample]
    simulated: Sequence[Sample] = ()
    empty: Sequence[Sample] = ()

    @classmethod
    def gather(cls, recipe: Recipe, boxed: DataSet, empty: Sequence[Path] = ()) -> TrainingFrames:
        """Open every frame that the recipe asks for.

        Parameters
        ----------
        recipe
            Says how much is held out, and the greatest shares of simulated and of empty frames.
        boxed
            The real frames with boxes.
        empty
            Images without any of the nine structures; those of the development half are used.
        """
        return cls.of_pack(recipe, pack_of(recipe, boxed, empty if _wants_empty(recipe) else ()))

    @classmethod
    def of_pack(cls, recipe: Recipe, pack: Pack) -> TrainingFrames:
        """Those that a recipe asks for of opened samples.

        Raises
        ------
        TrainingError
            If the recipe asks for what a pack does not hold.
        """
        _check_pack(recipe, pack)
        trained, held_out = hold_out(selected(pack.real, recipe.frames), recipe.held_out)
        shown = _with_heads(trained) if recipe.augmentation.head_probability else trained
        empty = pack.empty if _wants_empty(recipe) else ()
        return cls(shown, held_out, simulated_samples(recipe, len(trained)), empty)


def pack_of(recipe: Recipe, boxed: DataSet, empty: Sequence[Path] = ()) -> Pack:
    """The boxed frames of a data set, and the development half of images of other anatomy, opened as a recipe asks."""
    return Pack(
        tuple(real_samples(boxed, recipe)),
        tuple(empty_sample(path, recipe) for path in empty if is_development(path.name)),
    )


def _with_heads(samples: Sequence[Sample]) -> Sequence[Sample]:
    """The samples with their head frames, by a shape prior of their own boxes; where it has too few, without."""
    prior = shape_prior_of(samples, otherwise="no frame is shown as the second pass sees it")
    return samples if prior is None else [replace(sample, head=_head_frame(prior, sample.edges)) for sample in samples]


def shape_prior_of(samples: Sequence[Sample], otherwise: str) -> ShapePrior | None:
    """That of the samples' boxes; where they are too few none, and a warning that says what is otherwise then."""
    try:
        return fit_shape_prior(np.stack([sample.edges for sample in samples]))
    except TrainingError as problem:
        _LOG.warning("%s: %s", otherwise, problem)
        return None


def _head_frame(prior: ShapePrior, edges: NDArray[np.float32]) -> HeadFrame | None:
    known = ~np.isnan(edges[:, 0])
    pose = prior.pose(np.nan_to_num(edges), known)
    return HeadFrame.around(pose) if pose else None


def _wants_empty(recipe: Recipe) -> bool:
    return any(stage.empty for stage in recipe.stages)


def _check_pack(recipe: Recipe, pack: Pack) -> None:
    lacks_hidden = recipe.augmentation.hidden_probability and any(one.hidden is None for one in pack.real)
    if not pack.real or lacks_hidden:
        raise TrainingError(
            "A recipe is trained on frames with boxes, and with their overlays hidden where it asks for that",
            found="frames without their overlays hidden" if pack.real else "no frame with boxes",
            remedy="Write the pack with this recipe" if pack.real else "Look at the data with nonet check",
        )
