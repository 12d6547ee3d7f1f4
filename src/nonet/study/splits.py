"""How a study's rows are split: outer folds, each device or centre left out in turn, an external split."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nonet.datasets.folds import FoldRow
from nonet.errors import LeakError
from nonet.evaluate.grading import UNKNOWN
from nonet.study.repeats import repeated
from nonet.study.selection import refuse_overlap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nonet.study.plan import Folds
    from nonet.study.rows import StudyRows

__all__ = ["ALL", "EXTERNAL", "INTERNAL", "Split", "make_splits", "refuse_overlap_with_external"]

_LOG = logging.getLogger(__name__)

INTERNAL, EXTERNAL, ALL = "internal", "external", "all"
"""Outer folds together; the external split; the model of all rows, tested on its training rows."""


@dataclass(frozen=True, slots=True)
class Split:
    """Training rows and test rows.

    ``scheme`` is the name that its figures are pooled under: ``internal``, ``without <device>``, or ``all``; those of
    repeats of the internal folds, which ``repeat`` numbers from 1, are called by `repeated`.
    """

    scheme: str
    name: str
    train: NDArray[np.intp]
    test: NDArray[np.intp]
    repeat: int = 0


def make_splits(
    study_rows: StudyRows, folds: Sequence[FoldRow], plan: Folds, more: Sequence[Sequence[FoldRow]] = ()
) -> tuple[Split, ...]:
    """Every split of a study but the external one; ``more`` are the folds of repeats.

    Raises
    ------
    LeakError
        If a frame or a patient would be on both sides.
    """
    made = [split for repeat, each in enumerate((folds, *more)) for split in _folds(study_rows, each, plan, repeat)]
    if plan.leave_out:
        places = study_rows.devices if plan.leave_out == "device" else study_rows.centres
        made += _each_left_out(study_rows, places, plan.least)
    for split in made:
        refuse_overlap(study_rows, split.train, split.test)
    every = np.arange(len(study_rows))
    return (*made, Split(ALL, ALL, every, every))


def _folds(study_rows: StudyRows, folds: Sequence[FoldRow], plan: Folds, repeat: int) -> list[Split]:
    of_image = {row.image: row.fold for row in folds}
    fold = np.array([of_image[image] for image in study_rows.images.tolist()])
    return [
        Split(
            repeated(INTERNAL, repeat),
            repeated(f"fold {number}", repeat),
            np.flatnonzero(fold != number),
            np.flatnonzero(fold == number),
            repeat,
        )
        for number in range(plan.count)
    ]


def refuse_overlap_with_external(study_rows: StudyRows, external: StudyRows) -> None:
    """Raise if a frame or patient of an external split is among the rows of the study.

    Raises
    ------
    LeakError
        If one is.
    """
    met = sorted(set(study_rows.groups.tolist()) & set(external.groups.tolist()))
    if met:
        image = external.images[external.groups == met[0]][0]
        raise LeakError(
            "An external split shares no frame and no patient with the training rows",
            found=f"{len(met)} shared, {image} among them",
            remedy="Take them out of one of the two",
        )


def _each_left_out(study_rows: StudyRows, places: NDArray[np.str_], least: int) -> list[Split]:
    known = places != UNKNOWN
    made = []
    for place in np.unique(places[known]).tolist():
        test, train = np.flatnonzero(places == place), np.flatnonzero(known & (places != place))
        test = test[~np.isin(study_rows.groups[test], study_rows.groups[train])]
        shared = int((places == place).sum()) - len(test)
        if shared:
            _LOG.warning("without %s: %d rows of patients who are met elsewhere too are not tested", place, shared)
        few = min(_rarest(study_rows, test), _rarest(study_rows, train))
        if few >= least:
            made.append(Split(f"without {place}", f"without {place}", train, test))
        else:
            _LOG.warning("%s is not left out: %d rows of its rarest class, of %d at least", place, few, least)
    return made


def _rarest(study_rows: StudyRows, rows: NDArray[np.intp]) -> int:
    labels = study_rows.labels[rows].tolist()
    counts: list[int] = [labels.count(each) for each in study_rows.classes]
    return min(counts)
