"""A grader ships only if it is better than chance on its own test rows, and only for the structures where it is."""

from __future__ import annotations

from typing import Any

import pytest

from nonet.anatomy import Structure
from nonet.datasets.tasks import Task
from nonet.study.shipped_grader import shipped_grader

BEST = {"arm": "fusion", "kind": "boosting"}


def auc(value: float, low: float | None) -> dict[str, float | None]:
    return {"value": value, "low": low, "high": min(1.0, value + 0.1)}


def cells(whole: dict[str, float | None], **structures: dict[str, Any]) -> list[dict[str, Any]]:
    other = {"scheme": "all", **BEST, "auc": auc(1.0, 1.0), "structures": {}}
    return [other, {"scheme": "internal", **BEST, "auc": whole, "structures": structures}]


def test_a_structure_at_chance_or_with_too_few_rows_is_not_graded() -> None:
    tested = cells(
        auc(0.8, 0.7),
        nuchal_translucency={"auc": auc(0.9, 0.8)},
        nasal_bone={"auc": auc(0.55, 0.48)},
        palate={"note": "n too small", "counts": {}},
    )
    shipped = shipped_grader(tested, BEST, Task.LABELS)
    assert shipped.ships
    assert shipped.structures == (Structure.NUCHAL_TRANSLUCENCY,)
    assert shipped.at_chance == (Structure.PALATE, Structure.NASAL_BONE)
    assert "palate, nasal bone" in shipped.words


@pytest.mark.parametrize("low", [0.5, 0.41, None])
def test_a_grader_at_chance_over_all_rows_does_not_ship(low: float | None) -> None:
    for task in Task:
        shipped = shipped_grader(cells(auc(0.48, low), nasal_bone={"auc": auc(0.9, 0.8)}), BEST, task)
        assert not shipped.ships
        assert "none is shipped" in shipped.words


def test_a_grader_that_is_better_than_chance_for_no_structure_does_not_ship() -> None:
    shipped = shipped_grader(cells(auc(0.7, 0.6), nasal_bone={"auc": auc(0.6, 0.45)}), BEST, Task.LABELS)
    assert not shipped.ships
    assert "any structure (nasal bone)" in shipped.words


def test_structures_decide_nothing_where_they_are_not_graded() -> None:
    shipped = shipped_grader(cells(auc(0.7, 0.6), nasal_bone={"auc": auc(0.6, 0.45)}), BEST, Task.VISIBILITY)
    assert (shipped.ships, shipped.structures, shipped.words) == (True, (), "")
