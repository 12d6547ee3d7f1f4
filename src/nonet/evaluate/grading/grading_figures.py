"""Every figure of a grader on rows whose answer is known, each as value, low and high, ready for JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from nonet.evaluate.bootstrap import RESAMPLES, Figure, figure, frame_weights
from nonet.evaluate.grading.class_metrics import (
    ClassMetric,
    figures,
    net_benefit,
    samples,
    samples_of_class,
    within_auc,
)
from nonet.evaluate.grading.graded_rows import UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.evaluate.grading.graded_rows import GradedRows

    Weights = NDArray[np.int32]

__all__ = ["ENOUGH", "LEAST", "N_TOO_SMALL", "figure_json", "grading_figures"]

LEAST = 10
"""A structure with fewer rows of a class has no figures."""

ENOUGH = 30
"""With fewer rows of a class a figure has a caution beside it."""

N_TOO_SMALL = "n too small"

_DIGITS = 6
_THRESHOLDS = tuple(share / 20 for share in range(1, 20))
_CLASS_METRICS = (
    ClassMetric.AUC,
    ClassMetric.SENSITIVITY,
    ClassMetric.SPECIFICITY,
    ClassMetric.PPV,
    ClassMetric.NPV,
    ClassMetric.CALIBRATION_INTERCEPT,
    ClassMetric.CALIBRATION_SLOPE,
)


def grading_figures(rows: GradedRows, resamples: int = RESAMPLES, prevalence: float | None = None) -> dict[str, Any]:
    """Figures with 95 % intervals by bootstrap over groups: patients where they are known, or else frames.

    At the top those of all rows: ``auc``, ``accuracy``, ``sensitivity``, ``specificity``, ``ppv``, ``npv``, ``kappa``,
    ``brier``, ``calibration_intercept``, ``calibration_slope`` (`nonet.evaluate.grading.class_metrics.samples`),
    ``largest_class``, the share of rows of the most frequent class, which is the accuracy of always naming it, and
    ``within_layout_auc``, of pairs of one known screen layout alone. ``classes`` has each class against all others,
    with its number of ``rows``, and how many of them were called it (``called``). ``at_prevalence`` has the predictive
    values of the positive class at ``prevalence``, where one is stated. ``decision_curve`` lists net benefit by
    threshold, and that of acting on every row (``act_on_all``). ``conformal`` has the coverage of each class, the mean
    size of the sets, and the shares of those with one class and with none. ``confusion`` counts rows by
    answer and most probable class. ``devices`` and ``centres`` hold the same figures of each that has two classes,
    ``structures`` those of each structure, with a ``caution`` below 30 rows of a class, or ``n too small`` below 10.
    """
    weights = frame_weights(rows.groups, resamples)
    return {
        **_figures(rows, weights),
        "classes": _classes(rows, weights),
        **({} if prevalence is None else {"at_prevalence": _at_prevalence(rows, weights, prevalence)}),
        "decision_curve": _decision_curve(rows, weights),
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
    strata = np.unique(np.array([layouts, scored.strata]), axis=1, return_inverse=True)[1].reshape(-1)
    within = within_auc(scored.take(known), strata[known], weights[:, known])
    counts = np.bincount(scored.labels, minlength=len(rows.classes))
    largest = _share(scored.labels == counts.argmax(), np.ones(len(rows), np.bool_), weights)
    return {
        "rows": len(rows),
        **metrics,
        "largest_class": figure_json(largest),
        "within_layout_auc": figure_json(within),
    }


def _classes(rows: GradedRows, weights: Weights) -> dict[str, Any]:
    """Each class against all others, with its counts."""
    scored, chosen = rows.scored, rows.probabilities.argmax(axis=1)
    found = {}
    for place, name in enumerate(rows.classes):
        drawn = samples_of_class(scored, place, weights)
        of_it = scored.labels == place
        counts = {"rows": int(of_it.sum()), "called": int((of_it & (chosen == place)).sum())}
        found[name] = {**counts, **{metric.value: figure_json(drawn[metric]) for metric in _CLASS_METRICS}}
    return found


def _at_prevalence(rows: GradedRows, weights: Weights, prevalence: float) -> dict[str, Any]:
    """Predictive values of the positive class where it has another frequency than here (Bayes' rule)."""
    drawn = samples(rows.scored, weights)
    sensitivity, specificity = drawn[ClassMetric.SENSITIVITY], drawn[ClassMetric.SPECIFICITY]
    found, false = prevalence * sensitivity, (1 - prevalence) * (1 - specificity)
    cleared, missed = (1 - prevalence) * specificity, prevalence * (1 - sensitivity)
    with np.errstate(invalid="ignore"):
        return {
            "prevalence": prevalence,
            "ppv": figure_json(found / (found + false)),
            "npv": figure_json(cleared / (cleared + missed)),
        }


def _decision_curve(rows: GradedRows, weights: Weights) -> list[dict[str, Any]]:
    curve = []
    for threshold in _THRESHOLDS:
        ours, everyone = net_benefit(rows.scored, threshold, weights)
        curve.append({"threshold": threshold, "net_benefit": figure_json(ours), "act_on_all": figure_json(everyone)})
    return curve


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
        least = min(counts.values())
        if each and least < LEAST:
            found[each] = {"counts": counts, "note": N_TOO_SMALL}
        elif each:
            own = rows.take(some)
            found[each] = {
                "counts": counts,
                **_figures(own, weights[:, some]),
                "classes": _classes(own, weights[:, some]),
            }
            found[each] |= {"caution": f"{least} rows of a class"} if least < ENOUGH else {}
    return found


def _share(value: NDArray[Any], among: NDArray[np.bool_], weights: Weights) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):
        shares: NDArray[np.float64] = (weights @ (value * among)) / (weights @ among)
    return shares


def _json(metrics: Figure) -> dict[str, float | None]:
    return {end: None if value is None else round(value, _DIGITS) for end, value in asdict(metrics).items()}
