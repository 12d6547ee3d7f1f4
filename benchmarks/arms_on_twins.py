"""How well each arm of the plane study grades frames that are shown at 0.68 of their size.

Run ``python benchmarks/arms_on_twins.py FOLDER RUN`` with the Fetus Framework data and the run folder of
``studies/plane-quality.toml``, whose fitted graders are read. Each frame is shown whole at 0.68 and on a black canvas
of its first size, located anew, and graded by the fold that was fitted without it (the first repeat). It writes
``benchmarks/results/arms_on_twins.json``: AUC of pairs within folds, intervals over frames.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from nonet.bundle import Bundle
from nonet.bundle.grader_kind import GraderKind
from nonet.datasets import ImageRow, load
from nonet.datasets.inspection import first_frame
from nonet.evaluate.bootstrap import RESAMPLES, SEED, figure, frame_weights
from nonet.evaluate.grading.class_metrics import ClassMetric, ScoredRows, samples
from nonet.evaluate.robustness.twins import TWINS
from nonet.features.frame_features import FrameFeatureExtractor, frame_columns
from nonet.grade import FeatureRows
from nonet.study.cache import Cache
from nonet.study.pipeline import compute_study
from nonet.study.plan_file import load_plan
from nonet.study.splits import INTERNAL
from nonet.study.study_inputs import StudyInputs, unwatched
from nonet.work import run_items

ROOT = Path(__file__).parents[1]
PLAN = ROOT / "studies" / "plane-quality.toml"
RESULT = Path(__file__).parent / "results" / "arms_on_twins.json"
SHOWN = ("zoom 0.68", "zoom 0.68 on black")
TWIN = {twin.name: twin for twin in TWINS}


def extractor() -> FrameFeatureExtractor:
    """With all parts of the shipped bundle."""
    return FrameFeatureExtractor(Bundle())


def measure(opened: FrameFeatureExtractor, image: ImageRow) -> np.ndarray:
    """``float64[twins, 9 F]``: the features of each twin."""
    frame, rng = first_frame(image.path), np.random.default_rng(0)
    pictures = [np.ascontiguousarray(TWIN[name].pixels(frame.pixels, rng)) for name in SHOWN]
    return np.array([opened.of_frame(replace(frame, pixels=pixels)).row for pixels in pictures])


def main(folder: Path, run: Path) -> None:
    """Grade the twins by the fitted graders, and write the file."""
    plan, sha256 = load_plan(PLAN)
    inputs = StudyInputs(plan, sha256, PLAN, folder, load(folder), Bundle(), Cache(run / "stages"), 2, unwatched)
    study = compute_study(inputs)
    images = {image.name: image for image in inputs.data.images}
    values = np.array(list(run_items(measure, [images[n] for n in study.rows.images.tolist()], extractor, workers=2)))
    columns = frame_columns(FrameFeatureExtractor(Bundle()).names)
    groups = np.unique(study.rows.groups, return_inverse=True)[1].astype(np.int64)
    weights = frame_weights(groups, RESAMPLES, SEED)
    classes = study.rows.classes
    labels = np.array([classes.index(label) for label in study.rows.labels.tolist()])
    folds = [split for split in study.splits if split.scheme == INTERNAL]
    document: dict[str, dict[str, object]] = {}
    for arm in plan.arms:
        for place, name in enumerate(("as it is", *SHOWN)):
            probabilities, divisions = np.empty((len(labels), len(classes))), np.empty(len(labels), dtype="<U20")
            for split in folds:
                fitted = study.fitted[arm, GraderKind.LOGISTIC_REGRESSION, split.name]
                order = [fitted.spec.classes.index(each) for each in classes]
                rows = study.rows.features if not place else FeatureRows(columns, values[:, place - 1])
                probabilities[split.test] = fitted.predict(rows.take(split.test))[0][:, order]
                divisions[split.test] = split.name
            scored = ScoredRows(classes, probabilities, labels, classes.index(study.rows.positive), divisions)
            auc = figure(samples(scored, weights)[ClassMetric.AUC])
            document.setdefault(arm, {})[name] = {
                "value": round(float(auc.value or np.nan), 4),
                "low": round(float(auc.low or np.nan), 4),
                "high": round(float(auc.high or np.nan), 4),
            }
    kept = {"auc": document, "frames": len(labels), "protocol": "pairs within folds of the first repeat"}
    RESULT.write_text(json.dumps(kept, indent=1) + "\n")
    sys.stdout.write(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
