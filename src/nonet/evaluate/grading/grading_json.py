"""The figures of a grader on a data set as JSON: the four of most interest at the top, everything else beside them."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from nonet.evaluate.bootstrap import RESAMPLES, SEED
from nonet.evaluate.grading.grading_figures import grading_figures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nonet.evaluate.grading.run_grader import GradingRun

__all__ = ["grading_json"]


def grading_json(
    run: GradingRun, task: str, form: str, split: str, overlays: str, prevalence: float | None = None
) -> str:
    """Indented JSON that ends in a newline.

    ``auc``, ``accuracy``, ``sensitivity``, ``specificity`` and what else `grading_figures` gives stand at the top,
    each as value, low and high, null where not defined. Beside them: ``task``, ``classes``, ``positive`` (the class
    that sensitivity is of), ``overlays`` (``keep`` or ``mask``), ``frames``, ``frames_seen_in_training``,
    ``left_out``, ``not_graded`` (how many rows of each structure are left out, since the grader does not grade it),
    ``data``, ``grader``, ``bundle`` and ``protocol``.
    """
    document = {
        **grading_figures(run.rows, prevalence=prevalence),
        "task": task,
        "classes": list(run.rows.classes),
        "positive": run.rows.positive,
        "overlays": overlays,
        "frames": run.frames,
        "frames_seen_in_training": run.seen,
        "left_out": [one.to_json() for one in run.excluded],
        "not_graded": dict(run.not_graded),
        "data": {"form": form, "split": split},
        "grader": run.grader,
        "conformal_level": _level(run.levels),
        "bundle": asdict(run.bundle),
        "protocol": {
            "boxes": "nine a frame, found by the bundle's detector",
            "most_probable": "accuracy, sensitivity and specificity take the most probable class",
            "interval": "95 % percentile bootstrap over patients where they are known, or else frames",
            "resamples": RESAMPLES,
            "seed": SEED,
        },
    }
    return json.dumps(document, indent=2) + "\n"


def _level(levels: Mapping[str, float] | None) -> float | dict[str, float] | None:
    if levels is None:
        return None
    return dict(levels) if len(set(levels.values())) > 1 else next(iter(levels.values()))
