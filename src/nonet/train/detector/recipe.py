"""A training recipe: a TOML file that says everything a run depends on, checked before it starts."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from nonet.datasets.toml_file import field_names, first_fault, read_toml
from nonet.errors import TrainingError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Augmentation", "Bundling", "FrameSelection", "Recipe", "Stage", "load_recipe", "load_recipe_as"]

R = TypeVar("R")

_NOTHING_ELSE = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch of training at one resolution.

    ``width`` and ``height`` are input pixels, multiples of 32. ``simulated`` is the number of
    simulated frames per real one, ``empty`` that of frames of other anatomy. ``peak_rate`` is the
    highest learning rate of the stage, reached after ``warmup`` of its steps; it falls along a
    cosine to ``final_rate``.
    """

    __pydantic_config__: ClassVar = _NOTHING_ELSE

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
    """Ranges of the random changes that ultrasound allows; probabilities are per image.

    ``zoom`` takes the place of ``scale`` with ``zoom_probability``: heads of other hospitals beside those of this one.
    With ``head_probability`` a boxed frame is shown as the second pass sees it: its head frame, ``head_scale`` times as
    large and up to ``head_shift`` of the canvas off its middle. Shares of other frames are of those that are left.
    """

    __pydantic_config__: ClassVar = _NOTHING_ELSE

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
    appearance_probability: float = 0.0
    crop_probability: float = 0.0
    zoom: tuple[float, float] = (1.0, 1.0)
    zoom_probability: float = 0.0
    head_probability: float = 0.0
    head_scale: tuple[float, float] = (1.0, 1.0)
    head_shift: float = 0.0


@dataclass(frozen=True, slots=True)
class FrameSelection:
    """Which frames of the split are trained on; by default all.

    ``device`` keeps those of one device family. ``folds`` and ``fold`` leave out one of so many
    folds. ``share`` keeps so much of the rest. Folds and share go by the hash of the pixels.
    """

    __pydantic_config__: ClassVar = _NOTHING_ELSE

    device: str | None = None
    folds: int = 1
    fold: int | None = None
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Bundling:
    """What the exported bundle is called."""

    __pydantic_config__: ClassVar = _NOTHING_ELSE

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides a trained detector, but for the data.

    ``held_out`` of the training split, chosen by pixel hash, is never trained on: the stopping
    point and the operating points come from it. ``start`` names the folder of a bundle with
    whose detector training begins, or, from a detector of another trunk, with the convolutions that both share;
    ``start_share`` is how much of the bundle's weights is that detector's, the rest being what training made of it;
    ``trunk_weights`` a folder of weights that the trunk alone begins from. ``precision`` is that of the network's
    products: ``bfloat16`` takes about half the time where the processor multiplies it in hardware (AMX), and
    far longer where not. Weights, losses and steps are ``float32`` in either. ``input`` is the width and height of the
    exported network, by default those of the last stage. ``first_pass`` is the width and height
    of a smaller input at which the trained network looks for the head first, ``second_pass`` that of one for the middle
    of the head frame; ``average_passes`` lets it give the mean of both passes. None changes anything in training.
    """

    __pydantic_config__: ClassVar = _NOTHING_ELSE

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
    start_share: Annotated[float, Field(ge=0, lt=1)] = 0.0
    trunk_weights: str | None = None
    head: str = "maps"
    precision: Literal["float32", "bfloat16"] = "float32"
    input: tuple[int, int] | None = None
    first_pass: tuple[int, int] | None = None
    second_pass: tuple[int, int] | None = None
    average_passes: bool = False
    frames: FrameSelection = FrameSelection()

    @property
    def exported_size(self) -> tuple[int, int]:
        """Width and height of the exported network's input, pixels."""
        last = self.stages[-1]
        return self.input or (last.width, last.height)


def load_recipe(path: Path) -> tuple[Recipe, str]:
    """Read a detector's recipe and the SHA-256 of what it says, as `load_recipe_as` does."""
    return load_recipe_as(Recipe, path)


def load_recipe_as(kind: type[R], path: Path) -> tuple[R, str]:
    """Read a recipe of one kind and the SHA-256 of what it says.

    A recipe may name another beside it as ``base`` and say only what differs.

    Raises
    ------
    TrainingError
        If a file is not TOML, or a field is lacking or unknown, naming the field.
    """
    fields = _fields(path, {path.resolve()})
    try:
        recipe = TypeAdapter(kind).validate_python(fields)
    except ValidationError as problem:
        known = field_names(kind, Stage, Augmentation, FrameSelection, Bundling)
        raise TrainingError(
            "A recipe gives every field its value",
            found=f"{path.name}, {first_fault(problem, fields, known)}",
            remedy="Compare with the recipes in the repository's folder recipes",
        ) from problem
    return recipe, hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()


def _fields(path: Path, read: set[Path]) -> dict[str, Any]:
    """The fields of a recipe over those of its base; stages replace stages."""
    try:
        fields = read_toml(path)
    except (OSError, ValueError) as problem:
        raise TrainingError(
            "A recipe is a TOML file of at most a MiB", found=f"{path.name}: {problem}", remedy="Fix the line"
        ) from problem
    if "base" not in fields:
        return fields
    named = str(fields.pop("base"))
    base = (path.parent / named).resolve()
    if not base.is_relative_to(path.parent.parent.resolve()):
        raise TrainingError(
            "The base of a recipe lies beside it or in the folder above",
            found=f"{path.name}: {named}",
            remedy="Copy the base beside the recipe",
        )
    if base in read:
        raise TrainingError(
            "A recipe is not its own base", found=f"{path.name} leads back to {base.name}", remedy="Name another base"
        )
    return _merged(_fields(base, read | {base}), fields)


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    both = {key: _merged(below[key], above[key]) for key in below.keys() & above.keys() if isinstance(above[key], dict)}
    return {**below, **above, **both}
