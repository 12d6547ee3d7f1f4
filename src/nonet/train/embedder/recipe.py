"""A recipe of the embedder: everything that a run depends on but the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from pydantic import ConfigDict

from nonet.train.detector.recipe import Bundling, load_recipe_as

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["EmbedderRecipe", "Objective", "Views", "load_embedder_recipe"]

_NOTHING_ELSE = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Views:
    """How the two views of a crop differ; every second view is mirrored besides.

    ``hidden_probability`` is that of a view from the frame without what the machine drew on it.
    ``erasures`` rectangles of each view are filled with its mean grey, each of a share of its area
    between the two of ``erased``.

    None of this is what the features' stability is measured by: no other box, gain, gamma, dynamic
    range, resolution or speckle.
    """

    __pydantic_config__: ClassVar = _NOTHING_ELSE

    hidden_probability: float
    erasures: int
    erased: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Objective:
    """Weights of the four losses, named in `nonet.train.embedder.objective`."""

    __pydantic_config__: ClassVar = _NOTHING_ELSE

    structure: float
    same: float
    spread: float
    apart: float


@dataclass(frozen=True, slots=True)
class EmbedderRecipe:
    """Everything that decides a trained embedder, but for the data.

    ``body`` is a name of `nonet.train.embedder.network.BODIES`; ``weights`` a local file or folder
    that it starts from in place of its own. ``held_out`` of the frames, chosen by pixel hash, are
    never trained on. Of each frame, ``backgrounds`` crops show none of the nine structures. ``width``
    and ``height`` are the crop's pixels, multiples of 32, and ``margin`` what it shows around a box
    as a share of the box's sides. Each crop of a ``batch`` is seen in two views. The body learns at
    ``body_rate`` of the learning rate of what stands on it.
    """

    __pydantic_config__: ClassVar = _NOTHING_ELSE

    seed: int
    body: str
    split: str
    held_out: float
    backgrounds: int
    width: int
    height: int
    margin: float
    epochs: int
    batch: int
    peak_rate: float
    final_rate: float
    warmup: float
    body_rate: float
    weight_decay: float
    average_decay: float
    bundle: Bundling
    views: Views
    objective: Objective
    weights: str | None = None


def load_embedder_recipe(path: Path) -> tuple[EmbedderRecipe, str]:
    """Read a recipe and the SHA-256 of what it says, as `nonet.train.detector.recipe.load_recipe_as` does."""
    return load_recipe_as(EmbedderRecipe, path)
