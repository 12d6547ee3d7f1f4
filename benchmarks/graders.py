"""What the three kinds of grader cost: processor seconds of a fit, and of one prediction in onnxruntime.

Run ``python benchmarks/graders.py``. It writes ``benchmarks/results/graders.json``. Rows are made up
(scikit-learn's ``make_classification``), so nothing is said of accuracy. Processor time, not time on the
clock, so that what else runs on the machine does not count; one thread in training.
"""

from __future__ import annotations

import json
import platform
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.datasets import make_classification
from threadpoolctl import threadpool_limits

from nonet.bundle.grader_kind import GraderKind
from nonet.grade import FeatureRows, Grader, GraderSpec
from nonet.grade.cross_conformal import CrossConformal
from nonet.grade.preprocessing import Preprocessing
from nonet.grade.probability_calibration import ProbabilityCalibration
from nonet.train.graders.join_members import join_members
from nonet.train.graders.kinds import build, export

RESULT = Path(__file__).parent / "results/graders.json"
ROWS = 600
WIDTHS = (100, 400)
REPEATS = 300
STRUCTURES = 9


def main() -> None:
    """Fit and run every kind at every width."""
    torch.set_num_threads(1)
    with threadpool_limits(1):
        measured = [measure(kind, width) for width in WIDTHS for kind in GraderKind]
    document = {"rows": ROWS, "machine": platform.machine(), "cpu_seconds": measured}
    RESULT.write_text(json.dumps(document, indent=2) + "\n")


def measure(kind: GraderKind, width: int) -> dict[str, Any]:
    """Cost of one kind, with its default settings, at one number of columns."""
    values, labels = make_classification(ROWS, width, n_informative=15, random_state=0)
    features = FeatureRows(tuple(f"c{place}" for place in range(width)), values)
    preprocessing = Preprocessing.fit(features)
    inputs = preprocessing.apply(features).astype(np.float64)
    classifier = build(kind, {}, categorical=(), width=width, class_weight=None, seed=0)
    begun = time.process_time()
    classifier.fit(inputs, labels)
    fit_seconds = time.process_time() - begun
    model = join_members([export(kind, classifier)])
    sets = CrossConformal(0.9, (((0.9,),), ((0.9,),)))
    spec = GraderSpec(2, kind, ("a", "b"), (preprocessing,), ProbabilityCalibration.none(2), sets)
    grader = Grader(model, spec)
    told = grader.probabilities(features)
    return {
        "kind": kind,
        "columns": width,
        "fit_s": round(fit_seconds, 2),
        "one_row_ms": each_ms(grader, features.take(np.arange(1))),
        "nine_rows_ms": each_ms(grader, features.take(np.arange(STRUCTURES))),
        "onnx_kib": round(len(model) / 1024),
        "largest_difference": float(f"{np.abs(told - classifier.predict_proba(inputs)).max():.1e}"),
    }


def each_ms(grader: Grader, features: FeatureRows) -> float:
    """Processor milliseconds of a grading, everything from features to sets."""
    grader.predict(features)
    begun = time.process_time()
    for _ in range(REPEATS):
        grader.predict(features)
    return round((time.process_time() - begun) / REPEATS * 1000, 2)


if __name__ == "__main__":
    main()
