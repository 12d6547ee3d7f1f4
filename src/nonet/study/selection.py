"""The features of an arm, selected on training rows alone, structure by structure."""

from __future__ import annotations

from dataclasses import dataclass, replace
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

__all__ = ["SelectedFeatures", "refuse_overlap", "select_features"]


@dataclass(frozen=True, slots=True)
class SelectedFeatures:
    """The selected columns of an arm, without those that it is given unselected, and the record of every feature.

    ``dropped`` names the sources of ratings that have too few subjects of a structure to filter it.
    """

    columns: tuple[str, ...]
    records: dict[Structure, tuple[FeatureRecord, ...]]
    dropped: dict[Structure, tuple[str, ...]]


def select_features(
    study_rows: StudyRows, inputs: Arm, rows: NDArray[np.intp], ratings: AllRatings, plan: Plan, *, resamples: int = 0
) -> SelectedFeatures:
    """Select on some rows.

    A structure whose rows have fewer than two classes, or a class in fewer groups than the LASSO has folds,
    selects nothing: no model of it could be fitted. A source that has rated fewer than ten subjects of a structure
    filters nothing there, and is named.

    Parameters
    ----------
    study_rows
        All rows.
    inputs
        Of the arm.
    rows
        The training rows.
    ratings
        By source and structure; only those of frames whose group is among the rows' are used.
    plan
        Says how.
    resamples
        Halves of the rows for the frequencies; 0 for none.
    """
    groups = set(study_rows.groups[rows].tolist())
    settings = SelectionSettings(
        sources=plan.selection.sources,
        reported=plan.selection.reported,
        least_icc=plan.selection.least_icc,
        least_pair=plan.selection.least_pair,
        most_correlation=plan.selection.most_correlation,
        folds=plan.selection.folds,
        rule=plan.selection.penalty,
        l1_ratio=plan.selection.l1_ratio,
        resamples=resamples,
        seed=plan.seed,
    )
    columns: dict[str, None] = {}
    records: dict[Structure, tuple[FeatureRecord, ...]] = {}
    dropped: dict[Structure, tuple[str, ...]] = {}
    for block in study_rows.blocks(inputs):
        own = np.intersect1d(rows, block.rows)
        if not _can_be_fitted(study_rows, own, plan.selection.folds):
            continue
        given = _ratings_of(study_rows, block, ratings, groups)
        used = (*settings.sources, *settings.reported)
        few = tuple(source for source in settings.sources if len(given[source].values) < settings.min_subjects)
        if few:
            dropped[block.structure] = few
        selection = fit_selection(
            study_rows.features.keep(block.columns).values[own],
            study_rows.labels[own],
            block.features,
            {source: one for source, one in given.items() if source in used and source not in few},
            frames=sorted(groups),
            groups=study_rows.groups[own],
            settings=replace(settings, sources=tuple(source for source in settings.sources if source not in few)),
        )
        named = dict(zip(block.features, block.columns, strict=True))
        columns |= dict.fromkeys(named[name] for name in selection.names)
        records[block.structure] = selection.record
    return SelectedFeatures(tuple(columns), records, dropped)


def refuse_overlap(study_rows: StudyRows, train: NDArray[np.intp], test: NDArray[np.intp]) -> None:
    """Raise if a frame or patient is in training and in test.

    Raises
    ------
    LeakError
        If one is.
    """
    for what, words in (("frame", study_rows.images), ("patient, or frame by its pixels,", study_rows.groups)):
        shared = sorted(set(words[train].tolist()) & set(words[test].tolist()))
        if shared:
            raise LeakError(
                f"No {what} is in training and in test",
                found=f"{len(shared)}, such as {shared[0]}",
                remedy="Split by patient, and use each frame once",
            )


def _ratings_of(
    study_rows: StudyRows, block: Block, ratings: AllRatings, groups: Collection[str]
) -> dict[str, Ratings]:
    places = {name: place for place, name in enumerate(study_rows.names)}
    wanted = [places[name] for name in block.features]
    return {source: by[block.structure].take(wanted).within(groups) for source, by in ratings.items()}


def _can_be_fitted(study_rows: StudyRows, rows: NDArray[np.intp], folds: int) -> bool:
    present = set(study_rows.labels[rows].tolist())
    groups = [len(set(study_rows.groups[rows][study_rows.labels[rows] == each].tolist())) for each in present]
    return len(present) >= 2 and min(groups) >= folds
