"""The comparison as the publication lays it out: arms side by side, on training, internal and external rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nonet.study.report.blocks import Block, Row, row, table, td, th
from nonet.study.report.truth import truth_of
from nonet.study.report.wording import counted, figure_cell, kind_label, scheme_label, shortened

if TYPE_CHECKING:
    from nonet.study.report.run_results import RunResults

__all__ = ["three_way_table"]

_HEADINGS = {
    "auc": "AUC",
    "ordinal_auc": "ordinal AUC",
    "accuracy": "accuracy",
    "sensitivity": "sensitivity",
    "sensitivity_of_reading": "sensitivity of a reading",
}
_CAPTION = (
    "{arms} by every kind of grader, as Zhou et al. (2026) compare them, on {truth}; 95 % intervals. Train: the model "
    "of all rows on these rows, no sign of how good it is. External: {external}{positive}"
)


def three_way_table(results: RunResults) -> Block | None:
    """The table; None where a study has one arm."""
    lines = results.figures.get("three_way") or []
    arms = list(dict.fromkeys(one["arm"] for one in lines))
    if len(arms) < 2:
        return None
    shown = [name for name in _HEADINGS if any(one[name] for one in lines)]
    head = [
        row(
            th("graded by", rowspan=2),
            th("rows", rowspan=2),
            *(th(shortened(arm, 32), "colgroup", colspan=len(shown)) for arm in arms),
        ),
        row(*(th(_HEADINGS[name]) for _ in arms for name in shown)),
    ]
    found = {(one["kind"], one["scheme"], one["arm"]): one for one in lines}
    keys = dict.fromkeys((one["kind"], one["scheme"]) for one in lines)
    body = [_row(results, found, kind, scheme, arms, shown) for kind, scheme in keys]
    caption = _CAPTION.format(
        arms=f"{len(arms)} arms",
        truth=truth_of(results.plan).beside,
        external=_external(results),
        positive=f" Sensitivity is of {results.positive}.",
    )
    return table(caption, head, body, "figures")


def _external(results: RunResults) -> str:
    """What the external rows are."""
    plan = results.plan
    if plan.external_data:
        return "a second data set, tested with the model of all rows; what was left out in turn stands below it."
    if plan.external:
        return "a split that is only tested; what was left out in turn stands below it."
    return "what was left out of training in turn."


def _row(
    results: RunResults,
    found: dict[tuple[str, str, str], dict[str, Any]],
    kind: str,
    scheme: str,
    arms: list[str],
    shown: list[str],
) -> Row:
    own = [found.get((kind, scheme, arm)) for arm in arms]
    rows = max(one["rows"] for one in own if one)
    cells = [figure_cell(one[name] if one else None) for one in own for name in shown]
    return row(
        th(f"{kind_label(kind)}, {shortened(scheme_label(scheme), 26)}", "row"),
        td(counted(rows, results.unit), "figure"),
        *cells,
    )
