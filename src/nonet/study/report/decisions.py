"""What the best grader decides: which class it takes for which, and which classes it cannot rule out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.study.report.blocks import Block, Cell, Table, details, grouped, joined, paragraph, row, small, table, td, th
from nonet.study.report.wording import (
    counted,
    decimal,
    figure_cell,
    heat,
    percent,
    scheme_label,
    structure_label,
)
from nonet.study.splits import EXTERNAL, INTERNAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nonet.study.report.run_results import RunResults

__all__ = ["conformal", "confusions", "most_wrong"]

_MOST_WRONG, _MOST_OPEN = 20, 4
_OF_WRONG = ("true class", "most probable", "probability of the true class", "of the most probable")
_PROMISE = (
    "A set holds the classes that cannot be ruled out. The level is {level:.1f} %{others}: about so many new rows "
    "of every class from the same source keep their class in it, in the mean over draws of the rows; nothing is "
    "promised of another hospital or machine, nor of a single row. An empty set says that the row is like no class; "
    "the grade of a structure is then not assessed."
)


def confusions(results: RunResults) -> Block:
    """A table for each scheme: rows by answer and most probable class."""
    first = [
        scheme for scheme in results.schemes if len(results.schemes) <= _MOST_OPEN or scheme in (INTERNAL, EXTERNAL)
    ]
    rest = [scheme for scheme in results.schemes if scheme not in first]
    folded = [details(f"The other {len(rest)}, each left out in turn", _beside(results, rest))] if rest else []
    return joined([_beside(results, first), *folded])


def _beside(results: RunResults, schemes: Sequence[str]) -> Block:
    return grouped(*(_confusion(results, scheme) for scheme in schemes), class_="row")


def _confusion(results: RunResults, scheme: str) -> Table:
    values = results.of_best(scheme)["confusion"]
    classes = list(values)
    head = [
        row(th("true class", rowspan=2), th("most probable class", "colgroup", colspan=len(classes))),
        row(*(th(each) for each in classes)),
    ]
    body = []
    for answer in classes:
        total = sum(values[answer].values())
        cells = (_count(values[answer][said], total) for said in classes)
        body.append(row(th(answer, "row"), *cells))
    return table(
        f"The best grader, {scheme_label(scheme)}: rows, and the share of their true class.", head, body, "small"
    )


def _count(count: int, total: int) -> Cell:
    shade = heat(count / total) if total else ""
    return td(joined([f"{count:,}", small(percent(count, total))]), f"figure {shade}".strip())


def conformal(results: RunResults) -> Block:
    """Coverage, size and kinds of the conformal sets under each scheme, and what they promise."""
    classes = results.classes
    head = [
        row(th("tested", rowspan=2), th("coverage of rows that are", "colgroup", colspan=len(classes)),
            *(th(name, rowspan=2) for name in ("mean size", "one class", "no class"))),
        row(*(th(each) for each in classes)),
    ]  # fmt: skip
    body = []
    for scheme in results.schemes:
        values = results.of_best(scheme)["conformal"]
        ones = [
            *(values["coverage"][each] for each in classes),
            *(values[key] for key in ("mean_size", "singletons", "empty")),
        ]
        body.append(row(th(scheme_label(scheme), "row"), *(figure_cell(one) for one in ones)))
    caption = "Conformal sets of the best grader; 95 % intervals."
    others = "".join(f", of {name} {100 * level:g} %" for name, level in results.plan.levels.items())
    promise = _PROMISE.format(level=100 * results.plan.level, others=others)
    return joined([paragraph(promise), table(caption, head, body, "figures")])


def most_wrong(results: RunResults) -> Block:
    """The rows to whose answer the best grader gives least, of those it gets wrong."""
    rows = results.rows_of_best(INTERNAL)
    labels, chosen = rows.labels, rows.probabilities.argmax(axis=1)
    given = rows.probabilities[np.arange(len(rows)), labels]
    wrong = np.flatnonzero(labels != chosen)
    worst = wrong[np.argsort(given[wrong], kind="stable")][:_MOST_WRONG]
    said = (
        f"Of {counted(len(rows), results.unit)} in the internal folds, {len(wrong):,} have another most probable class."
    )
    if not len(worst):
        return paragraph(said)
    of = ("image", "structure", "device") if results.of_structures else ("image", "device")
    head = [row(*(th(name) for name in (*of, *_OF_WRONG)))]
    body = (
        row(
            *(td(_word(name, str(rows.words[name][place]))) for name in of),
            td(rows.classes[labels[place]]),
            td(rows.classes[chosen[place]]),
            td(decimal(float(given[place]), 4), "figure"),
            td(decimal(float(rows.probabilities[place, chosen[place]]), 4), "figure"),
        )
        for place in worst.tolist()
    )
    return joined(
        [paragraph(said), table(f"The {len(worst)} furthest off, by the best grader.", head, body, "figures")]
    )


def _word(name: str, word: str) -> str:
    return structure_label(word) if name == "structure" else word
