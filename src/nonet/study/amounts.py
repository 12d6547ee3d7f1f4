"""Figures by how far a structure is changed: thirds of the amounts, response to the dose, and the oracle's ceiling.

Of each structure and variable (`nonet.study.graded_truth`). The amount of an abnormal row is how far its true size lies
beyond the edge of abnormal; its thirds hold as many abnormal rows each, ``nearest`` those near the border, and each is
held against all normal rows of the variable. Doses are true sizes in ten parts of as many rows each, all grades
together. Grades are of controlled edits or simulated heads, and of no patient.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nonet.anatomy import Grade
from nonet.evaluate.bootstrap import frame_weights, over_repeats
from nonet.evaluate.grading import LEAST, figure_json
from nonet.evaluate.grading.ordinal_figures import (
    abnormal_against_normal,
    are_grades,
    called_by_reading,
    ordinal_auc,
)
from nonet.evaluate.ratio import ratio
from nonet.study.figures import runs_of
from nonet.study.oracle import DRAWS, beyond, mean_ordered, oracle_scores
from nonet.study.splits import ALL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from nonet.evaluate.grading import GradedRows
    from nonet.study.figures import ExperimentKey
    from nonet.study.graded_truth import TrueSize

    Drawn = NDArray[np.float64]
    Places = NDArray[np.intp]

__all__ = ["THIRDS", "amounts_document"]

THIRDS = ("nearest", "middle", "farthest")
_DOSES = 10
_DIGITS = 6


def amounts_document(
    predictions: Mapping[ExperimentKey, GradedRows],
    truth: Mapping[tuple[str, str], TrueSize],
    resamples: int,
) -> dict[str, Any] | None:
    """The figures of every cell on test rows by amount, and the ceilings of their rows; None without true sizes.

    ``ceilings`` has, by scheme and variable, what the oracle reaches: the ordinal ``auc``, ``abnormal_against_normal``
    and ``sensitivity``, whole and by third. ``cells`` has the same of each arm and kind, each as value, low and high,
    and their ``share`` of the ceiling (value over value); ``dose`` has, for each tenth, the mean true size, the mean
    probability of abnormal, and the share that a reading calls abnormal.
    """
    ceilings: dict[tuple[str, str, str], dict[str, Any]] = {}
    cells = []
    for (scheme, arm, kind), runs in runs_of(predictions).items():
        if scheme == ALL or not are_grades(runs[0]):
            continue
        for (structure, variable), (places, sizes) in _variables(runs[0], truth).items():
            key = (scheme, structure, variable)
            own = [run.take(places) for run in runs]
            if key not in ceilings:
                ceilings[key] = _ceiling(own[0], sizes)
            weights = frame_weights(runs[0].groups, resamples)[:, places]
            found = _cell(own, sizes, weights, ceilings[key])
            names = {"scheme": scheme, "arm": arm, "kind": kind, "structure": structure, "variable": variable}
            cells.append({**names, "unit": sizes[0].band.unit, **found})
    if not cells:
        return None
    listed = [
        {"scheme": scheme, "structure": structure, "variable": variable, **found}
        for (scheme, structure, variable), found in ceilings.items()
    ]
    return {"draws": DRAWS, "ceilings": listed, "cells": cells}


def _variables(
    rows: GradedRows, truth: Mapping[tuple[str, str], TrueSize]
) -> dict[tuple[str, str], tuple[Places, list[TrueSize]]]:
    """Rows and true sizes of each variable that has enough rows of normal and of abnormal."""
    found: dict[tuple[str, str], list[int]] = {}
    keys = list(zip(rows.words["image"].tolist(), rows.words["structure"].tolist(), strict=True))
    for place, key in enumerate(keys):
        if key in truth:
            found.setdefault((key[1], truth[key].variable), []).append(place)
    answers = rows.words["answer"]
    return {
        name: (np.array(places), [truth[keys[place]] for place in places])
        for name, places in found.items()
        if min((answers[places] == one).sum() for one in (Grade.NORMAL.value, Grade.ABNORMAL.value)) >= LEAST
    }


def _thirds(rows: GradedRows, sizes: Sequence[TrueSize]) -> list[tuple[str, Places, list[float]]]:
    """Name, rows (its abnormal ones, with all normal ones) and least and greatest amount of each third."""
    amounts = np.array([beyond(one.band, one.target) for one in sizes])
    abnormal, normal = (np.flatnonzero(rows.words["answer"] == one.value) for one in (Grade.ABNORMAL, Grade.NORMAL))
    ordered = abnormal[np.argsort(amounts[abnormal], kind="stable")]
    return [
        (name, np.concatenate([part, normal]), [float(amounts[part].min()), float(amounts[part].max())])
        for name, part in zip(THIRDS, np.array_split(ordered, len(THIRDS)), strict=True)
    ]


def _ceiling(rows: GradedRows, sizes: Sequence[TrueSize]) -> dict[str, Any]:
    scores, called = oracle_scores(sizes)
    labels = rows.labels
    abnormal, normal = (rows.words["answer"] == one.value for one in (Grade.ABNORMAL, Grade.NORMAL))
    ends = np.flatnonzero(abnormal | normal)
    error = sizes[0].band.standard_error
    return {
        "standard_error": error if any(one.edited for one in sizes) else 0.0,
        "auc": _rounded(mean_ordered(scores, labels)),
        "abnormal_against_normal": _rounded(mean_ordered(scores[:, ends], labels[ends])),
        "sensitivity": _rounded(float(called[:, abnormal].mean())),
        "thirds": {
            name: {
                "abnormal_against_normal": _rounded(mean_ordered(scores[:, some], labels[some])),
                "sensitivity": _rounded(float(called[:, some][:, abnormal[some]].mean())),
            }
            for name, some, _ in _thirds(rows, sizes)
        },
    }


def _cell(
    runs: Sequence[GradedRows], sizes: Sequence[TrueSize], weights: NDArray[np.int32], ceiling: Mapping[str, Any]
) -> dict[str, Any]:
    every = np.arange(len(runs[0]))
    whole = {
        "auc": _over(runs, lambda run: ordinal_auc(run, weights)),
        **_of_rows(runs, every, weights),
    }
    thirds = {}
    for name, some, amounts in _thirds(runs[0], sizes):
        own = _of_rows(runs, some, weights)
        least, most = (round(one, _DIGITS) for one in amounts)
        count = int((runs[0].words["answer"][some] == Grade.ABNORMAL.value).sum())
        thirds[name] = {"from": least, "to": most, "rows": count, **_with_shares(own, ceiling["thirds"][name])}
    return {**_with_shares(whole, ceiling), "thirds": thirds, "dose": _doses(runs, sizes, weights)}


def _of_rows(runs: Sequence[GradedRows], some: Places, weights: NDArray[np.int32]) -> dict[str, Any]:
    drawn = weights[:, some]
    return {
        "abnormal_against_normal": _over(runs, lambda run: abnormal_against_normal(run.take(some), drawn)),
        "sensitivity": _over(
            runs, lambda run: _share(called_by_reading(run)[some], run.words["answer"][some] == "abnormal", drawn)
        ),
    }


def _with_shares(figures: Mapping[str, Any], ceiling: Mapping[str, Any]) -> dict[str, Any]:
    """Figures with their shares of the ceiling."""

    def share(name: str, value: float | None) -> float | None:
        return _rounded(value / ceiling[name]) if value is not None and ceiling[name] else None

    return {name: {**one, "share": share(name, one["value"])} for name, one in figures.items()}


def _doses(runs: Sequence[GradedRows], sizes: Sequence[TrueSize], weights: NDArray[np.int32]) -> list[dict[str, Any]]:
    targets, place = np.array([one.target for one in sizes]), runs[0].classes.index(Grade.ABNORMAL.value)
    found = []
    for some in np.array_split(np.argsort(targets, kind="stable"), min(_DOSES, len(targets))):
        drawn = weights[:, some]
        dose = {
            "from": float(targets[some].min()),
            "to": float(targets[some].max()),
            "mean": float(targets[some].mean()),
            "rows": len(some),
        }
        probability = _over(runs, _mean_of(some, drawn, lambda run: run.probabilities[:, place]))
        called = _over(runs, _mean_of(some, drawn, called_by_reading))
        rounded = {name: round(one, _DIGITS) for name, one in dose.items()}
        found.append({**rounded, "probability": probability, "called_abnormal": called})
    return found


def _mean_of(
    some: Places, drawn: NDArray[np.int32], of: Callable[[GradedRows], NDArray[Any]]
) -> Callable[[GradedRows], Drawn]:
    return lambda run: _share(of(run)[some].astype(np.float64), np.ones(len(some), np.bool_), drawn)


def _share(values: NDArray[Any], among: NDArray[np.bool_], weights: NDArray[np.int32]) -> Drawn:
    """The mean of values among some rows in every resample, NaN where there are none."""
    total = (weights @ among).astype(np.float64)
    return ratio(weights @ (values * among), total)


def _over(runs: Sequence[GradedRows], of: Callable[[GradedRows], Drawn]) -> dict[str, Any]:
    return figure_json(over_repeats([of(run) for run in runs]).clip(0, 1))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
