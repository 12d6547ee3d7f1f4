"""The primary comparison, first on the page, and in words what features bring over the ruler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nonet.study.report.blocks import Block, Row, Table, bold, joined, paragraph, row, table, td, th
from nonet.study.report.truth import truth_of
from nonet.study.report.wording import (
    decimal,
    figure_cell,
    interval_text,
    kind_label,
    listed,
    p_text,
    scheme_label,
    structure_label,
)
from nonet.study.splits import INTERNAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nonet.study.report.run_results import RunResults

__all__ = ["over_the_ruler", "primary"]

_LEVEL = 0.05


def primary(results: RunResults) -> Block | None:
    """What features bring over the ruler, then the tables; None where the plan names no primary comparison."""
    found = results.figures.get("primary")
    if not found:
        return None
    sentence = over_the_ruler(found)
    first = [paragraph(bold(sentence))] if sentence else []
    tables = [_table(results, found, name) for name in ("against", "ruler") if found.get(name)]
    if not tables:
        return paragraph("No structure of the primary comparison has enough rows of every class.")
    return joined([*first, *tables])


def over_the_ruler(found: dict[str, Any]) -> str:
    """What the features of the arm bring over the measured size alone, internal folds; empty without a ruler."""
    inside = [one for one in found.get("ruler", ()) if one["scheme"] == INTERNAL]
    if not inside:
        return ""
    arm, figure = inside[0]["cell"][0], found["figure"]
    more = [one for one in inside if one["p_holm"] < _LEVEL and one["auc"]["value"] > 0]
    less = [one for one in inside if one["p_holm"] < _LEVEL and one["auc"]["value"] < 0]
    none = [one for one in inside if one not in more and one not in less]
    said = [
        *([f"add {_each(more)}"] if more else []),
        *([f"are worse than the ruler by {_each(less, -1)}"] if less else []),
        *([f"bring nothing that can be told from chance in the {_names(none)}"] if none else []),
    ]
    return f"Over the ruler alone, the features of {arm} {listed(said)} ({figure})."


def _each(some: Sequence[dict[str, Any]], sign: int = 1) -> str:
    values = [
        f"{decimal(sign * one['auc']['value'])} (difference {interval_text(one['auc'], between=' to ')}) "
        f"in the {structure_label(one['structure'])}"
        for one in some
    ]
    return listed(values)


def _names(some: Sequence[dict[str, Any]]) -> str:
    return listed([structure_label(one["structure"]) for one in some])


def _table(results: RunResults, found: dict[str, Any], name: str) -> Table:
    own = found[name]
    (arm, kind), (other, other_kind) = own[0]["cell"], own[0]["against"]
    caption = (
        f"{'Primary comparison' if name == 'against' else 'Against the ruler'}: {found['figure']} of {arm} "
        f"({kind_label(kind)}) less that of {other} ({kind_label(other_kind)}), on {truth_of(results.plan).beside}; "
        f"paired bootstrap over {results.plan.resamples:,} resamples, p by Holm over {len(found['structures'])} "
        "structures, of each scheme by itself. The claim is that of the internal folds."
    )
    head = [
        row(th("structure"), th("on"), th(arm), th(other), th("difference"), th("95 % interval"), th("p"), th("Holm p"))
    ]
    return table(caption, head, (_row(one) for one in own), "figures")


def _row(one: dict[str, Any]) -> Row:
    return row(
        th(structure_label(one["structure"]), "row"),
        td(scheme_label(one["scheme"])),
        figure_cell(one["ours"]),
        figure_cell(one["theirs"]),
        td(decimal(one["auc"]["value"]), "figure"),
        td(interval_text(one["auc"], between=" to "), "figure"),
        td(p_text(one["p"]), "figure"),
        td(p_text(one["p_holm"]), "figure top" if one["p_holm"] < _LEVEL else "figure"),
    )
