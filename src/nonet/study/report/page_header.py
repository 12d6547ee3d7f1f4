"""The top of the page: what was asked, how well the best grader answers, and what the figures were made by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nonet.study.report.truth import truth_of
from nonet.study.report.wording import (
    QUESTIONS,
    counted,
    decimal,
    interval_text,
    kind_label,
    scheme_label,
    spelled,
)
from nonet.study.splits import INTERNAL

if TYPE_CHECKING:
    from nonet.study.report.run_results import RunResults

__all__ = ["PageHeader", "Tile", "page_header"]

_MOST_TILES = 6
_BESIDE_AUC = ("accuracy", "sensitivity", "specificity")


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure of the best grader, in large type."""

    name: str
    value: str
    interval: str


@dataclass(frozen=True, slots=True)
class PageHeader:
    """The words of the top of the page; ``plan_changed``: the folder holds another plan than the figures are of."""

    title: str
    question: str
    graders: str
    best: str
    auc: str
    rows: str
    truth: str
    tiles: tuple[Tile, ...]
    bundle: str
    bundle_sha256: str
    plan_sha256: str
    runs: str
    classes: str
    plan_changed: bool


def page_header(results: RunResults) -> PageHeader:
    """Title, task, figures of the best grader, and where everything is from."""
    figures, plan = results.figures, results.plan
    arm, kind = results.best
    best = results.of_best(INTERNAL)
    graders = len({(one["arm"], one["kind"]) for one in figures["cells"] if one["arm"] in plan.arms})
    return PageHeader(
        title=plan.name,
        question=f"{QUESTIONS[plan.task]} One row a {results.unit}.",
        graders=counted(graders, "grader"),
        best=f"{arm}, graded by {kind_label(kind)}",
        auc=spelled(best["auc"]),
        rows=counted(best["rows"], results.unit),
        truth=truth_of(plan).beside,
        tiles=_tiles(results),
        bundle=f"{figures['bundle']['name']} {figures['bundle']['version']}",
        bundle_sha256=figures["bundle"]["sha256"],
        plan_sha256=figures["plan_sha256"],
        runs=str(figures["runs"]),
        classes=f"{', '.join(results.classes)}; {results.sensitivity}",
        plan_changed=results.plan_sha256 != figures["plan_sha256"],
    )


def _tiles(results: RunResults) -> tuple[Tile, ...]:
    best = results.of_best(INTERNAL)
    values = [(f"AUC, {scheme_label(scheme)}", results.of_best(scheme)["auc"]) for scheme in results.schemes]
    values = [values[0], *((name, best[name]) for name in _BESIDE_AUC), *values[1:]][:_MOST_TILES]
    return tuple(Tile(name, decimal(one["value"]), interval_text(one)) for name, one in values)
