"""How the best grader does by amount: thirds beyond the border as shares of the ceiling, and response to the dose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nonet.study.report.blocks import Block, Cell, Row, Table, details, figure, joined, row, table, td, th
from nonet.study.report.drawing import DASHES, SERIES, bare_axes, chart, house_style
from nonet.study.report.truth import truth_of
from nonet.study.report.wording import (
    NOT_DEFINED,
    decimal,
    figure_cell,
    kind_label,
    scheme_label,
    structure_label,
)
from nonet.study.splits import EXTERNAL, INTERNAL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from nonet.study.report.run_results import RunResults

    Cells = Sequence[Mapping[str, Any]]

__all__ = ["amounts"]

_WIDTH, _HEIGHT = 3.4, 2.7
"""Inches, of the curve of one variable."""
_ACROSS = 3
_THIRDS = ("nearest", "middle", "farthest")


def amounts(results: RunResults) -> Block | None:
    """Table, curves and further tables; None where true sizes are not known."""
    document = results.figures.get("amounts")
    if not document:
        return None
    of_best = [one for one in document["cells"] if (one["arm"], one["kind"]) == results.best]
    inside = [one for one in of_best if one["scheme"] == INTERNAL]
    if not inside:
        return None
    every = [one for one in document["cells"] if one["scheme"] in (INTERNAL, EXTERNAL)]
    return joined(
        [
            _thirds(results, document, of_best),
            _curves(results, of_best),
            details("Response to the dose, in numbers", _doses(inside)),
            details("Every grader as a share of the ceiling", _shares(every)),
        ]
    )


def _thirds(results: RunResults, document: Mapping[str, Any], cells: Cells) -> Table:
    caption = (
        "The best grader by how far abnormal structures lie beyond the edge of abnormal: thirds of as many rows, "
        f"nearest to farthest, each against all normal rows, on {truth_of(results.plan).beside}. AUC is abnormal "
        "against normal, borderline left out; sensitivity is of what a reading calls abnormal. Share: of the oracle's "
        "ceiling, which knows the true size alone and errs by the standard error of its start "
        f"(mean of {document['draws']} draws; none on simulated heads)."
    )
    head = [
        row(
            th("variable", rowspan=2),
            th("on", rowspan=2),
            th("ordinal AUC", rowspan=2),
            th("ceiling", rowspan=2),
            th("share", rowspan=2),
            *(th(f"{name} third", "colgroup", colspan=3) for name in _THIRDS),
        ),
        row(*(th(name) for _ in _THIRDS for name in ("AUC", "share", "sensitivity"))),
    ]
    ceilings = {(one["scheme"], one["structure"], one["variable"]): one for one in document["ceilings"]}
    body = (_third_row(one, ceilings[one["scheme"], one["structure"], one["variable"]]) for one in cells)
    return table(caption, head, body, "figures")


def _third_row(one: Mapping[str, Any], ceiling: Mapping[str, Any]) -> Row:
    cells = []
    for name in _THIRDS:
        third = one["thirds"][name]
        auc = third["abnormal_against_normal"]
        cells += [figure_cell(auc), _number(auc["share"]), figure_cell(third["sensitivity"])]
    return row(
        th(_variable(one), "row"),
        td(scheme_label(one["scheme"])),
        figure_cell(one["auc"]),
        _number(ceiling["auc"]),
        _number(one["auc"]["share"]),
        *cells,
    )


def _doses(cells: Cells) -> Table:
    caption = "The best grader, internal folds: tenths of the rows by true size, mean probability of abnormal."
    head = [
        row(
            th("variable"),
            th("true size"),
            th("rows"),
            th("probability of abnormal"),
            th("called abnormal by a reading"),
        )
    ]
    body = [
        row(
            th(_variable(one), "row"),
            td(f"{dose['from']:.2f}–{dose['to']:.2f} {one['unit']}", "figure"),
            td(f"{dose['rows']:,}", "figure"),
            figure_cell(dose["probability"]),
            figure_cell(dose["called_abnormal"]),
        )
        for one in cells
        for dose in one["dose"]
    ]
    return table(caption, head, body, "figures")


def _shares(cells: Cells) -> Table:
    head = [row(th("variable"), th("on"), th("grader"), th("ordinal AUC"), th("share of the ceiling"))]
    body = (
        row(
            th(_variable(one), "row"),
            td(scheme_label(one["scheme"])),
            td(f"{one['arm']}, {kind_label(one['kind'])}"),
            figure_cell(one["auc"]),
            _number(one["auc"]["share"]),
        )
        for one in cells
    )
    return table("Every arm and baseline. Above 1 a grader knows more than the size: a trace.", head, body, "figures")


def _curves(results: RunResults, cells: Cells) -> Block:
    name = "doses"
    variables = list(dict.fromkeys((one["structure"], one["variable"]) for one in cells))
    across = min(_ACROSS, len(variables))
    down = -(-len(variables) // across)
    with house_style(name):
        whole, first = bare_axes((_WIDTH * across, _HEIGHT * down), (0, 0, 1, 1))
        first.remove()
        for place, variable in enumerate(variables):
            left, bottom = place % across / across, 1 - (place // across + 1) / down
            axes = whole.add_axes((left + 0.15 / across, bottom + 0.2 / down, 0.8 / across, 0.66 / down))
            _draw(axes, [one for one in cells if (one["structure"], one["variable"]) == variable])
        drawn = chart(whole, name, f"Response to the dose. {_spoken(cells)}")
    caption = (
        f"Response of the best grader to the dose, on {truth_of(results.plan).beside}: mean probability of abnormal in "
        "tenths of the rows by true size, with 95 % intervals."
    )
    return figure(drawn, caption, class_="wide")


def _draw(axes: Axes, cells: Cells) -> None:
    for place, one in enumerate(cells):
        sizes = [dose["mean"] for dose in one["dose"]]
        found = [dose["probability"] for dose in one["dose"]]
        away = [
            [max(each["value"] - each["low"], 0) if each["low"] is not None else 0 for each in found],
            [max(each["high"] - each["value"], 0) if each["high"] is not None else 0 for each in found],
        ]
        colour, dash = SERIES[place % len(SERIES)], DASHES[place % len(DASHES)]
        values = [each["value"] for each in found]
        axes.errorbar(
            sizes,
            values,
            away,
            color=colour,
            linestyle=dash,
            marker="o",
            markersize=3,
            linewidth=1,
            elinewidth=0.8,
            label=scheme_label(one["scheme"]),
        )
    axes.set(ylim=(-0.02, 1.02), xlabel=cells[0]["unit"], title=_variable(cells[0]))
    if len(cells) > 1:
        axes.legend(loc="best", handlelength=2)


def _spoken(cells: Cells) -> str:
    said = []
    for one in cells:
        first, last = one["dose"][0], one["dose"][-1]
        said.append(
            f"{_variable(one)}, {scheme_label(one['scheme'])}: {decimal(first['probability']['value'], 2)} at "
            f"{first['mean']:.2f} {one['unit']}, {decimal(last['probability']['value'], 2)} at {last['mean']:.2f}"
        )
    return "; ".join(said)


def _variable(one: Mapping[str, Any]) -> str:
    return f"{structure_label(one['structure'])}, {one['variable'].replace('_', ' ')}"


def _number(value: float | None) -> Cell:
    return td(NOT_DEFINED if value is None else decimal(value), "figure")
