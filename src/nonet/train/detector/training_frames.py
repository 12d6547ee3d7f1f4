"""The training and held-out frames of a detector, gathered as the recipe asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nonet.datasets.halves import is_development
from nonet.train.detector.samples import empty_sample, hold_out, real_samples, selected, simulated_samples

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nonet.datasets import DataSet
    from nonet.train.detector.recipe import Recipe
    from nonet.train.detector.samples import Sample

__all__ = ["TrainingFrames"]


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
        trained, held_out = hold_out(selected(real_samples(boxed, recipe), recipe.frames), recipe.held_out)
        wanted = any(stage.empty for stage in recipe.stages)
        return cls(
            trained,
            held_out,
            simulated_samples(recipe, len(trained)),
            [empty_sample(path, recipe) for path in empty if wanted and is_development(path.name)],
        )
