"""The published comparison: every arm by every kind of grader, on training rows, internal folds and external rows.

External are the external data set or split, and each device or centre that was left out of training.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from nonet.study.splits import ALL, EXTERNAL, INTERNAL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nonet.study.plan import Plan

__all__ = ["FIGURES", "THREE_WAY_FILE", "three_way", "three_way_csv"]

THREE_WAY_FILE = "three_way.csv"

FIGURES = ("auc", "ordinal_auc", "accuracy", "sensitivity", "sensitivity_of_reading")
"""AUC, accuracy and sensitivity as the publication has them; of grades also the ordinal AUC, and the sensitivity of
what a reading calls abnormal."""

_ENDS = ("value", "low", "high")


def three_way(cells: Sequence[Mapping[str, Any]], plan: Plan) -> list[dict[str, Any]]:
    """A line for each kind, scheme and arm, in this order, with its number of rows and the figures of `FIGURES`.

    Parameters
    ----------
    cells
        Those of ``figures.json``.
    plan
        Names kinds and arms; baselines and variants are not among the lines.
    """
    found = {(one["kind"], one["scheme"], one["arm"]): one for one in cells}
    schemes = [ALL, INTERNAL, EXTERNAL]
    schemes += dict.fromkeys(one["scheme"] for one in cells if one["scheme"] not in schemes)
    return [
        {"kind": kind.value, "scheme": scheme, "arm": arm, **_figures(found[kind.value, scheme, arm])}
        for kind in plan.kinds
        for scheme in schemes
        for arm in plan.arms
        if (kind.value, scheme, arm) in found
    ]


def three_way_csv(lines: Sequence[Mapping[str, Any]]) -> str:
    """The lines as a table, each figure with the ends of its interval; what is not defined is empty."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    names = [name if end == "value" else f"{name}_{end}" for name in FIGURES for end in _ENDS]
    writer.writerow(["kind", "scheme", "arm", "rows", *names])
    for one in lines:
        values = [(one[name] or {}).get(end) for name in FIGURES for end in _ENDS]
        writer.writerow([one["kind"], one["scheme"], one["arm"], one["rows"], *values])
    return file.getvalue()


def _figures(cell: Mapping[str, Any]) -> dict[str, Any]:
    grades = cell.get("grades", {})
    return {
        "rows": cell["rows"],
        "auc": cell["auc"],
        "ordinal_auc": grades.get("auc"),
        "accuracy": cell["accuracy"],
        "sensitivity": cell["sensitivity"],
        "sensitivity_of_reading": grades.get("sensitivity"),
    }
