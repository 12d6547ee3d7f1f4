"""The best grader's figures structure by structure, where a row is a structure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nonet.anatomy import STRUCTURES
from nonet.evaluate.grading import ENOUGH, LEAST
from nonet.study.report.blocks import Block, Cell, Row, Table, joined, row, table, td, th
from nonet.study.report.chips import named
from nonet.study.report.wording import figure_cell, scheme_label
from nonet.study.splits import INTERNAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nonet.study.report.run_results import RunResults

__all__ = ["structures"]

_MOST_COLUMNS = 8
_MEASURES = {
    "auc": "AUC",
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "calibration_intercept": "calibration intercept",
    "kappa": "kappa",
}


def structures(results: RunResults) -> Block | None:
    """A row for each structure, and its AUC under the other schemes; None where rows are frames."""
    values = results.of_best(INTERNAL)["structures"]
    if not values:
        return None
    names = _ordered(values)
    others = [scheme for scheme in results.schemes if scheme != INTERNAL]
    parts = [others[start : start + _MOST_COLUMNS] for start in range(0, len(others), _MOST_COLUMNS)]
    return joined([_internal(results, names), *(_of_schemes(results, names, part) for part in parts)])


def _internal(results: RunResults, names: Sequence[str]) -> Table:
    values = results.of_best(INTERNAL)["structures"]
    head = [
        row(
            th("structure", rowspan=2),
            th("rows", "colgroup", colspan=len(results.classes)),
            *(th(name, rowspan=2) for name in _MEASURES.values()),
        ),
        row(*(th(each) for each in results.classes)),
    ]
    caption = (
        "The best grader structure by structure, internal folds, 95 % intervals. A structure with fewer than "
        f"{LEAST} rows of a class has no figures; below {ENOUGH} it is marked (!), and its figures are uncertain."
    )
    return table(caption, head, (_row(results, name, values[name]) for name in names), "figures")


def _row(results: RunResults, structure: str, values: dict[str, Any]) -> Row:
    counts = (td(f"{values['counts'].get(each, 0):,}", "figure") for each in results.classes)
    if "note" in values:
        figures = [td(values["note"], "dim", len(_MEASURES))]
    else:
        figures = [figure_cell(values[measure]) for measure in _MEASURES]
    heading = f"{named(structure)} (!)" if "caution" in values else named(structure)
    return row(th(heading, "row"), *counts, *figures)


def _of_schemes(results: RunResults, names: Sequence[str], schemes: Sequence[str]) -> Table:
    head = [row(th("structure"), *(th(scheme_label(scheme), "colgroup") for scheme in schemes))]
    body = (row(th(named(name), "row"), *(_auc(results, scheme, name) for scheme in schemes)) for name in names)
    return table("The best grader's AUC structure by structure, on test rows.", head, body, "figures")


def _auc(results: RunResults, scheme: str, structure: str) -> Cell:
    values = results.of_best(scheme)["structures"].get(structure, {})
    return td(values["note"], "dim") if "note" in values else figure_cell(values.get("auc"))


def _ordered(values: dict[str, Any]) -> list[str]:
    known = [structure.value for structure in STRUCTURES if structure.value in values]
    return [*known, *(name for name in values if name not in known)]
