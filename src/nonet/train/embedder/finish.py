"""A trained embedder joins a bundle: its network, the frames it has seen, and a word in the model card."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nonet.bundle import EmbedderManifest
from nonet.bundle.frames_seen import Use, frames_seen_csv
from nonet.bundle.write import write_files
from nonet.train.detector.provenance import real_source, warm_start_of
from nonet.train.embedder.export import export_embedder
from nonet.train.embedder.held_out_figures import figures
from nonet.train.embedder.network import WIDTH

if TYPE_CHECKING:
    from pathlib import Path

    from nonet.bundle import Bundle
    from nonet.bundle.write import Entry
    from nonet.train.embedder.objective import EmbedderObjective
    from nonet.train.embedder.recipe import EmbedderRecipe
    from nonet.train.embedder.training_crops import TrainingCrops

__all__ = ["finish_embedder"]

_MODEL_FILE = "embedder.onnx"
_FRAMES_SEEN = "embedder_frames_seen.csv"
_CARD = "MODEL_CARD.md"
_PREFIX = "deep_"
_HEADING = "## Deep features\n"


def finish_embedder(
    recipe: EmbedderRecipe, form: str, material: TrainingCrops, learner: EmbedderObjective, bundle: Bundle, out: Path
) -> None:
    """Write a bundle that has all that another has, and the embedder.

    Parameters
    ----------
    recipe
        What was done.
    form
        The published form of the data.
    material
        What it was done with; figures come from what was held out.
    learner
        What came of it.
    bundle
        The bundle to join.
    out
        Folder for the new bundle; may be that of the old one.
    """
    manifest = _manifest(recipe, form, material, figures(learner, material.held_out))
    files = {name: bundle.file(name) for name in bundle.manifest.files}
    files[_MODEL_FILE] = export_embedder(learner.network, recipe.width, recipe.height)
    files[_FRAMES_SEEN] = _frames_seen(material).encode()
    files[_CARD] = _card(recipe, manifest, files.get(_CARD, b"").decode()).encode()
    name, version = recipe.bundle.name, recipe.bundle.version
    write_files(out, files, replace(bundle.manifest, name=name, version=version, embedder=manifest))


def _manifest(
    recipe: EmbedderRecipe, form: str, material: TrainingCrops, metrics: dict[str, int | float]
) -> EmbedderManifest:
    frames, held_out = len(material.trained_frames), len(material.held_out_frames)
    start: Entry = {"name": recipe.body, "source": "local weights"}
    return EmbedderManifest(
        family=recipe.body,
        file=_MODEL_FILE,
        input_width=recipe.width,
        input_height=recipe.height,
        margin=recipe.margin,
        features=WIDTH,
        prefix=_PREFIX,
        frames_seen=_FRAMES_SEEN,
        trained_on=(real_source(form, recipe.split, frames, held_out),),
        warm_start=(start,) if recipe.weights else warm_start_of(recipe.body),
        metrics={"held_out_slice": {"frames": held_out, **metrics}},
    )


def _frames_seen(material: TrainingCrops) -> str:
    rows = [(sha, Use.TRAINED, near) for sha, near in material.trained_frames]
    rows += [(sha, Use.CHOSEN_BY, near) for sha, near in material.held_out_frames]
    return frames_seen_csv(rows)


def _card(recipe: EmbedderRecipe, manifest: EmbedderManifest, before: str) -> str:
    """The bundle's card under its new name, with a section on the embedder at its end."""
    _, _, body = before.partition("\n")
    kept = body.partition(_HEADING)[0].rstrip()
    metrics: dict[str, Any] = manifest.metrics["held_out_slice"]
    (source,) = manifest.trained_on
    section = (
        f"{_HEADING}\n"
        f"Body {manifest.family}; a crop of {manifest.input_width} x {manifest.input_height} a box, "
        f"{manifest.features} numbers. Trained on {source['frames']} frames of {source['name']}, {source['split']}; "
        f"it refuses them and the {metrics['frames']} held out unless asked.\n\n"
        f"On the frames held out: {', '.join(f'{name} {value}' for name, value in metrics.items())}.\n"
        "The numbers have no meaning one by one, and none of them was trained to know what is normal.\n"
    )
    return f"# {recipe.bundle.name} {recipe.bundle.version}\n{kept}\n\n{section}"
