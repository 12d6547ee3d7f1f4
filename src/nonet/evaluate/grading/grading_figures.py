"""Every figure of a grader on rows whose answer is known, each as value, low and high, ready for JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from nonet.evaluate.bootstrap import RESAMPLES, frame_weights, over_repeats
from nonet.evaluate.figure_json import figure_json
from nonet.evaluate.grading.class_metrics import (
    OF_A_CLASS,
    ClassMetric,
    ScoredRows,
    auc_of_class,
    mean_auc,
    net_benefit,
    samples,
    samples_of_class,
    within_auc,
)
from nonet.evaluate.grading.graded_rows import UNKNOWN
from nonet.evaluate.grading.ordinal_figures import are_grades, ordinal_figures

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.evaluate.grading.graded_rows import GradedRows

    Weights = NDArray[np.int32]
    Drawn = NDArray[np.float64]
    Runs = Sequence[GradedRows]

__all__ = ["ENOUGH", "LEAST", "N_TOO_SMALL", "grading_figures"]

LEAST = 10
"""A structure with fewer rows of a class has no figures."""

ENOUGH = 30
"""With fewer rows of a class a figure has a caution beside it."""

N_TOO_SMALL = "n too small"

_TINY = 1e-12
_THRESHOLDS = tuple(share / 20 for share in range(1, 20))
_SHARES = frozenset(ClassMetric) - {
    ClassMetric.KAPPA,
    ClassMetric.BRIER,
    ClassMetric.CALIBRATION_INTERCEPT,
    ClassMetric.CALIBRATION_SLOPE,
}


def grading_figures(
    rows: GradedRows,
    resamples: int = RESAMPLES,
    prevalence: float | None = None,
    repeats: Sequence[GradedRows] = (),
) -> dict[str, Any]:
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
    ``structures`` those of each structure, with a ``caution`` below 30 rows of a class, or ``n too small`` below 10; of
    three classes and more, ``auc_against`` has the AUC of the positive class against each other class alone. Where the
    classes are grades, ``grades``, there and at the top, has `ordinal_figures`.

    ``repeats`` are the predictions of the same rows in the same order by the same procedure with other folds and seeds:
    figures are then means over all of them, and intervals hold what folds and seeds add (`over_repeats`); counts are
    those of ``rows`` alone.
    """
    runs = [rows, *repeats]
    weights = frame_weights(rows.groups, resamples)
    whole = _figures(runs, weights)
    return {
        **whole,
        "repeats": len(runs),
        "classes": _classes(runs, weights, whole),
        **({"grades": ordinal_figures(runs, weights)} if are_grades(rows) else {}),
        **({} if prevalence is None else {"at_prevalence": _at_prevalence(runs, weights, prevalence)}),
        "decision_curve": _decision_curve(runs, weights),
        "conformal": _conformal(runs, weights),
        "confusion": _confusion(rows),
        "devices": _by(runs, weights, "device", whole),
        "centres": _by(runs, weights, "centre", whole),
        "structures": _structures(runs, weights),
    }


def _joined(drawn: Sequence[Drawn], *, share: bool) -> dict[str, float | None]:
    """A figure over all runs; that of a share stays from 0 to 1."""
    joined = over_repeats(drawn)
    return figure_json(joined.clip(0, 1) if share else joined)


def _over(runs: Runs, of: Callable[[GradedRows], Drawn], *, share: bool = True) -> dict[str, float | None]:
    return _joined([of(run) for run in runs], share=share)


def _each_over(runs: Runs, of: Callable[[GradedRows], Mapping[ClassMetric, Drawn]]) -> dict[str, Any]:
    """Several figures over all runs, by name."""
    apart = [of(run) for run in runs]
    return {metric.value: _joined([one[metric] for one in apart], share=metric in _SHARES) for metric in apart[0]}


def _figures(runs: Runs, weights: Weights) -> dict[str, Any]:
    rows = runs[0]
    counts = np.bincount(rows.labels, minlength=len(rows.classes))
    every = np.ones(len(rows), np.bool_)
    return {
        "rows": len(rows),
        **_each_over(runs, lambda run: samples(run.scored, weights)),
        "largest_class": figure_json(_share(rows.labels == counts.argmax(), every, weights)),
        "within_layout_auc": _over(runs, lambda run: _within_layouts(run, weights)),
    }


def _within_layouts(rows: GradedRows, weights: Weights) -> Drawn:
    scored, layouts = rows.scored, rows.words["layout"]
    known = layouts != UNKNOWN
    strata = np.unique(np.array([layouts, scored.strata]), axis=1, return_inverse=True)[1].reshape(-1)
    return within_auc(scored.take(known), strata[known], weights[:, known])


def _classes(runs: Runs, weights: Weights, figures: Mapping[str, Any]) -> dict[str, Any]:
    """Each class against all others, with its counts; ``figures`` has most of the positive one's."""
    chosen, labels = runs[0].probabilities.argmax(axis=1), runs[0].labels
    found = {}
    for place, name in enumerate(runs[0].classes):
        of_it = labels == place
        counts = {"rows": int(of_it.sum()), "called": int((of_it & (chosen == place)).sum())}
        if name == runs[0].positive:
            auc = _over(runs, partial(_auc_of_class, place, weights))
            found[name] = counts | {"auc": auc} | {metric.value: figures[metric.value] for metric in OF_A_CLASS}
        else:
            found[name] = counts | _each_over(runs, partial(_of_class, place, weights))
    return found


def _of_class(place: int, weights: Weights, run: GradedRows) -> dict[ClassMetric, Drawn]:
    return samples_of_class(run.scored, place, weights)


def _auc_of_class(place: int, weights: Weights, run: GradedRows) -> Drawn:
    return auc_of_class(run.scored, place, weights)


def _at_prevalence(runs: Runs, weights: Weights, prevalence: float) -> dict[str, Any]:
    """Predictive values of the positive class where it has another frequency than here (Bayes' rule)."""
    apart = [_predictive(samples(run.scored, weights), prevalence) for run in runs]
    ppv, npv = (_joined(list(drawn), share=True) for drawn in zip(*apart, strict=True))
    return {"prevalence": prevalence, "ppv": ppv, "npv": npv}


def _predictive(drawn: Mapping[ClassMetric, Drawn], prevalence: float) -> tuple[Drawn, Drawn]:
    sensitivity, specificity = drawn[ClassMetric.SENSITIVITY], drawn[ClassMetric.SPECIFICITY]
    found, false = prevalence * sensitivity, (1 - prevalence) * (1 - specificity)
    cleared, missed = (1 - prevalence) * specificity, prevalence * (1 - sensitivity)
    with np.errstate(invalid="ignore"):
        return found / (found + false), cleared / (cleared + missed)


def _decision_curve(runs: Runs, weights: Weights) -> list[dict[str, Any]]:
    curve = []
    for threshold in _THRESHOLDS:
        apart = [net_benefit(run.scored, threshold, weights) for run in runs]
        ours, everyone = (_joined(list(drawn), share=False) for drawn in zip(*apart, strict=True))
        curve.append({"threshold": threshold, "net_benefit": ours, "act_on_all": everyone})
    return curve


def _conformal(runs: Runs, weights: Weights) -> dict[str, Any]:
    rows = runs[0]
    labels, every = rows.labels, np.ones(len(rows), np.bool_)

    def covered(run: GradedRows, place: int) -> Drawn:
        return _share(run.sets[np.arange(len(labels)), labels], labels == place, weights)

    return {
        "coverage": {name: _over(runs, partial(covered, place=place)) for place, name in enumerate(rows.classes)},
        "mean_size": _over(runs, lambda run: _share(run.sets.sum(axis=1), every, weights), share=False),
        "singletons": _over(runs, lambda run: _share(run.sets.sum(axis=1) == 1, every, weights)),
        "empty": _over(runs, lambda run: _share(run.sets.sum(axis=1) == 0, every, weights)),
    }


def _confusion(rows: GradedRows) -> dict[str, dict[str, int]]:
    chosen = rows.probabilities.argmax(axis=1)
    return {
        truth: {
            said: int(((rows.labels == row) & (chosen == column)).sum()) for column, said in enumerate(rows.classes)
        }
        for row, truth in enumerate(rows.classes)
    }


def _by(runs: Runs, weights: Weights, word: str, whole: Mapping[str, Any]) -> dict[str, Any]:
    """Figures of the rows of each word, such as each device, that has rows of two classes.

    A word that all rows have has the figures of the ``whole``.
    """
    found = {}
    words, labels = runs[0].words[word], runs[0].labels
    for each in np.unique(words).tolist():
        some = words == each
        if each and len(np.unique(labels[some])) > 1:
            found[each] = dict(whole) if some.all() else _figures([run.take(some) for run in runs], weights[:, some])
    return found


def _structures(runs: Runs, weights: Weights) -> dict[str, Any]:
    found: dict[str, Any] = {}
    rows = runs[0]
    for each in dict.fromkeys(rows.words["structure"].tolist()):
        some = rows.words["structure"] == each
        counts = {name: int((rows.words["answer"][some] == name).sum()) for name in rows.classes}
        least = min(counts.values())
        if each and least < LEAST:
            found[each] = {"counts": counts, "note": N_TOO_SMALL}
        elif each:
            own, drawn = [run.take(some) for run in runs], weights[:, some]
            figures = _figures(own, drawn)
            found[each] = {"counts": counts, **figures, "classes": _classes(own, drawn, figures)}
            if len(rows.classes) > 2:
                found[each]["auc_against"] = _against_each(own, drawn)
            found[each] |= {"grades": ordinal_figures(own, drawn)} if are_grades(rows) else {}
            found[each] |= {"caution": f"{least} rows of a class"} if least < ENOUGH else {}
    return found


def _against_each(runs: Runs, weights: Weights) -> dict[str, Any]:
    """The AUC of the positive class against each other class alone, rows of the rest left out."""
    positive = runs[0].classes.index(runs[0].positive)
    others = [place for place in range(len(runs[0].classes)) if place != positive]
    return {runs[0].classes[place]: _over(runs, partial(_against, place, weights)) for place in others}


def _against(other: int, weights: Weights, run: GradedRows) -> Drawn:
    scored = run.scored
    some = np.isin(scored.labels, (scored.positive, other))
    pair = scored.probabilities[some][:, [other, scored.positive]]
    divisions = None if scored.divisions is None else scored.divisions[some]
    classes = (scored.classes[other], scored.classes[scored.positive])
    shares = pair / np.maximum(pair.sum(axis=1, keepdims=True), _TINY)
    labels = (scored.labels[some] == scored.positive).astype(np.intp)
    return mean_auc(ScoredRows(classes, shares, labels, 1, divisions), weights[:, some])


def _share(value: NDArray[Any], among: NDArray[np.bool_], weights: Weights) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):
        shares: NDArray[np.float64] = (weights @ (value * among)) / (weights @ among)
    return shares
