"""Figures of grades that have an order: how well they are ordered, and what a reading would call abnormal.

The ordinal AUC is the generalised c-index (Harrell, Lee and Mark 1996, Statistics in Medicine 15, 361): of a random
pair of rows of different grades, the probability that the expected grade, the sum of each grade's place times its
probability, is higher in the row of the higher grade, ties counting half. With two grades it is the AUC. Its pairs are
of one structure that one model graded, all pairs counting alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from nonet.anatomy import Grade
from nonet.evaluate.bootstrap import over_repeats
from nonet.evaluate.figure_json import figure_json
from nonet.evaluate.grading.class_metrics import concordance
from nonet.evaluate.ratio import ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.evaluate.grading.graded_rows import GradedRows

    Drawn = NDArray[np.float64]
    Weights = NDArray[np.int32]

__all__ = [
    "abnormal_against_normal",
    "are_grades",
    "called_at_argmax",
    "called_by_reading",
    "expected_grade",
    "ordered_share",
    "ordinal_auc",
    "ordinal_figures",
]

_ORDER = (Grade.NORMAL.value, Grade.BORDERLINE.value, Grade.ABNORMAL.value)
_CHUNK = 256


def are_grades(rows: GradedRows) -> bool:
    """Whether the classes are grades in their order, normal and abnormal among them."""
    ordered = tuple(name for name in _ORDER if name in rows.classes)
    return rows.classes == ordered and {_ORDER[0], _ORDER[-1]} <= set(ordered)


def ordinal_figures(runs: Sequence[GradedRows], weights: Weights) -> dict[str, Any]:
    """Figures with intervals over the repeats of a procedure.

    ``auc`` is the ordinal AUC; ``abnormal_against_normal`` that of the two alone, borderline left out. A reading
    calls a row abnormal where its conformal set holds that grade alone: ``sensitivity`` and ``normal_called_abnormal``
    are the shares so called of abnormal and of normal rows; those ``at_argmax`` call what is most probable.
    ``undecided`` is the share of rows whose set holds several grades, ``no_grade_fits`` that of empty sets.

    Parameters
    ----------
    runs
        The same rows by every repeat; their classes are grades (`are_grades`).
    weights
        ``int[1 + R, N]``, of the bootstrap.
    """
    found: dict[str, Any] = {
        "auc": _over(runs, lambda run: ordinal_auc(run, weights)),
        "abnormal_against_normal": _over(runs, lambda run: abnormal_against_normal(run, weights)),
    }
    for name, called in (("", called_by_reading), ("_at_argmax", called_at_argmax)):
        for key, grade in (("sensitivity", _ORDER[-1]), ("normal_called_abnormal", _ORDER[0])):
            found[key + name] = _over(runs, _share_called(called, grade, weights))
    found["undecided"] = _over(runs, lambda run: _share(run.sets.sum(axis=1) > 1, weights))
    found["no_grade_fits"] = _over(runs, lambda run: _share(run.sets.sum(axis=1) == 0, weights))
    return found


def ordinal_auc(rows: GradedRows, weights: Weights) -> Drawn:
    """The ordinal AUC of rows in every resample, ``float64[1 + R]``, NaN where there are no pairs."""
    return ordered_share(expected_grade(rows), rows.labels, _strata(rows), weights)


def expected_grade(rows: GradedRows) -> NDArray[np.float64]:
    """The mean place of the grades by their probabilities, ``float64[N]``."""
    return rows.probabilities @ np.arange(len(rows.classes), dtype=np.float64)


def called_by_reading(rows: GradedRows) -> NDArray[np.bool_]:
    """Whether the conformal set of each row holds abnormal alone."""
    place = rows.classes.index(_ORDER[-1])
    called: NDArray[np.bool_] = rows.sets[:, place] & (rows.sets.sum(axis=1) == 1)
    return called


def called_at_argmax(rows: GradedRows) -> NDArray[np.bool_]:
    """Whether abnormal is the most probable grade of each row."""
    called: NDArray[np.bool_] = rows.probabilities.argmax(axis=1) == rows.classes.index(_ORDER[-1])
    return called


def abnormal_against_normal(rows: GradedRows, weights: Weights) -> Drawn:
    """The AUC of abnormal against normal by the share of abnormal in the probability of the two, ``float64[1 + R]``."""
    ends = [rows.classes.index(_ORDER[0]), rows.classes.index(_ORDER[-1])]
    some = np.isin(rows.labels, ends)
    normal, abnormal = rows.probabilities[some][:, ends].T
    with np.errstate(invalid="ignore"):
        scores = np.nan_to_num(abnormal / (normal + abnormal), nan=0.5)
    return ordered_share(scores, rows.labels[some], _strata(rows)[some], weights[:, some])


def _strata(rows: GradedRows) -> NDArray[np.intp]:
    """A number for each structure that one model graded."""
    both = np.array([rows.words["structure"], rows.scored.strata])
    return np.unique(both, axis=1, return_inverse=True)[1].reshape(-1)


def ordered_share(
    scores: NDArray[np.float64], labels: NDArray[np.intp], strata: NDArray[np.intp], weights: Weights
) -> Drawn:
    """The share of pairs of one stratum and of different labels in whose order scores are, ``float64[R]``.

    Parameters
    ----------
    scores, labels, strata
        ``[N]`` each.
    weights
        ``int[R, N]``: how often each row counts in each resample.
    """
    return np.concatenate(
        [
            _ordered_in(scores, labels, strata, weights[start : start + _CHUNK].astype(np.float64))
            for start in range(0, len(weights), _CHUNK)
        ]
    )


def _ordered_in(
    scores: NDArray[np.float64], labels: NDArray[np.intp], strata: NDArray[np.intp], weights: Drawn
) -> Drawn:
    right, pairs = np.zeros((2, len(weights)))
    for stratum in np.unique(strata):
        for low, high in combinations(np.unique(labels).tolist(), 2):
            some = (strata == stratum) & ((labels == low) | (labels == high))
            concordant, total = concordance(scores[some], labels[some] == high, weights[:, some])
            right, pairs = right + concordant, pairs + total
    return ratio(right, pairs)


def _share_called(
    called: Callable[[GradedRows], NDArray[np.bool_]], grade: str, weights: Weights
) -> Callable[[GradedRows], Drawn]:
    """The share that is called abnormal among the rows of a grade, in every resample."""

    def share(run: GradedRows) -> Drawn:
        some = run.labels == run.classes.index(grade)
        return _share(called(run)[some], weights[:, some])

    return share


def _share(holds: NDArray[np.bool_], weights: Weights) -> Drawn:
    return ratio(weights @ holds, weights.sum(axis=1))


def _over(runs: Sequence[GradedRows], of: Callable[[GradedRows], Drawn]) -> dict[str, float | None]:
    return figure_json(over_repeats([of(run) for run in runs]).clip(0, 1))
