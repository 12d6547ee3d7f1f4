"""Publish a study's result in its run folder: predictions, tables, figures, report and bundle."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from nonet.bundle.grader_kind import GraderKind
from nonet.datasets import write_folds
from nonet.evaluate.grading import read_rows, write_rows
from nonet.study.amounts import amounts_document
from nonet.study.cache import replace_text
from nonet.study.experiments import records_of
from nonet.study.figures import FIGURES_SCHEMA, KEYS, comparisons, pooled, results
from nonet.study.graded_truth import TRUTH_FILE, truth_csv
from nonet.study.primary import primary_document
from nonet.study.publish.environment_words import environment_words
from nonet.study.publish.parquet_tables import write_features, write_models, write_selection
from nonet.study.publish.stability_counts import left_by_filter, selected_features, stable_shares
from nonet.study.publish.study_bundle import write_study_bundle
from nonet.study.report import write_report
from nonet.study.shipped_grader import shipped_grader
from nonet.study.splits import ALL, EXTERNAL, INTERNAL
from nonet.study.three_way import THREE_WAY_FILE, three_way, three_way_csv

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from nonet.evaluate.grading import GradedRows
    from nonet.study.figures import ExperimentKey
    from nonet.study.result import StudyResult
    from nonet.study.shipped_grader import ShippedGrader

__all__ = ["best_experiment", "figures_document", "publish"]


def publish(
    result: StudyResult, folder: Path, watch: Callable[[Sequence[ExperimentKey]], Iterable[ExperimentKey]] = iter
) -> None:
    """Write predictions, folds, tables and models; ``figures.json`` and the report from them; the plan's bundles.

    A grader that is not better than chance is in no bundle (`shipped_grader`); those of an earlier run are removed.
    """
    write_rows(result.predictions, folder / "predictions.csv", KEYS)
    write_folds(result.folds, folder / "folds.csv")
    write_features(result, folder / "features.parquet")
    write_selection(result, folder / "selection.parquet")
    write_models(result, folder / "models")
    predictions = pooled(read_rows(folder / "predictions.csv", result.rows.positive, KEYS))
    runs = len((folder / "runs.jsonl").read_text(encoding="utf-8").splitlines())
    document = figures_document(result, predictions, runs, watch)
    if result.truth:
        replace_text(folder / TRUTH_FILE, truth_csv(result.truth))
    replace_text(folder / "figures.json", json.dumps(document, indent=1) + "\n")
    replace_text(folder / THREE_WAY_FILE, three_way_csv(document["three_way"]))
    write_report(folder)
    if result.plan.bundle:
        for earlier in ("bundle", "bundles"):
            shutil.rmtree(folder / earlier, ignore_errors=True)
        shipped = shipped_grader(document["cells"], document["best"], result.plan.task)
        if shipped.ships:
            _write_bundles(result, folder, document, shipped)


def _write_bundles(result: StudyResult, folder: Path, document: dict[str, Any], shipped: ShippedGrader) -> None:
    """The bundle of the best grader, and those of the outer folds where the plan has them."""
    arm, kind = document["best"]["arm"], GraderKind(document["best"]["kind"])
    own = [one for one in document["cells"] if (one["arm"], one["kind"]) == (arm, kind.value)]
    write_study_bundle(result, folder / "bundle", arm, kind, own, shipped)
    for split in result.splits if result.plan.bundle and result.plan.bundle.folds else ():
        if split.scheme == INTERNAL:
            place = folder / "bundles" / split.name.replace(" ", "-")
            write_study_bundle(result, place, arm, kind, [], shipped, split)


def figures_document(
    result: StudyResult,
    predictions: dict[ExperimentKey, GradedRows],
    runs: int,
    watch: Callable[[Sequence[ExperimentKey]], Iterable[ExperimentKey]] = iter,
) -> dict[str, Any]:
    """Everything that a report shows, as JSON values; see ``docs/explanation/study.md``."""
    plan = result.plan
    figures = results(predictions, plan.resamples, watch, prevalence=plan.prevalence)
    arm, kind = best_experiment(figures, list(plan.arms))
    return {
        "schema": FIGURES_SCHEMA,
        "study": plan.name,
        "task": plan.task.value,
        "classes": list(result.rows.classes),
        "positive": result.rows.positive,
        "plan_sha256": result.plan_sha256,
        "bundle": asdict(result.bundle.reference),
        "runs": runs,
        "environment": environment_words(),
        "flow": _flow(result),
        "left_out": [one.to_json() for one in result.excluded],
        "best": {"arm": arm, "kind": kind},
        "cells": figures,
        "differences": comparisons(predictions, plan),
        "three_way": three_way(figures, plan),
        "primary": primary_document(predictions, plan),
        "amounts": amounts_document(predictions, result.truth, plan.resamples),
        "selection": _selection(result),
        "models": _models(result),
    }


def best_experiment(figures: list[dict[str, Any]], arms: list[str]) -> tuple[str, str]:
    """The arm and kind of greatest mean AUC over folds and over devices or centres left out, the first if several.

    Neither an external split nor training rows have a say.
    """
    known: dict[tuple[str, str], list[float]] = {}
    for one in figures:
        if one["arm"] in arms and one["scheme"] not in (ALL, EXTERNAL) and one["auc"]["value"] is not None:
            known.setdefault((one["arm"], one["kind"]), []).append(one["auc"]["value"])
    return max(known, key=lambda experiment: sum(known[experiment]) / len(known[experiment]))


def _flow(result: StudyResult) -> dict[str, Any]:
    """How many images the split has, and what became of them."""
    rows = result.rows
    frames = len(set(rows.images.tolist()))
    return {
        "images": frames + len({one.image for one in result.excluded}),
        "left_out": dict(Counter(one.reason.value for one in result.excluded)),
        "frames": frames,
        "unit": rows.unit.value,
        "rows": len(rows),
        "answers": dict(Counter(rows.labels.tolist())),
        "divisions": [
            {"scheme": one.scheme, "division": one.name, "train": len(one.train), "test": len(one.test)}
            for one in result.splits
            if not one.repeat
        ],
    }


def _selection(result: StudyResult) -> dict[str, Any]:
    """Stability and the selected features on all rows; shares come from the arm with the most features."""
    records = {arm: records_of(result.selected[arm, ALL]) for arm in result.plan.arms}
    widest = max(records, key=lambda arm: sum(map(len, records[arm].values())))
    selection = result.plan.selection
    return {
        "sources": list(selection.sources),
        "reported": list(selection.reported),
        "least_icc": selection.least_icc,
        "least_pair": selection.least_pair,
        "dropped": result.selected[widest, ALL]["dropped"],
        "stable": stable_shares(
            records[widest], selection.sources, selection.reported, selection.least_icc, selection.least_pair
        ),
        "left": left_by_filter(records[widest]),
        "chosen": {arm: selected_features(record) for arm, record in records.items()},
    }


def _models(result: StudyResult) -> list[dict[str, Any]]:
    """The best trial of every experiment's search on all rows."""
    models = []
    for arm, kind in result.plan.experiments:
        fitted = result.fitted[arm, kind, ALL]
        best = min(fitted.trials, key=lambda trial: trial["log_loss"])
        models.append({"arm": arm, "kind": kind.value, "columns": len(fitted.columns), "setting": best})
    return models
