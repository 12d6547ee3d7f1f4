"""Which boxes of a data set can be used: the rules that hold whatever form they came in."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nonet.anatomy import STRUCTURES, Structure
from nonet.datasets.data_set import BoxRow, ImageRow
from nonet.datasets.problems import Problem, Severity
from nonet.datasets.structure_names import structure_of
from nonet.reading import Box

__all__ = ["Candidate", "admit"]

_ROUNDING_PX = 0.5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A box as a data set states it, before any rule was applied.

    ``image`` is the name of the image, ``label`` the data set's word for the structure, ``edges``
    are (x1, y1, x2, y2) in pixels, half-open, and ``where`` is the place in the file.
    """

    image: str
    label: str
    edges: tuple[float, float, float, float]
    where: str


def admit(
    candidates: Iterable[Candidate], images: Mapping[str, ImageRow]
) -> tuple[tuple[BoxRow, ...], tuple[Problem, ...]]:
    """Keep the boxes that follow every rule, and say of every other what is wrong with it.

    The boxes of an image that is not there are one problem together. A box that reaches past its
    image is cut to it, with a warning if by over half a pixel. A box is left out, with an error, if
    its label means none of the nine structures, an edge is not a number, its corners are inverted,
    it lies wholly outside, or the image already has one of that structure.
    """
    boxes: dict[tuple[str, Structure], BoxRow] = {}
    problems: list[Problem] = []
    homeless: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        if candidate.image not in images:
            homeless.setdefault(candidate.image, []).append(candidate)
            continue
        row, problem = _checked_box(candidate, images[candidate.image])
        if row is not None and (row.image, row.structure) in boxes:
            row, problem = None, _repeated(candidate)
        if row is not None:
            boxes[row.image, row.structure] = row
        if problem is not None:
            problems.append(problem)
    return tuple(boxes.values()), (*problems, *map(_no_image, homeless.values()))


def _checked_box(candidate: Candidate, image: ImageRow) -> tuple[BoxRow | None, Problem | None]:
    structure = structure_of(candidate.label)
    if structure is None:
        return None, _unknown_label(candidate)
    x1, y1, x2, y2 = candidate.edges
    if not all(math.isfinite(edge) for edge in candidate.edges) or x1 >= x2 or y1 >= y2:
        return None, _inverted(candidate)
    cut = max(x1, 0.0), max(y1, 0.0), min(x2, float(image.width)), min(y2, float(image.height))
    if cut[0] >= cut[2] or cut[1] >= cut[3]:
        return None, _outside(candidate, image)
    row = BoxRow(candidate.image, structure, Box(*cut))
    past = max(abs(edge - kept) for edge, kept in zip(candidate.edges, cut, strict=True))
    return row, _cut(candidate, image) if past > _ROUNDING_PX else None


def _unknown_label(candidate: Candidate) -> Problem:
    rule = f"A box's label means one of {', '.join(STRUCTURES)}"
    found = f"{candidate.label!r} in {candidate.where}"
    return Problem(Severity.ERROR, candidate.image, rule, found, "Rename the label, or remove the row")


def _no_image(candidates: Sequence[Candidate]) -> Problem:
    first = candidates[0]
    found = f"no usable image of that name; boxes: {len(candidates)}, the first in {first.where}"
    return Problem(Severity.ERROR, first.image, "A box belongs to an image", found, "Add the image")


def _inverted(candidate: Candidate) -> Problem:
    rule = "A box is four numbers with left < right and top < bottom"
    found = f"{_spell(candidate)} in {candidate.where}"
    return Problem(Severity.ERROR, candidate.image, rule, found, "Draw the box again")


def _outside(candidate: Candidate, image: ImageRow) -> Problem:
    found = f"{_spell(candidate)} in {candidate.where}, the image is {image.width} x {image.height}"
    return Problem(Severity.ERROR, candidate.image, "A box lies on its image", found, "Draw the box again")


def _cut(candidate: Candidate, image: ImageRow) -> Problem:
    found = f"{_spell(candidate)} in {candidate.where}, cut to {image.width} x {image.height}"
    rule = "A box lies wholly on its image"
    return Problem(Severity.WARNING, candidate.image, rule, found, "Check that box and image belong together")


def _repeated(candidate: Candidate) -> Problem:
    rule = "A structure has at most one box in an image"
    found = f"another {candidate.label} in {candidate.where}; the first one is kept"
    return Problem(Severity.ERROR, candidate.image, rule, found, "Remove one of the two")


def _spell(candidate: Candidate) -> str:
    x1, y1, x2, y2 = (f"{edge:g}" for edge in candidate.edges)
    return f"{candidate.label} x {x1} to {x2}, y {y1} to {y2}"
