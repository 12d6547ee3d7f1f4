"""Differences between graders, family by family, whichever way they fall."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nonet.study.report.blocks import Bar, Block, Row, Table, details, joined, paragraph, row, table, td, th
from nonet.study.report.wording import (
    counted,
    decimal,
    interval_text,
    kind_label,
    p_text,
    scheme_label,
    shortened,
)
from nonet.study.splits import INTERNAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nonet.study.report.run_results import RunResults

    Differences = Sequence[dict[str, Any]]

__all__ = ["differences"]

_FAMILIES = {
    "arms": "Between arms, of one kind of grader",
    "kinds": "Between kinds of grader, on one arm",
    "baselines": "Between graders and what they have to beat",
    "variants": "What each step of the selection costs or brings: an arm selected or graded otherwise, against the arm",
}
_LEVEL = 0.05
_WIDTH, _HEIGHT = 170, 16


def differences(results: RunResults) -> Block:
    """A table for each family; of the baselines the best grader's is shown, and the others' on request."""
    values = {name: found for name, found in results.figures["differences"].items() if found}
    if not values:
        return paragraph("One grader and no baseline: there is nothing to compare.")
    return joined(_family(results, name, found) for name, found in values.items())


def _family(results: RunResults, name: str, found: Differences) -> Block:
    title = _FAMILIES.get(name, name)
    together = len(found)
    if name == "baselines":
        together = len({(one["scheme"], *one["cell"]) for one in found})
    summary = _summary(found, results.plan.resamples, together)
    inside = [one for one in found if one["scheme"] == INTERNAL]
    of_best = [one for one in inside if tuple(one["cell"]) == results.best]
    others = [one for one in inside if tuple(one["cell"]) != results.best]
    elsewhere = [one for one in found if one["scheme"] != INTERNAL]
    if name != "baselines" or not others or not of_best:
        shown: list[Block] = [_table(f"{title}. {summary}", inside)]
    else:
        folded = details(f"The other graders against baselines, {len(others)}", _table("", others))
        shown = [_table(f"{title}: the best grader. {summary}", of_best), folded]
    more = [details(f"The same where all was left out, {len(elsewhere)}", _table("", elsewhere))] if elsewhere else []
    return joined([*shown, *more])


def _summary(found: Differences, resamples: int, together: int) -> str:
    above = sum(one["p_holm"] < _LEVEL and (one["auc"]["value"] or 0) > 0 for one in found)
    below = sum(one["p_holm"] < _LEVEL and (one["auc"]["value"] or 0) < 0 for one in found)
    values = (
        f"Of {counted(len(found), 'difference')} in AUC under all schemes, {above} are above and {below} below zero at "
        f"{_LEVEL:g} after Holm's correction, {together} together."
    )
    return f"{values}{_floor(together, resamples)}"


def _floor(count: int, resamples: int) -> str:
    """That so many differences cannot be distinguished from none, where that is so."""
    least = 2 / (resamples + 1)
    if count * least <= _LEVEL:
        return ""
    return (
        f" With {resamples:,} resamples no p is below {least:.2g}, nor, after correction for so many, below "
        f"{min(count * least, 1):.2g}: read the intervals."
    )


def _table(caption: str, found: Differences) -> Table:
    widest = max((abs(end) for one in found for end in _ends(one)), default=0) or 1
    head = [
        row(
            th("grader"),
            th("held against"),
            th("on"),
            th("difference"),
            th("95 % interval"),
            th("less – more"),
            th("p"),
            th("Holm p"),
        )
    ]
    return table(caption, head, (_row(one, widest) for one in found), "figures differences")


def _row(one: dict[str, Any], widest: float) -> Row:
    figure = one["auc"]
    return row(
        th(_cell(one["cell"]), "row"),
        td(_cell(one["against"])),
        td(shortened(scheme_label(one["scheme"]), 26)),
        td(decimal(figure["value"]), "figure"),
        td(interval_text(figure, between=" to "), "figure"),
        td(_bar(figure, widest), "bar"),
        td(p_text(one["p"]), "figure"),
        td(p_text(one["p_holm"]), "figure top" if one["p_holm"] < _LEVEL else "figure"),
    )


def _cell(cell: Sequence[str]) -> str:
    return f"{cell[0]}, {kind_label(cell[1])}"


def _ends(one: dict[str, Any]) -> list[float]:
    return [end for end in one["auc"].values() if end is not None]


def _bar(figure: dict[str, float | None], widest: float) -> Bar:
    """The interval as a line about zero."""

    def place(of: float | None) -> float | None:
        return None if of is None else round(_WIDTH / 2 * (1 + 0.95 * of / widest), 1)

    return Bar(_WIDTH, _HEIGHT, _WIDTH / 2, place(figure["value"]), place(figure["low"]), place(figure["high"]))
