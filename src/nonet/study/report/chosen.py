"""The features that the best arm has, and the settings that each search chose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nonet.study.report.blocks import Block, Row, Table, details, joined, paragraph, row, table, td, th
from nonet.study.report.chips import named
from nonet.study.report.wording import NOT_DEFINED, counted, decimal, figure_cell, kind_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nonet.study.report.run_results import RunResults

__all__ = ["chosen", "models"]

_SHOWN = 40
_LOSS = "log_loss"


def chosen(results: RunResults) -> Block:
    """The best arm's features, the most often chosen first; those after the fortieth on request."""
    selection = results.figures["selection"]
    arm = results.best[0]
    values = selection["chosen"].get(arm, [])
    if not values:
        return paragraph(f"The arm {arm} is given nothing that is selected.")
    sources = selection["sources"]
    deep = sum(one["feature"].startswith("deep_") for one in values)
    parts = f"{len(values) - deep:,} radiomic and {deep:,} deep"
    free = (
        ""
        if results.plan.inputs(arm) and not _free(results)
        else " What the detector says is used besides, unselected."
    )
    said = (
        f"The arm {arm} has {counted(len(values), 'chosen feature')}, {parts}, on all rows; each classifier of the "
        f"grader has the selection of its own fold.{free}"
    )
    caption = (
        "Chosen features by how often half of the rows choose them too, at the same penalties; ICC(A,1) with 95 % "
        f"interval by source. {NOT_DEFINED}: no coefficient, or no resamples."
    )
    rest = values[_SHOWN:]
    folded = [details(f"The other {len(rest):,} chosen features", _table("", rest, sources))] if rest else []
    return joined([paragraph(said), _table(caption, values[:_SHOWN], sources), *folded])


def _free(results: RunResults) -> bool:
    return any(each.value in ("detector", "scores") for each in results.plan.inputs(results.best[0]))


def _table(caption: str, values: Sequence[dict[str, Any]], sources: Sequence[str]) -> Table:
    head = [row(th("structure"), th("feature"), th("frequency"), *(th(f"ICC, {source}") for source in sources))]
    return table(caption, head, (_row(one, sources) for one in values), "figures dense")


def _row(one: dict[str, Any], sources: Sequence[str]) -> Row:
    agreements = (figure_cell(_figure(one["icc"].get(source)), digits=2) for source in sources)
    return row(
        th(named(one["structure"]), "row"),
        td(one["feature"], "code"),
        td(decimal(one["frequency"], 2), "figure"),
        *agreements,
    )


def _figure(icc: Sequence[float] | None) -> dict[str, float | None]:
    value, low, high = icc or (None, None, None)
    return {"value": value, "low": low, "high": high}


def models(results: RunResults) -> Block:
    """The setting that each search over all rows chose, with its inner log loss."""
    head = [row(th("arm"), th("graded by"), th("columns"), th("inner log loss"), th("setting"))]
    body = (
        row(
            th(one["arm"], "row"),
            td(kind_label(one["kind"])),
            td(f"{one['columns']:,}", "figure"),
            td(decimal(one["setting"].get(_LOSS), 4), "figure"),
            td(_setting(one["setting"]), "code"),
        )
        for one in results.figures["models"]
    )
    caption = "The best of every search, over all rows: out-of-fold log loss in nats a row, and what was chosen."
    return details("Every model's chosen setting", table(caption, head, body, "figures"))


def _setting(setting: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in setting.items() if name != _LOSS)
