"""The bundle of a study: the one that described the frames, with the grader that was learnt from all rows."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from nonet.bundle import GraderManifest
from nonet.bundle.write import write_files
from nonet.evaluate import Use
from nonet.features.parts import FeaturePart
from nonet.study.plan import PARTS
from nonet.study.runner import RESIDUALS
from nonet.study.splits import ALL
from nonet.train.detector.provenance import real_source

if TYPE_CHECKING:
    from nonet.study.runner import Run
    from nonet.train.graders import GraderKind

__all__ = ["model_card", "ship"]

_CARD = "MODEL_CARD.md"
_HEADING = "## Grader of "


def ship(run: Run, arm: str, kind: GraderKind, told: list[dict[str, Any]]) -> None:
    """Write the folder ``bundle``.

    Parameters
    ----------
    run
        The study.
    arm, kind
        The cell that ships.
    told
        Its figures, a scheme each; what the manifest quotes.
    """
    task, bundle = run.plan.task.value, run.bundle
    trained = run.trained(arm, kind, ALL)
    hashes = {run.hashes[image] for image in run.material.images.tolist()}
    parts = [FeaturePart.DETECTOR, *(part for each, part in PARTS.items() if each in run.plan.inputs(arm))]
    manifest = GraderManifest(
        task=task,
        unit=run.material.unit,
        family=kind.value,
        file=f"{task}.onnx",
        description=f"{task}.json",
        parts=tuple(part.value for part in parts),
        positive=run.material.positive,
        frames_seen=f"{task}_frames_seen.csv",
        trained_on=(real_source(run.data.form, run.plan.split or "all", len(hashes), 0),),
        metrics={one["scheme"]: {key: one[key] for key in ("rows", "auc", "accuracy")} for one in told},
    )
    files = {name: bundle.file(name) for name in bundle.manifest.files}
    files[manifest.file] = trained.model
    files[manifest.description] = trained.spec.to_json().encode()
    seen = "".join(f"{sha},{Use.TRAINED}\n" for sha in sorted(hashes))
    files[manifest.frames_seen] = f"pixels_sha256,use\n{seen}".encode()
    if run.plan.raters.reviewers:
        files[RESIDUALS] = run.residuals().read_bytes()
    graders = {**bundle.manifest.graders, task: manifest}
    named = asdict(run.plan.bundle) if run.plan.bundle else {}
    shipped = replace(bundle.manifest, graders=graders, **named)
    card = model_card(files.get(_CARD, b"").decode(), f"{shipped.name} {shipped.version}", manifest, told)
    files[_CARD] = card.encode()
    write_files(run.folder / "bundle", files, shipped)


def model_card(card: str, title: str, manifest: GraderManifest, told: list[dict[str, Any]]) -> str:
    """A bundle's card under a new title, with a section on a grader in place of an earlier one.

    Parameters
    ----------
    card
        Of the bundle that described the frames, in Markdown.
    title
        Name and version.
    manifest, told
        The grader, and its figures, a scheme each.
    """
    before, *sections = re.sub(r"\A# .*", f"# {title}", card).split(_HEADING)
    kept = [section for section in sections if section.splitlines()[0] != manifest.task]
    return _HEADING.join([before.rstrip() + "\n\n", *kept, _section(manifest, told)])


def _section(manifest: GraderManifest, told: list[dict[str, Any]]) -> str:
    source = "; ".join(f"{key}: {value}" for key, value in manifest.trained_on[0].items())
    lines = [
        f"{manifest.task}\n",
        f"{manifest.family} on {', '.join(manifest.parts)}; sensitivity is of {manifest.positive}.\n",
        f"- {source}",
        *(f"- {one['scheme']}: {_figure(one)}" for one in told if one["scheme"] != ALL),
        "\nFigures are of rows that the grader had not met. It was chosen among others by the same figures, which",
        "flatters it a little; another centre's will differ, so measure them: `nonet evaluate` on your own images.",
    ]
    return "\n".join(lines) + "\n"


def _figure(one: dict[str, Any]) -> str:
    auc = one["auc"]
    return f"AUC {auc['value']:.3f} (95 % {auc['low']:.3f} to {auc['high']:.3f}), {one['rows']} rows"
