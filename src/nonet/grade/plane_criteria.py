"""The criteria of a standard plane one by one, so that whoever reads a frame sees which of them fails.

They say what the picture shows and how it was taken. Only the first two are of the anatomy; none changes the grade of
the plane: a small head, or one that a machine has smoothed, may be a standard plane.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from nonet.anatomy import STRUCTURES
from nonet.grade.plane_measures import edge_margins, magnification, sharpness
from nonet.reading import Criterion, PlaneCriterion

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from nonet.anatomy import Structure
    from nonet.detect.located import Located
    from nonet.detect.shape_prior import ShapePrior

__all__ = ["LIMITS_FILE", "CriterionLimits", "criterion_limits", "plane_criteria"]

LIMITS_FILE = "plane_criteria.json"
"""Beside this module; ``tools/fit_plane_criteria.py`` writes it."""

_DECIMALS = 3
_NO_HEAD = "no head was found to measure by"


@dataclass(frozen=True, slots=True)
class CriterionLimits:
    """What a criterion needs at least: centiles of frames that were filed as standard.

    Attributes
    ----------
    structures_seen
        How many of the nine.
    magnification
        `nonet.grade.plane_measures.magnification`.
    margin
        Of `nonet.grade.plane_measures.edge_margins`, the least.
    sharpness
        `nonet.grade.plane_measures.sharpness`.
    share
        The share of those frames that falls below each of the last three.
    frames
        How many frames they are from.
    source
        Which these are.
    """

    structures_seen: int
    magnification: float
    margin: float
    sharpness: float
    share: float
    frames: int
    source: str


@cache
def criterion_limits() -> CriterionLimits:
    """The limits that this version holds frames against."""
    text = resources.files(__package__).joinpath(LIMITS_FILE).read_text(encoding="utf-8")
    return CriterionLimits(**json.loads(text))


def plane_criteria(
    located: Located,
    visible: Collection[Structure],
    outliers: Sequence[Structure],
    prior: ShapePrior | None,
    limits: CriterionLimits | None = None,
) -> tuple[PlaneCriterion, ...]:
    """The five criteria in the order of `Criterion`; those of the picture say nothing where no head was found.

    Parameters
    ----------
    located
        What the detector made of the frame.
    visible
        The structures that it sees.
    outliers
        Those of them that lie where boxed frames rarely have them.
    prior
        The bundle's shape prior.
    limits
        By default those of this version.
    """
    limits = limits or criterion_limits()
    anatomy = (_seen(visible, limits), _in_place(outliers, visible))
    if prior is None or not located.found:
        unknown = (Criterion.MAGNIFICATION, Criterion.EDGES, Criterion.SHARPNESS)
        return (*anatomy, *(PlaneCriterion(each, None, None, None, _NO_HEAD) for each in unknown))
    return (
        *anatomy,
        _magnified(magnification(located, prior), limits),
        _uncut(edge_margins(located, prior), limits),
        _sharp(sharpness(located), limits),
    )


def _seen(visible: Collection[Structure], limits: CriterionLimits) -> PlaneCriterion:
    count, least = len(visible), limits.structures_seen
    missing = _names(each for each in STRUCTURES if each not in visible)
    words = f"{count} of {len(STRUCTURES)} structures seen" + (f"; not seen: {missing}" if missing else "")
    return PlaneCriterion(Criterion.STRUCTURES_SEEN, count >= least, count, least, words)


def _in_place(outliers: Sequence[Structure], visible: Collection[Structure]) -> PlaneCriterion:
    if not visible:
        return PlaneCriterion(Criterion.IN_PLACE, None, None, 0, "no structure is seen")
    words = f"out of place: {_names(outliers)}" if outliers else "every structure that is seen lies in its place"
    return PlaneCriterion(Criterion.IN_PLACE, not outliers, len(outliers), 0, words)


def _magnified(share: float, limits: CriterionLimits) -> PlaneCriterion:
    words = f"the nine structures span {share:.0%} of the frame's side"
    if share < limits.magnification:
        words += (
            f", in {1 - limits.share:.0%} of standard frames {limits.magnification:.0%} or more: the head is small in "
            "the frame (FMF: magnify until the head and upper thorax fill it)"
        )
    return _at_least(Criterion.MAGNIFICATION, share, limits.magnification, words)


def _uncut(margins: dict[Structure, float], limits: CriterionLimits) -> PlaneCriterion:
    outside = [structure for structure, margin in margins.items() if margin < 0]
    close = [structure for structure, margin in margins.items() if 0 <= margin < limits.margin]
    parts = [(outside, "outside the image"), (close, "at its edge")]
    found = [f"{where}: {_names(structures)}" for structures, where in parts if structures]
    words = "; ".join(found) or "every structure's place lies inside the image"
    return _at_least(Criterion.EDGES, min(margins.values()), limits.margin, words)


def _sharp(value: float | None, limits: CriterionLimits) -> PlaneCriterion:
    if value is None:
        return PlaneCriterion(Criterion.SHARPNESS, None, None, None, "too little tissue is in view")
    smooth = value < limits.sharpness
    words = "the picture shows less fine detail than standard frames do" if smooth else "fine detail is there"
    return _at_least(Criterion.SHARPNESS, value, limits.sharpness, words)


def _at_least(criterion: Criterion, value: float, limit: float, words: str) -> PlaneCriterion:
    return PlaneCriterion(criterion, value >= limit, round(value, _DECIMALS), round(limit, _DECIMALS), words)


def _names(structures: Iterable[Structure]) -> str:
    return ", ".join(structure.label for structure in structures)
