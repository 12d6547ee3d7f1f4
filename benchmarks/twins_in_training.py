"""What random twins in training cost at home and bring elsewhere: the shipped arm fitted with none, one, and more.

Run ``python benchmarks/twins_in_training.py FOLDER RUN [TWINS]`` with the Fetus Framework data and the run folder of
``studies/plane-quality.toml``, run with at least ``TWINS`` twins (by default 1); selections are those of the run. Each
split is fitted with 0 to ``TWINS`` twins and tested on its frames as they are and on their random twins. It writes
``benchmarks/results/twins_in_training.json``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from nonet.bundle import Bundle
from nonet.bundle.grader_kind import GraderKind
from nonet.datasets import load
from nonet.grade import Grader
from nonet.study.cache import Cache
from nonet.study.experiments import _key
from nonet.study.pipeline import compute_study
from nonet.study.plan_file import load_plan
from nonet.study.splits import INTERNAL
from nonet.study.study_inputs import StudyInputs, unwatched
from nonet.train.graders import Copies, finish_grader, search

ROOT = Path(__file__).parents[1]
PLAN = ROOT / "studies" / "plane-quality.toml"
RESULT = Path(__file__).parent / "results" / "twins_in_training.json"
ARM = "fusion and detector"


def first(copies: Copies, count: int) -> Copies:
    """The first so many copies of each row."""
    number = np.array([int((copies.of[:place] == row).sum()) for place, row in enumerate(copies.of.tolist())])
    kept = np.flatnonzero(number < count)
    return Copies(copies.features.take(kept), copies.of[kept])


def main(folder: Path, run: Path, most: int) -> None:
    """Fit and test, and write the file."""
    plan, sha256 = load_plan(PLAN)
    inputs = StudyInputs(plan, sha256, PLAN, folder, load(folder), Bundle(), Cache(run / "stages"), 1, unwatched)
    study = compute_study(inputs)
    rows, given = study.rows, plan.inputs(ARM)
    free = rows.free(given)
    found = []
    for split in (one for one in study.splits if one.scheme == INTERNAL or one.scheme.startswith("without")):
        chosen = study.selected[ARM, split.name]["columns"]
        train, test = rows.take(split.train), rows.take(split.test)
        labels, copies, seen = train.labels.tolist(), train.copies(given), test.copies(given)
        assert copies is not None and seen is not None
        for count in range(most + 1):
            fitted = search(
                GraderKind.LOGISTIC_REGRESSION,
                train.of(given),
                labels,
                train.groups,
                budget=plan.budget,
                folds=plan.inner_folds,
                seed=plan.seed,
                choose=lambda inner, train=split.train, chosen=chosen: [*free, *chosen[_key(train[inner])]],
                copies=first(copies, count) if count else None,
            )
            made = finish_grader(fitted, labels, train.groups, seed=plan.seed, level=plan.level)
            grader, positive = Grader(made.model, made.spec), made.spec.classes.index(rows.positive)
            own, sets = grader.graded(test.of(given))
            twins = grader.probabilities(seen.features)[:, positive]
            standard, called = test.labels == rows.positive, own[:, positive] >= 0.5
            figures = {
                "auc": roc_auc_score(standard, own[:, positive]),
                "sensitivity": called[standard].mean(),
                "specificity": (~called[~standard]).mean(),
                "coverage, standard": sets[standard, positive].mean(),
                "coverage, non-standard": sets[~standard, 1 - positive].mean(),
                "auc on twins": roc_auc_score(standard[seen.of], twins),
                "sensitivity on twins": (twins >= 0.5)[standard[seen.of]].mean(),
                "specificity on twins": (twins < 0.5)[~standard[seen.of]].mean(),
                "calls that change on twins": ((twins >= 0.5) != called[seen.of]).mean(),
            }
            rounded = {name: round(float(value), 4) for name, value in figures.items()}
            found.append({"split": split.name, "twins": count, "rows": len(test), **rounded})
    RESULT.write_text(json.dumps(found, indent=1) + "\n")
    sys.stdout.write(RESULT.read_text())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
