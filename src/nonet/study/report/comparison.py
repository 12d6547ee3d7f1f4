"""Every grader side by side, under every scheme that it was tested in, with what it had to beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nonet.bundle.grader_kind import GraderKind
from nonet.study.report.blocks import (
    Block,
    Cell,
    Row,
    bold,
    details,
    filled,
    grouped,
    joined,
    paragraph,
    row,
    small,
    span,
    table,
    td,
    th,
)
from nonet.study.report.wording import (
    NOT_DEFINED,
    counted,
    figure_cell,
    inputs_text,
    kind_label,
    scheme_label,
    shortened,
)
from nonet.study.splits import ALL, EXTERNAL, INTERNAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nonet.study.report.run_results import RunResults

__all__ = ["comparison"]

_MOST_COLUMNS = 11
_MEASURES = {
    "auc": "AUC",
    "accuracy": "accuracy",
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "within_layout_auc": "AUC within layouts",
    "largest_class": "largest class",
    "ppv": "PPV",
    "npv": "NPV",
    "kappa": "kappa",
    "brier": "Brier score",
    "calibration_intercept": "calibration intercept",
    "calibration_slope": "calibration slope",
}
_FIRST, _FURTHER = (
    ("auc", "accuracy", "sensitivity", "specificity"),
    (
        "within_layout_auc",
        "largest_class",
        "ppv",
        "npv",
        "kappa",
        "brier",
        "calibration_intercept",
        "calibration_slope",
    ),
)

_CAPTION = (
    "Every grader, on rows that it was not trained on. AUC{mean}, of pairs that one model graded; 95 % intervals; "
    "accuracy takes the most probable class. {bold}: highest AUC of an arm. The shaded row is the best: greatest mean "
    "AUC over the folds and all that was left out in turn; an external split has no say. Train: on its training rows, "
    "no sign of how good it is. {none}: not defined."
)
_MEAN = " is the mean over the classes, each against all others; sensitivity and specificity are of {positive}"
_FURTHER_CAPTION = (
    "Further figures of the internal folds. Largest class: the accuracy of always naming the most frequent one. PPV "
    "and NPV at this data's prevalence. Of the Brier score, less is better. Calibration intercept 0 and slope 1 are "
    "right."
)
_CONTINUED = "The same graders, the schemes that remain."


@dataclass(frozen=True, slots=True)
class _Group:
    """Columns of one scheme."""

    scheme: str
    measures: tuple[str, ...]


def comparison(results: RunResults) -> Block:
    """The tables of all graders, and what is in them."""
    tables = [
        _table(results, groups, _CONTINUED if place else _caption(results))
        for place, groups in enumerate(_packed(_groups(results)))
    ]
    internal = [_Group(INTERNAL, _FURTHER)]
    further = _table(results, internal, _FURTHER_CAPTION)
    return joined([*tables, details("Predictive values, kappa, Brier score, calibration, AUC within layouts", further)])


def _groups(results: RunResults) -> list[_Group]:
    """Internal and external in full, of the others the AUC; training rows come last."""
    schemes = [scheme for scheme in (*results.schemes, ALL) if any(_of_scheme(results, scheme))]
    return [_Group(one, _FIRST if one in (INTERNAL, EXTERNAL) else _FIRST[:1]) for one in schemes]


def _of_scheme(results: RunResults, scheme: str) -> Iterable[dict[str, Any]]:
    return (one for one in results.figures["cells"] if one["scheme"] == scheme)


def _packed(groups: Sequence[_Group]) -> list[list[_Group]]:
    """Groups in as many tables as it takes for none to be too wide."""
    packed: list[list[_Group]] = [[]]
    for group in groups:
        if sum(len(one.measures) for one in (*packed[-1], group)) > _MOST_COLUMNS:
            packed.append([])
        packed[-1].append(group)
    return packed


def _caption(results: RunResults) -> Block:
    return filled(_CAPTION, mean=_mean_over(results), bold=bold("Bold"), none=NOT_DEFINED)


def _mean_over(results: RunResults) -> str:
    return f" of the class {results.positive}" if len(results.classes) == 2 else _MEAN.format(positive=results.positive)


def _table(results: RunResults, groups: Sequence[_Group], caption: Block) -> Block:
    width = sum(len(group.measures) for group in groups) + 2
    tops = {group.scheme: _highest(results, group.scheme) for group in groups}
    arms = [
        _row(results, groups, (arm, kind.value), tops, place, len(results.plan.kinds))
        for arm in results.plan.arms
        for place, kind in enumerate(results.plan.kinds)
    ]
    baselines = [
        _row(results, groups, (name, GraderKind.LOGISTIC_REGRESSION.value), tops) for name in results.plan.baselines
    ]
    between = row(
        th("Baselines, by logistic regression: what an arm has to beat", "colgroup", colspan=width), class_="part"
    )
    notes = [
        paragraph(bold(name), f": {inputs_text(inputs)}.")
        for name, inputs in (*results.plan.arms.items(), *results.plan.baselines.items())
    ]
    body = [*arms, *([between, *baselines] if baselines else [])]
    foot = grouped(*notes, class_="notes") if "auc" in groups[0].measures and groups[0].scheme == INTERNAL else ""
    return joined([table(caption, _head(results, groups), body, "figures"), *([foot] if foot else [])])


def _head(results: RunResults, groups: Sequence[_Group]) -> list[Row]:
    over = [
        th(
            joined([shortened(scheme_label(group.scheme), 32), small(_rows(results, group.scheme))]),
            "colgroup",
            _shade(group.scheme),
            len(group.measures),
        )
        for group in groups
    ]
    under = [th(_MEASURES[name], class_=_shade(group.scheme)) for group in groups for name in group.measures]
    return [row(th("arm", rowspan=2), th("graded by", rowspan=2), *over), row(*under)]


def _rows(results: RunResults, scheme: str) -> str:
    count = max(one["rows"] for one in _of_scheme(results, scheme))
    return counted(count, results.unit) + (", training rows" if scheme == ALL else "")


def _row(
    results: RunResults,
    groups: Sequence[_Group],
    cell: tuple[str, str],
    tops: dict[str, float | None],
    place: int = 0,
    of: int = 1,
) -> Row:
    """A row of a cell, which is at some place among those of its arm."""
    arm, kind = cell
    cells = [
        _cell(results.cell(group.scheme, *cell), name, tops[group.scheme], _shade(group.scheme))
        for group in groups
        for name in group.measures
    ]
    best = cell == results.best
    mark: list[Block] = [" ", span("best", class_="mark")] if best else []
    heading = [] if place else [th(arm, "rowgroup" if of > 1 else "row", "arm", rowspan=of)]
    classes = [name for name, holds in (("best", best), ("first", not place and of > 1)) if holds]
    return row(*heading, td(joined([kind_label(kind), *mark]), "kind"), *cells, class_=" ".join(classes))


def _cell(figures: dict[str, Any] | None, measure: str, top: float | None, shade: str) -> Cell:
    if figures is None:
        return td("", shade)
    one = figures[measure]
    bold = "top" if measure == "auc" and one["value"] is not None and one["value"] == top else ""
    return figure_cell(one, f"{shade} {bold}".strip())


def _highest(results: RunResults, scheme: str) -> float | None:
    """The highest AUC of an arm, on test rows."""
    values = [one["auc"]["value"] for one in _of_scheme(results, scheme) if one["arm"] in results.plan.arms]
    return max((value for value in values if value is not None), default=None) if scheme != ALL else None


def _shade(scheme: str) -> str:
    return "train" if scheme == ALL else ""
