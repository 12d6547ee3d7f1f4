"""The bundle of a study: the one that gave the features, with the grader that was made from all rows."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nonet.bundle import GraderManifest
from nonet.bundle.check_manifest import FORMAT
from nonet.bundle.frames_seen import Use, frames_seen_csv
from nonet.bundle.write import write_files
from nonet.features.parts import FeaturePart
from nonet.study.plan import PARTS
from nonet.study.residuals import RESIDUALS
from nonet.study.splits import ALL
from nonet.train.detector.provenance import real_source

if TYPE_CHECKING:
    from pathlib import Path

    from nonet.bundle.grader_kind import GraderKind
    from nonet.study.result import StudyResult
    from nonet.study.splits import Split

__all__ = ["model_card", "write_study_bundle"]

_CARD = "MODEL_CARD.md"
_HEADING = "## Grader of "


def write_study_bundle(
    result: StudyResult,
    folder: Path,
    arm: str,
    kind: GraderKind,
    figures: list[dict[str, Any]],
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
    split
        The split whose training rows the grader was made from; by default all rows.
    """
    task, bundle = result.plan.task.value, result.bundle
    graders = bundle.manifest.graders
    fitted = result.fitted[arm, kind, split.name if split else ALL]
    images = set((result.rows.images[split.train] if split else result.rows.images).tolist())
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
        trained_on=(real_source(result.form, result.plan.split or "all", len(images), 0),),
        metrics={one["scheme"]: {key: one[key] for key in ("rows", "auc", "accuracy")} for one in figures},
    )
    earlier, stale = (graders, {}) if bundle.manifest.format >= FORMAT else ({}, graders)
    dropped = {name for one in stale.values() for name in (one.file, one.description, one.frames_seen)}
    files = {name: bundle.file(name) for name in bundle.manifest.files if name not in dropped}
    files[manifest.file] = fitted.model
    files[manifest.description] = fitted.spec.to_json().encode()
    seen = [(result.hashes[image], Use.TRAINED, result.difference_hashes[image]) for image in images]
    files[manifest.frames_seen] = frames_seen_csv(seen).encode()
    if result.residuals:
        files[RESIDUALS] = result.residuals
    shipped = replace(bundle.manifest, format=FORMAT, graders={**earlier, task: manifest})
    if plan := result.plan.bundle:
        name = f"{plan.name}, {split.name}" if split else plan.name
        shipped = replace(shipped, name=name, version=plan.version)
    card = model_card(files.get(_CARD, b"").decode(), f"{shipped.name} {shipped.version}", manifest, figures)
    files[_CARD] = card.encode()
    write_files(folder, files, shipped)


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
    before, *sections = re.sub(r"\A# .*", f"# {title}", card).split(_HEADING)
    kept = [section for section in sections if section.splitlines()[0] != manifest.task]
    return _HEADING.join([before.rstrip() + "\n\n", *kept, _section(manifest, figures)])


def _section(manifest: GraderManifest, figures: list[dict[str, Any]]) -> str:
    source = "; ".join(f"{key}: {value}" for key, value in manifest.trained_on[0].items())
    lines = [
        f"{manifest.task}\n",
        f"{manifest.family} on {', '.join(manifest.parts)}; sensitivity is of {manifest.positive}.\n",
        f"- {source}",
        *(f"- {one['scheme']}: {_figure(one)}" for one in figures if one["scheme"] != ALL),
        "\nFigures are of rows that the grader was not trained on. It was selected among others by the same figures,",
        "which flatters it a little. Another centre's will differ: run `nonet evaluate` on your own images.",
    ]
    return "\n".join(lines) + "\n"


def _figure(one: dict[str, Any]) -> str:
    auc = one["auc"]
    return f"AUC {auc['value']:.3f} (95 % {auc['low']:.3f} to {auc['high']:.3f}), {one['rows']} rows"
