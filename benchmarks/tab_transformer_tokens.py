"""What the TabTransformer's binned columns bring: the published network beside ours, on the folds of a study.

Run ``python benchmarks/tab_transformer_tokens.py RUN DATA`` on the folder of a finished run of
``studies/plane-quality.toml``. It writes ``benchmarks/results/studies/tab-transformer-tokens.json``: the internal AUC
of every arm with and without continuous columns as tokens (``binned`` searched, or 0), and their paired difference.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from nonet.study.runner import Run, graded_rows

from nonet.bundle import DEFAULT_BUNDLE
from nonet.evaluate.bootstrap import frame_weights
from nonet.evaluate.grading import GradedRows, figure_json, read_rows
from nonet.evaluate.grading.class_metrics import ClassMetric, samples
from nonet.study.experiments import ExperimentRunner
from nonet.study.figures import KEYS, pooled
from nonet.study.splits import INTERNAL, Split
from nonet.train.graders import GraderKind

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks/results/studies/tab-transformer-tokens.json"
KIND = GraderKind.TAB_TRANSFORMER


def main() -> None:
    """Learn every arm anew without tokens, and judge it beside what the study said."""
    folder, data = Path(sys.argv[1]), Path(sys.argv[2])
    run = Run(folder / "study.toml", folder, data, DEFAULT_BUNDLE, 1, lambda items, _: items)
    told = pooled(read_rows(folder / "predictions.csv", run.material.positive, KEYS))
    figures = {}
    for arm in run.plan.arms:
        without = GradedRows.join([_without(run, arm, one) for one in run.divisions if one.scheme == INTERNAL])
        drawn = [_auc(rows) for rows in (told[INTERNAL, arm, KIND.value], without)]
        figures[arm] = {
            "with_tokens": figure_json(drawn[0]),
            "without": figure_json(drawn[1]),
            "difference": figure_json(drawn[0] - drawn[1]),
        }
        print(arm, figures[arm], flush=True)
    RESULT.write_text(json.dumps(figures, indent=2) + "\n")


def _without(run: Run, arm: str, division: Split) -> GradedRows:
    learner = ExperimentRunner(run.context, arm, division)
    trained = learner.learn(KIND, learner.choose(resamples=0), {"binned": 0})
    return graded_rows(run.material.take(division.judged), run.plan.inputs(arm), trained)


def _auc(rows: GradedRows) -> np.ndarray:
    return samples(rows.judged, frame_weights(rows.groups))[ClassMetric.AUC]


if __name__ == "__main__":
    main()
