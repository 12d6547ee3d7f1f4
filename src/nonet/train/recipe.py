"""A training recipe: a TOML file that says everything a run depends on, checked before it starts."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from nonet.errors import TrainingError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Augmentation", "Bundling", "Recipe", "Stage", "load_recipe"]


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch of training at one resolution.

    ``width`` and ``height`` are input pixels, multiples of 32. ``simulated`` is the number of
    simulated frames per real one, ``empty`` that of frames of other anatomy. ``peak_rate`` is the
    highest learning rate of the stage, reached after ``warmup`` of its steps; it falls along a
    cosine to ``final_rate``.
    """

    epochs: int
    width: int
    height: int
    batch: int
    peak_rate: float
    final_rate: float
    warmup: float = 0.05
    simulated: float = 0.0
    empty: float = 0.0


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Ranges of the random changes that ultrasound allows; probabilities are per image."""

    scale: tuple[float, float]
    shift: float
    rotation_degrees: float
    rotation_probability: float
    gamma: tuple[float, float]
    gain: tuple[float, float]
    noise: float
    blur_probability: float
    shadow_probability: float
    marks_probability: float
    cutout_probability: float
    hidden_probability: float = 0.0


@dataclass(frozen=True, slots=True)
class Bundling:
    """What the exported bundle is called."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides a trained detector, but for the data.

    ``held_out`` of the training split, chosen by pixel hash, is never trained on: the stopping
    point and the operating points come from it. ``start`` names the folder of a bundle whose
    detector, of the same trunk, training goes on from.
    """

    seed: int
    trunk: str
    split: str
    held_out: float
    weight_decay: float
    trunk_rate: float
    average_decay: float
    missing_weight: float
    bundle: Bundling
    augmentation: Augmentation
    stages: tuple[Stage, ...]
    start: str | None = None


def load_recipe(path: Path) -> tuple[Recipe, str]:
    """Read a recipe and the SHA-256 of its bytes.

    Raises
    ------
    TrainingError
        If the file is not TOML or lacks a field, naming the field.
    """
    raw = path.read_bytes()
    try:
        recipe = TypeAdapter(Recipe).validate_python(tomllib.loads(raw.decode()))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise TrainingError("A recipe is a TOML file", found=f"{path.name}: {problem}", remedy="Mend it") from problem
    except ValidationError as problem:
        first = problem.errors()[0]
        raise TrainingError(
            "A recipe gives every field its value",
            found=f"{path.name}, {'.'.join(map(str, first['loc']))}: {first['msg']}",
            remedy="Compare with recipes/detector-default.toml",
        ) from problem
    return recipe, hashlib.sha256(raw).hexdigest()
