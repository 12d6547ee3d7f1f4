"""The features that an arm is graded by, selected on training rows alone, structure by structure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nonet.errors import LeakError
from nonet.select.fit_selection import SelectionSettings, fit_selection

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from nonet.anatomy import Structure
    from nonet.select import FeatureRecord, Ratings
    from nonet.study.plan import Arm, Plan
    from nonet.study.rows import Block, StudyRows

    AllRatings = Mapping[str, Mapping[Structure, Ratings]]

__all__ = ["Chosen", "choose_features", "refuse_shared"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The columns of an arm, and what became of every feature of each structure."""

    columns: tuple[str, ...]
    records: dict[Structure, tuple[FeatureRecord, ...]]


def choose_features(
    material: StudyRows, inputs: Arm, rows: NDArray[np.intp], ratings: AllRatings, plan: Plan, *, resamples: int = 0
) -> Chosen:
    """Select on some rows.

    A structure whose rows have fewer than two classes, or a class in fewer groups than the LASSO has folds,
    chooses nothing: nothing could be learnt of it.

    Parameters
    ----------
    material
        All rows.
    inputs
        Of the arm.
    rows
        To learn on.
    ratings
        By source and structure; only those of the rows' own frames are used.
    plan
        Says how.
    resamples
        Halves of the rows for the frequencies; 0 for none.
    """
    free = material.free(inputs)
    frames = set(material.images[rows].tolist())
    settings = SelectionSettings(
        sources=plan.selection.sources,
        least_icc=plan.selection.least_icc,
        most_correlation=plan.selection.most_correlation,
        folds=plan.selection.folds,
        resamples=resamples,
        seed=plan.seed,
    )
    columns: dict[str, None] = {}
    records: dict[Structure, tuple[FeatureRecord, ...]] = {}
    for block in material.blocks(inputs):
        own = np.intersect1d(rows, block.rows)
        if not _learnable(material, own, plan.selection.folds):
            continue
        selection = fit_selection(
            material.features.keep(block.columns).values[own],
            material.answers[own],
            block.features,
            _ratings_of(material, block, ratings, frames),
            frames=material.images[own].tolist(),
            groups=material.groups[own],
            settings=settings,
        )
        named = dict(zip(block.features, block.columns, strict=True))
        columns |= dict.fromkeys(named[name] for name in selection.names)
        records[block.structure] = selection.record
    return Chosen((*free, *columns), records)


def refuse_shared(material: StudyRows, learnt: NDArray[np.intp], judged: NDArray[np.intp]) -> None:
    """Hold that no frame and no patient is on both sides.

    Raises
    ------
    LeakError
        If one is.
    """
    for what, words in (("frame", material.images), ("patient, or frame by its pixels,", material.groups)):
        shared = sorted(set(words[learnt].tolist()) & set(words[judged].tolist()))
        if shared:
            raise LeakError(
                f"No {what} is both learnt from and judged",
                found=f"{len(shared)}, such as {shared[0]}",
                remedy="Divide by patient, and each frame once",
            )


def _ratings_of(material: StudyRows, block: Block, ratings: AllRatings, frames: Collection[str]) -> dict[str, Ratings]:
    places = {name: place for place, name in enumerate(material.names)}
    wanted = [places[name] for name in block.features]
    return {source: by[block.structure].take(wanted).within(frames) for source, by in ratings.items()}


def _learnable(material: StudyRows, rows: NDArray[np.intp], folds: int) -> bool:
    present = set(material.answers[rows].tolist())
    groups = [len(set(material.groups[rows][material.answers[rows] == each].tolist())) for each in present]
    return len(present) >= 2 and min(groups) >= folds
