"""What a study says of labels that nothing can tell: the share of its 95 % intervals of the AUC that hold one half.

    python benchmarks/chance.py

200 rows whose labels are drawn by lot, 50, 20 and 7 % of them positive, through the folds, graders, figures and
bootstrap of a study with five repeats. Logistic regression on four columns of noise, 200 times; boosting on what the
selection leaves of twelve, 20 times. A grader that says one probability for all rows has no interval and is not
counted. ``within`` is one repeat, ``pooled`` the same with probabilities pooled over folds, as it was until figures
schema 2, ``repeated`` all five.
"""

from __future__ import annotations

import json
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import track

from nonet.anatomy import Structure
from nonet.bundle import Unit
from nonet.bundle.grader_kind import GraderKind
from nonet.datasets import ImageRow, assign_folds
from nonet.datasets.tasks import Task
from nonet.evaluate.bootstrap import figure, frame_weights, over_repeats
from nonet.evaluate.grading import GradedRows
from nonet.evaluate.grading.class_metrics import within_auc
from nonet.features.frame_features import DETECTOR_FEATURES
from nonet.frame import pixels_sha256
from nonet.grade import FeatureRows
from nonet.grade.task_grader import STRUCTURE
from nonet.study.experiments import ExperimentContext, fit_experiment, graded_rows, select_for_split
from nonet.study.plan import Folds, Input, Plan, SelectionPlan
from nonet.study.rows import StudyRows
from nonet.study.splits import ALL, make_splits, repeated

RESULT = Path(__file__).parent / "results" / "chance.json"
ROWS, COLUMNS = 200, 12
PREVALENCES = (0.5, 0.2, 0.07)
REPEATS = {GraderKind.LOGISTIC_REGRESSION: 200, GraderKind.BOOSTING: 20}
ARM = {GraderKind.LOGISTIC_REGRESSION: "noise", GraderKind.BOOSTING: "selected"}
WORKERS = 2


def main() -> None:
    """Repeat every experiment and write the shares."""
    begun = time.process_time()
    jobs = [(kind, share, seed) for kind, count in REPEATS.items() for share in PREVALENCES for seed in range(count)]
    with ProcessPoolExecutor(WORKERS) as pool:
        done = list(track(pool.map(repeat, *zip(*jobs, strict=True), chunksize=4), "repeats", len(jobs)))
    measured = [
        summary(kind, share, [one for job, one in zip(jobs, done, strict=True) if job[:2] == (kind, share)])
        for kind in REPEATS
        for share in PREVALENCES
    ]
    document = {"rows": ROWS, "resamples": plan_of(GraderKind.BOOSTING, 0).resamples, "of": measured}
    RESULT.write_text(json.dumps(document, indent=2) + "\n")
    print(json.dumps(document, indent=2), f"{time.process_time() - begun:.0f} CPU seconds of this process")


def repeat(kind: GraderKind, share: float, seed: int) -> dict[str, Any] | None:
    """Intervals of the AUC within folds, pooled and of all repeats; None where all rows have one probability."""
    warnings.filterwarnings("ignore", category=UserWarning)
    rng = np.random.default_rng([seed, round(1000 * share)])
    positive = np.zeros(ROWS, np.bool_)
    positive[rng.choice(ROWS, round(share * ROWS), replace=False)] = True
    rows, plan = rows_of(positive, rng), plan_of(kind, seed)
    context = ExperimentContext(plan, rows, {})
    images = [ImageRow(name, Path(name), 4, 4, "all") for name in rows.images.tolist()]
    hashes = {image.name: pixels_sha256(np.full((2, 2), place, np.uint8)) for place, image in enumerate(images)}
    classes = dict(zip(rows.images.tolist(), ([word] for word in rows.labels.tolist()), strict=True))
    first, *more = (
        assign_folds(images, hashes, plan.folds.count, repeated(f"chance {seed}", number), classes=classes)
        for number in range(plan.repeats)
    )
    parts: dict[str, dict[str, GradedRows]] = {}
    for split in (one for one in make_splits(rows, first, plan.folds, more) if one.scheme != ALL):
        selected = select_for_split(context, ARM[kind], split, resamples=0)
        fitted = fit_experiment(context, ARM[kind], kind, split, selected)
        tested = graded_rows(rows.take(split.test), plan.arms[ARM[kind]], fitted)
        parts.setdefault(split.scheme, {})[split.name] = tested
    runs = [GradedRows.join(list(of.values()), list(of)) for of in parts.values()]
    if all(np.ptp(part.probabilities) < 1e-9 for of in parts.values() for part in of.values()):
        return None
    weights = frame_weights(runs[0].groups, plan.resamples)
    drawn = [within_auc(run.scored, run.scored.strata, weights) for run in runs]
    pooled = within_auc(runs[0].scored, np.zeros(ROWS, np.intp), weights)
    figures = {"within": drawn[0], "pooled": pooled, "repeated": over_repeats(drawn)}
    ends = {name: figure(one.clip(0, 1)) for name, one in figures.items()}
    return {name: (one.value, one.low, one.high) for name, one in ends.items()}


def summary(kind: GraderKind, share: float, repeats: list[dict[str, Any] | None]) -> dict[str, Any]:
    """The share of intervals that hold one half, and the mean AUC with its standard error."""
    known = [one for one in repeats if one is not None]
    found: dict[str, Any] = {
        "kind": kind.value,
        "positive": share,
        "repeats": len(repeats),
        "constant": repeats.count(None),
    }
    for name in ("within", "pooled", "repeated"):
        values = np.array([one[name] for one in known], np.float64)
        held = (values[:, 1] <= 0.5) & (values[:, 2] >= 0.5)
        found[name] = {
            "hold_one_half": round(float(held.mean()), 3),
            "mean_auc": round(float(values[:, 0].mean()), 4),
            "standard_error": round(float(values[:, 0].std(ddof=1) / np.sqrt(len(values))), 4),
        }
    return found


def plan_of(kind: GraderKind, seed: int) -> Plan:
    """Two arms of noise, with and without selection, no ratings."""
    return Plan(
        "chance",
        Task.LABELS,
        {"noise": (Input.DETECTOR,), "selected": (Input.RADIOMICS,)},
        kinds=(kind,),
        seed=seed,
        repeats=5,
        budget=2,
        inner_folds=3,
        folds=Folds(count=3),
        selection=SelectionPlan(sources=(), folds=3, resamples=0),
    )


def rows_of(positive: np.ndarray, rng: np.random.Generator) -> StudyRows:
    """Rows of one structure with columns of noise: those of a detector, and radiomic ones."""
    free = DETECTOR_FEATURES
    names = tuple(f"stat_noise_{place}" for place in range(COLUMNS))
    nothing = np.full(ROWS, "unknown")
    thalami = (Structure.THALAMI.value,) * ROWS
    frames = np.array([f"{number}.png" for number in range(ROWS)])
    values = rng.normal(size=(ROWS, len(free) + COLUMNS))
    return StudyRows(
        Unit.STRUCTURE,
        ("no", "yes"),
        "yes",
        names,
        FeatureRows((*free, *names), values, {STRUCTURE: thalami, "layout": tuple(nothing.tolist())}),
        labels=np.where(positive, "yes", "no"),
        images=frames,
        structures=np.array(thalami),
        groups=frames,
        centres=nothing,
        devices=nothing,
        layouts=nothing,
    )


if __name__ == "__main__":
    main()
