"""What a study leaves for people and programs: its figures, what was left out, and the bundle."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from nonet.bundle import GraderManifest
from nonet.describe import Part
from nonet.evaluate import Use
from nonet.study.dividing import ALL, EXTERNAL
from nonet.study.plan import Input
from nonet.study.predictions import read_predictions
from nonet.study.results import differences, pooled, results
from nonet.study.stages import replace_text
from nonet.train.bundling import write_files
from nonet.train.graders import Kind
from nonet.train.provenance import real_source

if TYPE_CHECKING:
    from nonet.study.runner import Run

__all__ = ["best_cell", "publish"]


def publish(run: Run) -> None:
    """Write ``figures.json`` from ``predictions.csv``, and the bundle if the plan names one."""
    plan = run.plan
    said = pooled(read_predictions(run.folder / "predictions.csv"))
    figures = results(said, run.material.positive, plan.resamples)
    kinds = [kind.value for kind in plan.kinds]
    arm, kind = best_cell(figures, list(plan.arms))
    document = {
        "study": plan.name,
        "plan_sha256": run.plan_sha256,
        "runs": len((run.folder / "runs.jsonl").read_text(encoding="utf-8").splitlines()),
        "rows": len(run.material),
        "left_out": [asdict(one) for one in run.left_out],
        "best": {"arm": arm, "kind": kind},
        "cells": figures,
        "differences": differences(said, run.material.positive, plan.resamples, list(plan.arms), kinds),
    }
    replace_text(run.folder / "figures.json", json.dumps(document, indent=1) + "\n")
    if plan.bundle:
        told = [one for one in figures if (one["arm"], one["kind"]) == (arm, kind)]
        _ship(run, arm, Kind(kind), told)


def best_cell(figures: list[dict[str, Any]], arms: list[str]) -> tuple[str, str]:
    """The arm and kind of greatest mean AUC over folds and over devices or centres left out, the first if several.

    Neither an external split nor rows that were learnt from have a say.
    """
    told: dict[tuple[str, str], list[float]] = {}
    for one in figures:
        if one["arm"] in arms and one["scheme"] not in (ALL, EXTERNAL) and one["auc"]["value"] is not None:
            told.setdefault((one["arm"], one["kind"]), []).append(one["auc"]["value"])
    return max(told, key=lambda cell: sum(told[cell]) / len(told[cell]))


def _ship(run: Run, arm: str, kind: Kind, told: list[dict[str, Any]]) -> None:
    """The bundle that described the frames, with the grader that was learnt from all rows."""
    task, bundle = run.plan.task.value, run.bundle
    trained = run.trained(arm, kind, ALL)
    shipping, hashes = run.plan.bundle, {run.hashes[image] for image in run.material.images.tolist()}
    source = real_source(run.data.form, run.plan.split or "all", len(hashes), 0)
    parts = [Part.DETECTOR, *(part for each, part in _PARTS.items() if each in run.plan.inputs(arm))]
    manifest = GraderManifest(
        task=task,
        unit=run.material.unit,
        family=kind.value,
        file=f"{task}.onnx",
        description=f"{task}.json",
        parts=tuple(part.value for part in parts),
        positive=run.material.positive,
        frames_seen=f"{task}_frames_seen.csv",
        trained_on=(source,),
        metrics={one["scheme"]: {key: one[key] for key in ("rows", "auc", "accuracy")} for one in told},
    )
    files = {name: bundle.file(name) for name in bundle.manifest.files}
    files[manifest.file] = trained.model
    files[manifest.description] = trained.description.to_json().encode()
    seen = "".join(f"{sha},{Use.TRAINED}\n" for sha in sorted(hashes))
    files[manifest.frames_seen] = f"pixels_sha256,use\n{seen}".encode()
    graders = {**bundle.manifest.graders, task: manifest}
    named = {} if shipping is None else asdict(shipping)
    write_files(run.folder / "bundle", files, replace(bundle.manifest, graders=graders, **named))


_PARTS = {Input.RADIOMICS: Part.RADIOMICS, Input.DEEP: Part.DEEP}
