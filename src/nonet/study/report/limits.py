"""What a study's figures do not say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.datasets.tasks import Task
from nonet.evaluate.grading import UNKNOWN
from nonet.study.report.blocks import Block, Bullets
from nonet.study.report.truth import Truth, truth_of
from nonet.study.splits import EXTERNAL, INTERNAL

if TYPE_CHECKING:
    from nonet.evaluate.grading import GradedRows
    from nonet.study.report.run_results import RunResults

__all__ = ["limits"]

_OF_PATIENT = "patient "
_MADE = {
    Truth.EDITS: "Grades are those of controlled edits. Nothing here says how the grader does on patients whose "
    "structures differ by nature.",
    Truth.SIMULATION: "Frames are simulated. Nothing here says how the grader does on patients.",
}


def limits(results: RunResults) -> Block:
    """One sentence or two for each limit that the rows and the plan give reason for."""
    rows = results.rows_of_best(INTERNAL)
    values = [
        results.shipped.words,
        _made(results),
        _hospital(results, rows),
        _patients(rows),
        _optimism(results),
        _stand_ins(results),
        _multiple(results),
    ]
    return Bullets(tuple(one for one in values if one), "columns")


_MULTIPLE = (
    "An interval says how the figure would vary with other rows like these, not with other hospitals, "
    "machines or readers"
)


def _multiple(results: RunResults) -> str:
    if results.plan.repeats == 1:
        return f"{_MULTIPLE}, nor with another run of the training."
    return f"{_MULTIPLE}; those of the internal folds also how it would vary with other folds and seeds."


def _made(results: RunResults) -> str:
    if results.plan.task is Task.LABELS and truth_of(results.plan) is Truth.SITE:
        return "Labels are the site's own: an error of the labels is an error of the figures."
    return _MADE.get(truth_of(results.plan), "")


def _hospital(results: RunResults, rows: GradedRows) -> str:
    centres = set(rows.words["centre"].tolist()) - {UNKNOWN}
    outside = "" if EXTERNAL in results.schemes else " No external split was tested."
    if len(centres) > 1:
        return f"Rows are of {len(centres)} centres. {_divided(rows)}{outside}"
    values = (
        "All rows are of one hospital" if centres else "The data do not name centres: rows may all be of one hospital"
    )
    return f"{values}, and folds are no test at another.{outside}"


def _divided(rows: GradedRows) -> str:
    """How folds part centres: by patient where that is known, or else whole."""
    of_patients = np.char.startswith(rows.words["group"], _OF_PATIENT)
    if not of_patients.any():
        return "Folds keep each centre whole."
    return "Folds part patients, not centres: rows of one centre are on both sides."


def _patients(rows: GradedRows) -> str:
    unknown = ~np.char.startswith(rows.words["group"], _OF_PATIENT)
    if not unknown.any():
        return ""
    who = "Patients are unknown" if unknown.all() else "Some patients are unknown"
    values = f"{who}: frames are resampled instead, which makes intervals too narrow where a patient has several."
    apart = unknown & (rows.words["centre"] == UNKNOWN)
    both = " Two frames of one patient may lie on both sides of a fold, which would flatter the figures."
    return values + both if apart.any() else values


def _optimism(results: RunResults) -> str:
    if len(results.plan.arms) * len(results.plan.kinds) < 2:
        return ""
    return (
        "The best grader was chosen by the same folds and left-out parts that its figures are from, which makes "
        "them a little optimistic; an external split has no part in that choice."
    )


def _stand_ins(results: RunResults) -> str:
    if not results.figures["selection"]["stable"]:
        return ""
    return (
        "Stability across devices is that of styles and zooms put on real frames; no patient was scanned on two "
        "machines."
    )
