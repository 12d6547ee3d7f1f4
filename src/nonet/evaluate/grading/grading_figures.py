"""Every figure of a grader on rows whose answer is known, each as value, low and high, ready for JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from nonet.evaluate.bootstrap import RESAMPLES, Figure, figure, frame_weights
from nonet.evaluate.grading.class_metrics import figures, within_auc
from nonet.evaluate.grading.graded_rows import UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.evaluate.grading.graded_rows import GradedRows

    Weights = NDArray[np.int32]

__all__ = ["LEAST", "N_TOO_SMALL", "figure_json", "grading_figures"]

LEAST = 30
"""A structure with fewer rows of a class has no figures."""

N_TOO_SMALL = "n too small"

_DIGITS = 6


def grading_figures(rows: GradedRows, resamples: int = RESAMPLES) -> dict[str, Any]:
    """Figures with 95 % intervals by bootstrap over groups: patients where they are known, or else frames.

    At the top those of all rows: ``auc``, ``accuracy``, ``sensitivity``, ``specificity``, ``kappa``, ``brier``,
    ``calibration_slope`` (`nonet.evaluate.grading.class_metrics.samples`) and ``within_layout_auc``, of pairs of one
    known screen layout alone. ``conformal`` has the coverage of each class before the most probable class is
    added, the mean size of the sets, and the shares of those with one class and with none. ``confusion`` counts rows by
    answer and most probable class. ``devices`` and ``centres`` hold the same figures of each that has two classes,
    ``structures`` those of each structure, or ``n too small`` with fewer than 30 rows of a class.
    """
    weights = frame_weights(rows.groups, resamples)
    return {
        **_figures(rows, weights),
        "conformal": _conformal(rows, weights),
        "confusion": _confusion(rows),
        "devices": _by(rows, weights, "device"),
        "centres": _by(rows, weights, "centre"),
        "structures": _structures(rows, weights),
    }


def figure_json(drawn: NDArray[np.float64]) -> dict[str, float | None]:
    """A figure with its interval from its value in all rows and in each resample, ``float64[1 + R]``."""
    return _json(figure(drawn))


def _figures(rows: GradedRows, weights: Weights) -> dict[str, Any]:
    scored = rows.scored
    metrics = {metric.value: _json(one) for metric, one in figures(scored, weights).items()}
    layouts = rows.words["layout"]
    known = layouts != UNKNOWN
    within = within_auc(scored.take(known), layouts[known], weights[:, known])
    return {"rows": len(rows), **metrics, "within_layout_auc": figure_json(within)}


def _conformal(rows: GradedRows, weights: Weights) -> dict[str, Any]:
    labels, sizes = rows.labels, rows.sets.sum(axis=1)
    right, every = rows.sets[np.arange(len(labels)), labels], np.ones(len(sizes), np.bool_)
    return {
        "coverage": {
            name: figure_json(_share(right, labels == place, weights)) for place, name in enumerate(rows.classes)
        },
        "mean_size": figure_json(_share(sizes, every, weights)),
        "singletons": figure_json(_share(sizes == 1, every, weights)),
        "empty": figure_json(_share(sizes == 0, every, weights)),
    }


def _confusion(rows: GradedRows) -> dict[str, dict[str, int]]:
    chosen = rows.probabilities.argmax(axis=1)
    return {
        truth: {
            said: int(((rows.labels == row) & (chosen == column)).sum()) for column, said in enumerate(rows.classes)
        }
        for row, truth in enumerate(rows.classes)
    }


def _by(rows: GradedRows, weights: Weights, word: str) -> dict[str, Any]:
    """Figures of the rows of each word, such as each device, that has rows of two classes."""
    found = {}
    for each in np.unique(rows.words[word]).tolist():
        some = rows.words[word] == each
        if each and len(np.unique(rows.labels[some])) > 1:
            found[each] = _figures(rows.take(some), weights[:, some])
    return found


def _structures(rows: GradedRows, weights: Weights) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in dict.fromkeys(rows.words["structure"].tolist()):
        some = rows.words["structure"] == each
        counts = {name: int((rows.words["answer"][some] == name).sum()) for name in rows.classes}
        enough = min(counts.values()) >= LEAST
        if each:
            found[each] = {"counts": counts, **(_figures(rows.take(some), weights[:, some]) if enough else {})}
            found[each] |= {} if enough else {"note": N_TOO_SMALL}
    return found


def _share(value: NDArray[Any], among: NDArray[np.bool_], weights: Weights) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):
        shares: NDArray[np.float64] = (weights @ (value * among)) / (weights @ among)
    return shares


def _json(metrics: Figure) -> dict[str, float | None]:
    return {end: None if value is None else round(value, _DIGITS) for end, value in asdict(metrics).items()}
