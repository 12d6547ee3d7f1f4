"""The bundle of a study: the one that gave the features, with the grader that was made from all rows."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nonet.anatomy import GradeBasis
from nonet.bundle import GraderManifest
from nonet.bundle.check_manifest import FORMAT, GRADERS_SINCE
from nonet.bundle.frames_seen import Use, frames_seen_csv
from nonet.bundle.write import write_files
from nonet.datasets.tasks import Task
from nonet.features.parts import FeaturePart
from nonet.study.plan import PARTS, LabelsFrom
from nonet.study.residuals import RESIDUALS
from nonet.study.splits import ALL, INTERNAL
from nonet.train.detector.provenance import real_source

if TYPE_CHECKING:
    from pathlib import Path

    from nonet.bundle.grader_kind import GraderKind
    from nonet.study.result import StudyResult
    from nonet.study.rows import StudyRows
    from nonet.study.shipped_grader import ShippedGrader
    from nonet.study.splits import Split

__all__ = ["model_card", "write_study_bundle"]

_CARD = "MODEL_CARD.md"
_HEADING = "## Grader of "
_FIGURES = ("auc", "accuracy", "sensitivity", "specificity")
_BASES = {
    LabelsFrom.SITE: GradeBasis.SITE,
    LabelsFrom.EDITS: GradeBasis.EDITS,
    LabelsFrom.SIMULATION: GradeBasis.SIMULATION,
}


def write_study_bundle(
    result: StudyResult,
    folder: Path,
    arm: str,
    kind: GraderKind,
    figures: list[dict[str, Any]],
    shipped: ShippedGrader,
    split: Split | None = None,
) -> None:
    """Write the bundle of a study with one of its graders.

    Parameters
    ----------
    result
        The study.
    folder
        Of the bundle.
    arm, kind
        The experiment whose grader is in it. Graders of a bundle of an older format do not join it: they take other
        features.
    figures
        Its figures, a scheme each, for manifest and card.
    shipped
        Which structures it grades; of a ``split`` only those with training rows of every class.
    split
        The split whose training rows the grader was made from; by default all rows.
    """
    task, bundle = result.plan.task.value, result.bundle
    graders = bundle.manifest.graders
    fitted = result.fitted[arm, kind, split.name if split else ALL]
    trained = result.rows.take(split.train) if split else result.rows
    images = set(trained.images.tolist())
    whole = _with_every_class(trained)
    needed = (part for each, part in PARTS.items() if each in result.plan.inputs(arm))
    parts = dict.fromkeys([FeaturePart.DETECTOR, *needed])
    manifest = GraderManifest(
        task=task,
        unit=result.rows.unit,
        family=kind.value,
        file=f"{task}.onnx",
        description=f"{task}.json",
        parts=tuple(part.value for part in parts),
        positive=result.rows.positive,
        frames_seen=f"{task}_frames_seen.csv",
        trained_on=(_source(result, len(images)),),
        metrics={one["scheme"]: _metrics(one) for one in figures if one["scheme"] != ALL},
        basis=_BASES[result.plan.labels_from or LabelsFrom.SITE] if result.plan.task is Task.LABELS else None,
        structures=tuple(filter(whole.__contains__, shipped.structures)) if result.plan.task is Task.LABELS else None,
        at_chance=shipped.at_chance,
    )
    earlier, stale = (graders, {}) if bundle.manifest.format >= GRADERS_SINCE else ({}, graders)
    dropped = {name for one in stale.values() for name in (one.file, one.description, one.frames_seen)}
    files = {name: bundle.file(name) for name in bundle.manifest.files if name not in dropped}
    files[manifest.file] = fitted.model
    files[manifest.description] = fitted.spec.to_json().encode()
    known = sorted(images | {result.sources[image] for image in images if image in result.sources})
    seen = [(result.hashes[image], Use.TRAINED, result.difference_hashes[image]) for image in known]
    files[manifest.frames_seen] = frames_seen_csv(seen).encode()
    if result.residuals:
        files[RESIDUALS] = result.residuals
    made = replace(bundle.manifest, format=FORMAT, graders={**earlier, task: manifest})
    if plan := result.plan.bundle:
        name = f"{plan.name}, {split.name}" if split else plan.name
        made = replace(made, name=name, version=plan.version)
    card = model_card(files.get(_CARD, b"").decode(), f"{made.name} {made.version}", manifest, figures)
    files[_CARD] = card.encode()
    write_files(folder, files, made)


def _source(result: StudyResult, images: int) -> dict[str, Any]:
    source = real_source(result.form, result.plan.split or "all", images, 0)
    plan = result.plan.bundle
    return {**source, **({"name": plan.data} if plan and plan.data else {})}


def _with_every_class(rows: StudyRows) -> set[str]:
    """The structures that have rows of every class."""
    found: dict[str, set[str]] = {}
    for structure, label in zip(rows.structures.tolist(), rows.labels.tolist(), strict=True):
        found.setdefault(structure, set()).add(label)
    return {structure for structure, labels in found.items() if labels == set(rows.classes)}


def _metrics(one: dict[str, Any]) -> dict[str, Any]:
    """The figures of one scheme, and those of each structure that has any."""
    kept = {key: one[key] for key in ("rows", *_FIGURES)}
    structures = {
        name: {key: own[key] for key in ("rows", *_FIGURES)} for name, own in one["structures"].items() if "rows" in own
    }
    return {**kept, "structures": structures} if structures else kept


def model_card(card: str, title: str, manifest: GraderManifest, figures: list[dict[str, Any]]) -> str:
    """A bundle's card under a new title, with a section on a grader in place of an earlier one.

    Parameters
    ----------
    card
        Of the bundle that gave the features, in Markdown.
    title
        Name and version.
    manifest, figures
        The grader, and its figures, a scheme each.
    """
    before, *earlier = re.sub(r"\A# .*", f"# {title}", card).split(_HEADING)
    kept = [section for section in earlier if section.splitlines()[0] != manifest.task]
    sections = [before, *kept, _section(manifest, figures)]
    return _HEADING.join(section.rstrip() + "\n\n" for section in sections).rstrip() + "\n"


def _section(manifest: GraderManifest, figures: list[dict[str, Any]]) -> str:
    source = "; ".join(f"{key}: {value}" for key, value in manifest.trained_on[0].items())
    lines = [
        f"{manifest.task}\n",
        f"{manifest.family} on {', '.join(manifest.parts)}; sensitivity is of {manifest.positive}.\n",
        *([f"Its grades rest on: {manifest.basis}.\n"] if manifest.basis else []),
        f"- {source}",
        *(f"- {one['scheme']}: {_figure(one)}" for one in figures if one["scheme"] != ALL),
        *_of_structures(manifest),
        "\nFigures are of rows that the grader was not trained on. It was selected among others by the same figures,",
        "which flatters it a little. Another centre's will differ: run `nonet evaluate` on your own images.",
    ]
    return "\n".join(lines) + "\n"


def _of_structures(manifest: GraderManifest) -> list[str]:
    """Which structures a grader of labels grades, each with its AUC in the internal folds, and which it does not."""
    if manifest.structures is None:
        return []
    internal = manifest.metrics.get(INTERNAL, {}).get("structures", {})
    lines = [
        f"- graded: {structure.label}" + (f", {_figure(internal[structure])}" if structure in internal else "")
        for structure in manifest.structures
    ]
    at_chance = ", ".join(structure.label for structure in manifest.at_chance)
    return [*lines, *([f"- not graded, as not shown to be better than chance: {at_chance}"] if at_chance else [])]


def _figure(one: dict[str, Any]) -> str:
    auc = one["auc"]
    return f"AUC {auc['value']:.3f} (95 % {auc['low']:.3f} to {auc['high']:.3f}), {one['rows']} rows"
