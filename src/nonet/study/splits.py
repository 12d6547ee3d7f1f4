"""How a study's rows are divided: outer folds, each device or centre left out in turn, an external split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nonet.datasets.folds import FoldRow
from nonet.errors import LeakError
from nonet.evaluate.grading import UNKNOWN
from nonet.study.selection import refuse_shared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nonet.study.plan import Folds
    from nonet.study.rows import StudyRows

__all__ = ["ALL", "EXTERNAL", "INTERNAL", "Split", "divide", "refuse_shared_external"]

INTERNAL, EXTERNAL, ALL = "internal", "external", "all"
"""Outer folds together; the external split; the model of all rows, judged on what it learnt from."""


@dataclass(frozen=True, slots=True)
class Split:
    """Rows to learn on and rows to judge.

    ``scheme`` is what its figures are pooled under: ``internal``, ``without <device>``, or ``all``.
    """

    scheme: str
    name: str
    learnt: NDArray[np.intp]
    judged: NDArray[np.intp]


def divide(material: StudyRows, folds: Sequence[FoldRow], plan: Folds) -> tuple[Split, ...]:
    """Every division of a study but the external one.

    Raises
    ------
    LeakError
        If a frame or a patient would be on both sides.
    """
    of_image = {row.image: row.fold for row in folds}
    fold = np.array([of_image[image] for image in material.images.tolist()])
    made = [
        Split(INTERNAL, f"fold {number}", np.flatnonzero(fold != number), np.flatnonzero(fold == number))
        for number in range(plan.count)
    ]
    if plan.leave_out:
        places = material.devices if plan.leave_out == "device" else material.centres
        made += _each_left_out(material, places, plan.least)
    for division in made:
        refuse_shared(material, division.learnt, division.judged)
    every = np.arange(len(material))
    return (*made, Split(ALL, ALL, every, every))


def refuse_shared_external(material: StudyRows, external: StudyRows) -> None:
    """Hold that no frame or patient of an external split is among the rows of the study.

    Raises
    ------
    LeakError
        If one is.
    """
    met = sorted(set(material.groups.tolist()) & set(external.groups.tolist()))
    if met:
        image = external.images[external.groups == met[0]][0]
        raise LeakError(
            "An external split shares no frame and no patient with the rows that are learnt from",
            found=f"{len(met)} shared, {image} among them",
            remedy="Take them out of one of the two",
        )


def _each_left_out(material: StudyRows, places: NDArray[np.str_], least: int) -> list[Split]:
    known = places != UNKNOWN
    made = []
    for place in np.unique(places[known]).tolist():
        judged, learnt = np.flatnonzero(places == place), np.flatnonzero(known & (places != place))
        judged = judged[~np.isin(material.groups[judged], material.groups[learnt])]
        if min(_rarest(material, judged), _rarest(material, learnt)) >= least:
            made.append(Split(f"without {place}", f"without {place}", learnt, judged))
    return made


def _rarest(material: StudyRows, rows: NDArray[np.intp]) -> int:
    answers = material.answers[rows].tolist()
    counts: list[int] = [answers.count(each) for each in material.classes]
    return min(counts)
