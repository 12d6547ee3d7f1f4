"""Which grader a study ships: one that is better than chance on test rows, and only for the structures where it is.

The figures are those of the internal folds: the lower end of the 95 % interval of the AUC is above one half.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nonet.anatomy import Structure
from nonet.datasets.tasks import Task
from nonet.study.splits import INTERNAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["ShippedGrader", "better_than_chance", "shipped_grader"]

_CHANCE = 0.5


@dataclass(frozen=True, slots=True)
class ShippedGrader:
    """What a study ships of its best grader.

    ``ships`` is false where it is not better than chance over all rows, or for no structure. ``structures`` are those
    that a grader of labels grades, ``at_chance`` those that had labels but no figure above chance; both are empty for
    other tasks, whose graders grade all rows. ``auc`` is that of all rows: value, low and high.
    """

    ships: bool
    auc: Mapping[str, float | None]
    structures: tuple[Structure, ...] = ()
    at_chance: tuple[Structure, ...] = ()

    @property
    def words(self) -> str:
        """What is shipped and what is not, in a sentence or two; empty where all is."""
        left = ", ".join(structure.label for structure in self.at_chance)
        if not self.ships and not better_than_chance(self.auc):
            found = _found(self.auc)
            return f"The best grader is not shown to be better than chance on its test rows ({found}): none is shipped."
        if not self.ships:
            return f"The best grader is not shown to be better than chance for any structure ({left}): none is shipped."
        return f"Not graded, as not shown to be better than chance on test rows: {left}." if left else ""


def shipped_grader(cells: Iterable[Mapping[str, Any]], best: Mapping[str, str], task: Task) -> ShippedGrader:
    """What is shipped of the best grader, by its figures in the internal folds.

    Parameters
    ----------
    cells
        Figures of every experiment under every scheme, as ``figures.json`` has them.
    best
        Its ``arm`` and ``kind``.
    task
        What was graded.
    """
    wanted = (INTERNAL, best["arm"], best["kind"])
    own = next(one for one in cells if (one["scheme"], one["arm"], one["kind"]) == wanted)
    above = better_than_chance(own["auc"])
    if task is not Task.LABELS:
        return ShippedGrader(above, own["auc"])
    tested = {
        Structure(name): better_than_chance(figures.get("auc", {})) for name, figures in own["structures"].items()
    }
    graded = tuple(structure for structure in Structure if tested.get(structure))
    chance = tuple(structure for structure in Structure if tested.get(structure) is False)
    return ShippedGrader(above and bool(graded), own["auc"], graded, chance)


def better_than_chance(auc: Mapping[str, float | None]) -> bool:
    """Whether the lower end of an AUC's interval is known and above one half."""
    low = auc.get("low")
    return low is not None and low > _CHANCE


def _found(auc: Mapping[str, float | None]) -> str:
    if auc["value"] is None or auc["low"] is None or auc["high"] is None:
        return "AUC not defined"
    return f"AUC {auc['value']:.3f}, 95 % {auc['low']:.3f} to {auc['high']:.3f}"
