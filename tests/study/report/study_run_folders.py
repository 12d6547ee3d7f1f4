"""Run folders as a study writes them, of rows and features drawn at random."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nonet.anatomy import STRUCTURES
from nonet.evaluate.grading import UNKNOWN, GradedRows, read_rows, write_rows
from nonet.select import FeatureRecord
from nonet.select.removal_reasons import RemovalReason
from nonet.study.figures import FIGURES_SCHEMA, KEYS, comparisons, pooled, results
from nonet.study.plan import Plan
from nonet.study.plan_file import load_plan
from nonet.study.publish.run_folder import best_experiment
from nonet.study.publish.stability_counts import left_by_filter, selected_features, stable_shares

if TYPE_CHECKING:
    from collections.abc import Sequence

FRAMES_PLAN = """
name = "plane of frames"
task = "plane"
data = "/private/place/frames"
split = "set2"
external = "elsewhere"
seed = 11
budget = 7
inner_folds = 4
resamples = 60

[arms]
radiomics = ["detector", "radiomics"]
deep = ["detector", "deep"]
fusion = ["detector", "radiomics", "deep"]

[baselines]
"nine scores" = ["scores"]
"layout alone" = ["layout"]
"zoom alone" = ["zoom"]

[folds]
count = 3
salt = "another salt"
leave_out = "device"
least = 21

[raters]
reviewed = 210
reviewers = 2
shown_again = 110
heads = 41

[selection]
sources = ["reviewers", "devices"]
reported = ["machines"]
least_icc = 0.76
least_pair = 0.51
most_correlation = 0.91
folds = 5
resamples = 52

[bundle]
name = "a bundle"
version = "3.2.1"
"""

STRUCTURES_PLAN = """
name = "labels of structures"
task = "labels"
labels = "labels.csv"
classes = ["normal", "borderline", "abnormal"]
positive = "abnormal"
prevalence = 0.025
kinds = ["tab_transformer", "boosting"]
resamples = 60

[arms]
fusion = ["radiomics", "deep"]

[folds]
leave_out = "centre"

[raters]
residuals = "residuals.json"
"""

LEAST_PLAN = """
name = "least"
task = "plane"
kinds = ["boosting"]
resamples = 60

[arms]
detector = ["detector"]
"""

_FAMILIES = ("morph_volume", "glcm_contrast", "deep_0001", "deep_0002")
_RARE = 8


@dataclass(frozen=True)
class Words:
    """What a run folder is filled with; any of it may be hostile."""

    classes: tuple[str, ...]
    positive: str
    structures: tuple[str, ...] = ("",)
    devices: tuple[str, ...] = ("GE", "Philips", UNKNOWN)
    centres: tuple[str, ...] = (UNKNOWN,)
    image: str = "{}.png"
    patients: bool = False
    reason: str = "it cannot be read"
    device_of_all: str | None = None


FRAMES = Words(("non-standard", "standard"), "standard")
GRADES = Words(
    ("normal", "borderline", "abnormal"),
    "abnormal",
    structures=tuple(each.value for each in STRUCTURES[:3]),
    centres=("north", "south"),
    patients=True,
)


def make_run(folder: Path, plan_text: str, words: Words, frames: int = 90) -> dict[str, Any]:
    """Write the three files that a report is made from, and give the figures."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.toml").write_text(plan_text, encoding="utf-8")
    plan, sha = load_plan(folder / "study.toml")
    base = _rows(words, frames)
    write_rows(_told(plan, words, base), folder / "predictions.csv", KEYS)
    figures = _figures(plan, sha, words, base, folder)
    write_figures(folder, figures)
    return figures


def write_figures(folder: Path, figures: dict[str, Any]) -> None:
    (folder / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def _rows(words: Words, frames: int) -> dict[str, np.ndarray]:
    """Words of each row; the last of the structures has few rows of a class."""
    rng = np.random.default_rng(5)
    count = frames * len(words.structures)
    images = [words.image.format(number) for number in range(frames) for _ in words.structures]
    structures = [each for _ in range(frames) for each in words.structures]
    answers = rng.choice(words.classes, count)
    if len(words.structures) > 1:
        rare = (np.array(structures) == words.structures[-1]) & (answers == words.classes[0])
        answers[np.flatnonzero(rare)[_RARE:]] = words.classes[1]
    devices, centres = (
        rng.choice(each, frames).repeat(len(words.structures)) for each in (words.devices, words.centres)
    )
    groups = [
        f"patient  {number // 2}" if words.patients else hashlib.sha256(str(number).encode()).hexdigest()
        for number in range(frames)
        for _ in words.structures
    ]
    layouts = rng.choice(["left", "right"], frames).repeat(len(words.structures))
    columns = (images, structures, groups, centres, devices, layouts, answers)
    names = ("image", "structure", "group", "centre", "device", "layout", "answer")
    return {name: np.array(column, str) for name, column in zip(names, columns, strict=True)}


def _told(plan: Plan, words: Words, base: dict[str, np.ndarray]) -> list[tuple[tuple[str, ...], GradedRows]]:
    rng = np.random.default_rng(6)
    shares = []
    for scheme, name, rows in _divisions(plan, base):
        for arm, kind in plan.experiments:
            strength = 1.6 if arm == list(plan.arms)[-1] else 0.8
            some = {key: each[rows] for key, each in base.items()}
            shares.append(((scheme, name, arm, kind.value), _graded(words, some, rng, strength)))
    return shares


def _divisions(plan: Plan, base: dict[str, np.ndarray]) -> list[tuple[str, str, np.ndarray]]:
    images = np.unique(base["image"], return_inverse=True)[1]
    every = np.arange(len(images))
    folds = [
        ("internal", f"fold {fold}", np.flatnonzero(images % plan.folds.count == fold))
        for fold in range(plan.folds.count)
    ]
    places = base[plan.folds.leave_out] if plan.folds.leave_out else np.array([], str)
    without = [
        (f"without {place}", f"without {place}", np.flatnonzero(places == place))
        for place in np.unique(places[places != UNKNOWN])
    ]
    outside = [("external", "all", every[: len(every) // 2])] if plan.external else []
    return [*folds, *without, ("all", "all", every), *outside]


def _graded(words: Words, base: dict[str, np.ndarray], rng: np.random.Generator, strength: float) -> GradedRows:
    labels = np.array([words.classes.index(answer) for answer in base["answer"]])
    logits = rng.normal(size=(len(labels), len(words.classes))) + strength * np.eye(len(words.classes))[labels]
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return GradedRows(words.classes, words.positive, base, shares, shares > 0.2)


def _figures(plan: Plan, sha: str, words: Words, base: dict[str, np.ndarray], folder: Path) -> dict[str, Any]:
    shares = pooled(read_rows(folder / "predictions.csv", words.positive, KEYS))
    cells = results(shares, plan.resamples, prevalence=plan.prevalence)
    arm, kind = best_experiment(cells, list(plan.arms))
    divisions = [one for one in _divisions(plan, base) if one[0] != "external"]
    every = len(base["answer"])
    return {
        "schema": FIGURES_SCHEMA,
        "study": plan.name,
        "task": plan.task.value,
        "classes": list(words.classes),
        "positive": words.positive,
        "plan_sha256": sha,
        "bundle": {"name": "nonet-default", "version": "1.2.0", "sha256": "ab" * 32},
        "runs": 4,
        "flow": {
            "images": len(np.unique(base["image"])) + 2,
            "left_out": {words.reason: 2},
            "frames": len(np.unique(base["image"])),
            "unit": "structure" if words.structures[0] else "frame",
            "rows": every,
            "answers": dict(Counter(base["answer"].tolist())),
            "divisions": [
                {
                    "scheme": scheme,
                    "division": name,
                    "train": every - len(rows) * (scheme != "all"),
                    "test": len(rows),
                }
                for scheme, name, rows in divisions
            ],
        },
        "left_out": [{"image": words.image.format("gone"), "reason": words.reason}] * 2,
        "environment": {"Nonet": "0.1.0", "numpy": "2.4.9"},
        "best": {"arm": arm, "kind": kind},
        "cells": cells,
        "differences": comparisons(shares, plan),
        "selection": _selection(plan),
        "models": [
            {"arm": arm, "kind": kind.value, "columns": 17, "setting": {"C": 0.123456, "log_loss": 0.4321}}
            for arm, kind in plan.experiments
        ],
    }


def _selection(plan: Plan) -> dict[str, Any]:
    measured = any(each.value in ("radiomics", "deep") for inputs in plan.arms.values() for each in inputs)
    records = {each.value: _columns(plan.selection.sources) for each in STRUCTURES} if measured else {}
    return {
        "sources": list(plan.selection.sources),
        "dropped": {},
        "reported": list(plan.selection.reported),
        "least_icc": plan.selection.least_icc,
        "least_pair": plan.selection.least_pair,
        "stable": stable_shares(
            records,
            plan.selection.sources,
            plan.selection.reported,
            plan.selection.least_icc,
            plan.selection.least_pair,
        ),
        "left": left_by_filter(records),
        "chosen": {arm: selected_features(records) for arm in plan.arms},
    }


def _columns(sources: Sequence[str]) -> list[FeatureRecord]:
    """Features of which every other one is stable, and most of those chosen."""
    made = []
    for place in range(24):
        name = f"{_FAMILIES[place % len(_FAMILIES)]}_{place}"
        icc = 0.9 if place % 2 else 0.4
        reason = None if place % 2 and place > 6 else RemovalReason.REDUNDANT if place % 2 else RemovalReason.UNSTABLE
        agreements = dict.fromkeys(sources, None if place == 9 else (icc, icc - 0.1, icc + 0.05))
        made.append(FeatureRecord(name, reason, agreements, frequency=place / 24 if place % 2 else None))
    return made
