"""The primary comparison of a graded study: two arms in a few structures that its plan names, and both with the ruler.

The figure is the ordinal AUC where classes are grades (`nonet.evaluate.grading.ordinal_figures`), else the AUC.
Resamples are the same for both sides, and p values are corrected by Holm over the structures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nonet.bundle.grader_kind import GraderKind
from nonet.evaluate.bootstrap import frame_weights, over_repeats
from nonet.evaluate.grading import LEAST, figure_json
from nonet.evaluate.grading.class_metrics import mean_auc
from nonet.evaluate.grading.ordinal_figures import are_grades, ordinal_auc
from nonet.study.figures import difference, holm, runs_of
from nonet.study.splits import EXTERNAL, INTERNAL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from nonet.evaluate.grading import GradedRows
    from nonet.study.figures import ExperimentKey
    from nonet.study.plan import Plan, Primary

    Drawn = NDArray[np.float64]
    Cell = tuple[str, str]

__all__ = ["primary_document"]


def primary_document(predictions: Mapping[ExperimentKey, GradedRows], plan: Plan) -> dict[str, Any] | None:
    """The comparison on internal folds, which is the claim, and on external rows; None where the plan names none.

    ``against`` lists, by scheme, the difference of the arm and what it is held against in each structure, with both
    figures; ``ruler`` the same against the ruler, where the plan names one. A structure with fewer than ten rows of a
    class has none, and counts among the tests that are corrected for.
    """
    if plan.primary is None:
        return None
    primary = plan.primary
    arm = (primary.arm, _kind(plan, primary.arm).value)
    families = {"against": primary.against, **({"ruler": primary.ruler} if primary.ruler else {})}
    runs = runs_of(predictions)
    first = next(iter(runs.values()))[0]
    figure = "ordinal AUC" if are_grades(first) else "AUC"
    found: dict[str, Any] = {"figure": figure, "structures": [each.value for each in primary.structures]}
    for name, other in families.items():
        cells = (arm, (other, _kind(plan, other).value))
        found[name] = [
            one
            for scheme in (INTERNAL, EXTERNAL)
            if all((scheme, *cell) in runs for cell in cells)
            for one in _family(scheme, cells, [runs[scheme, *cell] for cell in cells], primary, plan.resamples)
        ]
    return found


def _kind(plan: Plan, name: str) -> GraderKind:
    """The kind that grades an arm, or a baseline or variant, which only logistic regression does."""
    assert plan.primary is not None
    return (plan.primary.kind or plan.kinds[0]) if name in plan.arms else GraderKind.LOGISTIC_REGRESSION


def _family(
    scheme: str, cells: tuple[Cell, Cell], runs: Sequence[list[GradedRows]], primary: Primary, resamples: int
) -> list[dict[str, Any]]:
    found = []
    weights = frame_weights(runs[0][0].groups, resamples)
    for structure in primary.structures:
        places = np.flatnonzero(runs[0][0].words["structure"] == structure.value)
        if _too_few(runs[0][0], places):
            continue
        ours, theirs = ([_figure(run.take(places), weights[:, places]) for run in each] for each in runs)
        apart = over_repeats([one - other for one, other in zip(ours, theirs, strict=True)])
        found.append(
            {
                "structure": structure.value,
                **difference(scheme, *cells, apart),
                "ours": figure_json(over_repeats(ours).clip(0, 1)),
                "theirs": figure_json(over_repeats(theirs).clip(0, 1)),
            }
        )
    lacking = len(primary.structures) - len(found)
    corrected = holm([*(one["p"] for one in found), *[1.0] * lacking])
    for one, p in zip(found, corrected, strict=False):
        one["p_holm"] = p
    return found


def _too_few(rows: GradedRows, places: NDArray[np.intp]) -> bool:
    counts = [int((rows.words["answer"][places] == name).sum()) for name in rows.classes]
    return min(counts) < LEAST


def _figure(rows: GradedRows, weights: NDArray[np.int32]) -> Drawn:
    return ordinal_auc(rows, weights) if are_grades(rows) else mean_auc(rows.scored, weights)
