"""The top of the page: what was asked, how well the best grader answers, and what the figures were made by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.study.report.markup import Markup, joined, paragraph, tag
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

__all__ = ["opening"]

_MOST_TILES = 6
_JUDGED = {"accuracy": "accuracy", "sensitivity": "sensitivity", "specificity": "specificity"}


def opening(results: RunResults) -> Markup:
    """Title, question, figures of the best grader, and where everything is from."""
    return tag(
        "header",
        paragraph("Nonet study", class_="kicker"),
        tag("h1", results.plan.name),
        paragraph(QUESTIONS[results.plan.task], f" One row a {results.unit}."),
        paragraph("AI, research use. Not a diagnosis.", class_="notice"),
        _abstract(results),
        _tiles(results),
        _provenance(results),
        *_mismatch(results),
    )


def _beside(results: RunResults) -> str:
    return truth_of(results.plan).beside


def _abstract(results: RunResults) -> Markup:
    arm, kind = results.best
    best = results.of_best(INTERNAL)
    cells = len({(one["arm"], one["kind"]) for one in results.figures["cells"] if one["arm"] in results.plan.arms})
    return paragraph(
        f"Best of {counted(cells, 'grader')}: ",
        tag("strong", f"{arm}, graded by {kind_label(kind)}"),
        ", internal AUC ",
        tag("strong", spelled(best["auc"])),
        f", 95 % CI, over {counted(best['rows'], results.unit)}: {_beside(results)}.",
        class_="abstract",
    )


def _tiles(results: RunResults) -> Markup:
    best = results.of_best(INTERNAL)
    values = [(f"AUC, {scheme_label(scheme)}", results.of_best(scheme)["auc"]) for scheme in results.schemes]
    values = [values[0], *((name, best[measure]) for measure, name in _JUDGED.items()), *values[1:]][:_MOST_TILES]
    return tag(
        "ul",
        *(
            tag("li", tag("span", name), tag("b", decimal(one["value"])), tag("small", interval_text(one)))
            for name, one in values
        ),
        class_="tiles",
    )


def _provenance(results: RunResults) -> Markup:
    figures = results.figures
    bundle = figures["bundle"]
    facts = [
        ("FrameFeatures by the bundle", joined([f"{bundle['name']} {bundle['version']}, ", _hash(bundle["sha256"])])),
        ("Plan", _hash(figures["plan_sha256"])),
        ("Runs of this folder that were started", str(figures["runs"])),
        ("Classes", f"{', '.join(results.classes)}; {results.sensitivity}"),
    ]
    return tag("dl", *(joined([tag("dt", name), tag("dd", said)]) for name, said in facts), class_="facts")


def _hash(sha256: str) -> Markup:
    return tag("code", sha256)


def _mismatch(results: RunResults) -> list[Markup]:
    """A warning where the run folder's plan has changed since its figures were made."""
    if results.plan_sha256 == results.figures["plan_sha256"]:
        return []
    said = "The plan in this folder is not the one these figures were made by: run the study again."
    return [paragraph(said, class_="warn")]
