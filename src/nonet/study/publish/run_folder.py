"""What a study leaves for people and programs: its figures, its report, and the bundle."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from nonet.evaluate.grading import read_rows
from nonet.study.cache import replace_text
from nonet.study.experiments import columns_of
from nonet.study.figures import KEYS, comparisons, pooled, results
from nonet.study.publish.parquet_tables import write_features, write_models, write_selection
from nonet.study.publish.stability_counts import chosen_features, left_by_filter, stable_shares
from nonet.study.publish.study_bundle import ship
from nonet.study.report import write_report
from nonet.study.splits import ALL, EXTERNAL
from nonet.train.graders import GraderKind

if TYPE_CHECKING:
    from nonet.study.runner import Run

__all__ = ["best_cell", "publish"]


def publish(run: Run) -> None:
    """Write tables, models, ``figures.json`` from ``predictions.csv``, the report from both, and the plan's bundle."""
    write_features(run, run.folder / "features.parquet")
    write_selection(run, run.folder / "selection.parquet")
    write_models(run, run.folder / "models")
    document = figures_document(run)
    replace_text(run.folder / "figures.json", json.dumps(document, indent=1) + "\n")
    write_report(run.folder)
    if run.plan.bundle:
        best = document["best"]
        told = [one for one in document["cells"] if (one["arm"], one["kind"]) == (best["arm"], best["kind"])]
        ship(run, best["arm"], GraderKind(best["kind"]), told)


def figures_document(run: Run) -> dict[str, Any]:
    """Everything that a report tells, as JSON values; see ``docs/explanation/study.md``."""
    plan = run.plan
    told = pooled(read_rows(run.folder / "predictions.csv", run.material.positive, KEYS))
    figures = results(told, plan.resamples, lambda cells: run.watch(cells, "figures"))
    arm, kind = best_cell(figures, list(plan.arms))
    return {
        "study": plan.name,
        "task": plan.task.value,
        "classes": list(run.material.classes),
        "positive": run.material.positive,
        "plan_sha256": run.plan_sha256,
        "bundle": asdict(run.bundle.reference),
        "runs": len((run.folder / "runs.jsonl").read_text(encoding="utf-8").splitlines()),
        "flow": _flow(run),
        "left_out": [asdict(one) for one in run.left_out],
        "best": {"arm": arm, "kind": kind},
        "cells": figures,
        "differences": comparisons(told, plan),
        "selection": _selection(run),
        "models": _models(run),
    }


def best_cell(figures: list[dict[str, Any]], arms: list[str]) -> tuple[str, str]:
    """The arm and kind of greatest mean AUC over folds and over devices or centres left out, the first if several.

    Neither an external split nor rows that were learnt from have a say.
    """
    told: dict[tuple[str, str], list[float]] = {}
    for one in figures:
        if one["arm"] in arms and one["scheme"] not in (ALL, EXTERNAL) and one["auc"]["value"] is not None:
            told.setdefault((one["arm"], one["kind"]), []).append(one["auc"]["value"])
    return max(told, key=lambda cell: sum(told[cell]) / len(told[cell]))


def _flow(run: Run) -> dict[str, Any]:
    """How many images there were, and what became of them."""
    material = run.material
    frames = len(set(material.images.tolist()))
    return {
        "images": frames + len(run.left_out),
        "left_out": dict(Counter(_kind_of(one.reason) for one in run.left_out)),
        "frames": frames,
        "unit": material.unit.value,
        "rows": len(material),
        "answers": dict(Counter(material.answers.tolist())),
        "divisions": [
            {"scheme": one.scheme, "division": one.name, "learnt": len(one.learnt), "judged": len(one.judged)}
            for one in run.divisions
        ],
    }


def _kind_of(reason: str) -> str:
    """A reason without the name of an image."""
    return (
        "it repeats another" if re.search(r"\bhas the (same )?pixels\b", reason) else reason.removeprefix("left out: ")
    )


def _selection(run: Run) -> dict[str, Any]:
    """Stability and what was chosen on all rows; shares come from the arm with the most features."""
    records = {arm: columns_of(run.chosen(arm, ALL)["records"]) for arm in run.plan.arms}
    widest = max(records, key=lambda arm: sum(map(len, records[arm].values())))
    sources = run.plan.selection.sources
    return {
        "sources": list(sources),
        "least_icc": run.plan.selection.least_icc,
        "stable": stable_shares(records[widest], sources, run.plan.selection.least_icc),
        "left": left_by_filter(records[widest]),
        "chosen": {arm: chosen_features(record) for arm, record in records.items()},
    }


def _models(run: Run) -> list[dict[str, Any]]:
    """The best trial of every cell's search on all rows."""
    told = []
    for arm, kind in run.plan.cells:
        trained = run.trained(arm, kind, ALL)
        best = min(trained.trials, key=lambda trial: trial["log_loss"])
        told.append({"arm": arm, "kind": kind.value, "columns": len(trained.columns), "setting": best})
    return told
