"""Copies of a real frame in which structures have known grades.

A copy holds edits of structures that lie apart, so that neither changes the other; three kinds of copies hold all six.
Of each kind there is a sham copy and, for each round, one copy a grade: the grades of its structures are drawn in
orders of their own, so that the grade of one says nothing of the other's. Marks that a machine drew are hidden before.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import Grade, Structure
from nonet.errors import SettingsError
from nonet.frame import pixels_sha256
from nonet.simulate.edits.bands import GRADES, edit_bands
from nonet.simulate.edits.edit import EDITED
from nonet.simulate.edits.graded import edit_to_grade
from nonet.simulate.edits.start import agreed, head_unit_px, starting_size
from nonet.simulate.graded_set import GradedSize

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from nonet.reading import Box

__all__ = ["TOGETHER", "Copy", "Refused", "copies_of"]

TOGETHER = (
    (Structure.NUCHAL_TRANSLUCENCY, Structure.MIDBRAIN),
    (Structure.FOURTH_VENTRICLE, Structure.NASAL_BONE),
    (Structure.CISTERNA_MAGNA, Structure.PALATE),
)
"""Structures of one kind of copies."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy: ``uint8[H, W]``, each box as the image of what it was, and the sizes that it was given."""

    name: str
    pixels: NDArray[np.uint8]
    boxes: dict[Structure, Box]
    sizes: tuple[GradedSize, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A structure that cannot be edited in this frame, at any grade, and why."""

    structure: Structure
    variable: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Frame:
    """A frame and what was done to it so far."""

    pixels: NDArray[np.uint8]
    boxes: Mapping[Structure, Box]
    mm_per_px: float | None
    seed: int
    sizes: tuple[GradedSize, ...] = ()

    def edited(self, structure: Structure, variable: str, grade: Grade | None) -> _Frame:
        """The frame with a structure of a grade; a sham copy of it where that is None."""
        start = self.size(structure, variable) if grade is None else None
        band = edit_bands().of(structure, variable)
        wanted = grade or band.grade(start or 0.0)
        made = edit_to_grade(
            self.pixels,
            self.boxes,
            structure,
            variable,
            wanted,
            self.seed,
            mm_per_px=self.mm_per_px,
            target=start,
        )
        size = GradedSize(structure, variable, made.unit, made.target, wanted, made.start, sham=grade is None)
        return replace(self, pixels=made.edited.pixels, boxes=made.edited.boxes, sizes=(*self.sizes, size))

    def size(self, structure: Structure, variable: str) -> float:
        """The size that a structure has, in the unit of its band."""
        band = edit_bands().of(structure, variable)
        scale = band.px_per_unit(mm_per_px=self.mm_per_px, head_unit_px=head_unit_px(self.boxes))
        return agreed(starting_size(self.pixels, self.boxes, structure, variable)) / scale


def copies_of(
    pixels: NDArray[np.uint8],
    boxes: Mapping[Structure, Box],
    seed: int,
    *,
    mm_per_px: float | None = None,
    rounds: int = 1,
) -> Iterator[Copy | Refused]:
    """The copies of a frame, and what is refused.

    The nasal bone is edited in its length or its echo, by turns of the frames and the rounds; the other of the two has
    to be normal.

    Parameters
    ----------
    pixels
        ``uint8[H, W]``, marks hidden.
    boxes
        Of its structures, pixels.
    seed
        With the pixels it decides everything.
    mm_per_px
        The pixel size; without one the head unit stands in.
    rounds
        How often each structure is given each grade.
    """
    frame = _Frame(pixels, boxes, mm_per_px, seed)
    turn = int(pixels_sha256(pixels)[:12], 16)
    for structures in TOGETHER:
        rng = np.random.default_rng([seed, turn, zlib.crc32(structures[0].value.encode())])
        for number in range(rounds):
            variables = {one: _variable(frame, one, turn + number) for one in structures}
            yield from _round(frame, structures[0], variables, number, rng)


def _round(
    frame: _Frame, first: Structure, variables: Mapping[Structure, str], number: int, rng: np.random.Generator
) -> Iterator[Copy | Refused]:
    """A sham copy, which shows what cannot be edited, and one a grade in an order drawn for each structure."""
    sham, usable = frame, []
    for structure, variable in variables.items():
        try:
            _check_others(frame, structure, variable)
            sham = sham.edited(structure, variable, None)
        except SettingsError as problem:
            yield Refused(structure, variable, _words(problem))
            continue
        usable.append(structure)
    if not usable:
        return
    yield _copy(sham, f"{first.value}-{number}-sham")
    orders = {one: [GRADES[place] for place in rng.permutation(len(GRADES))] for one in usable}
    for place in range(len(GRADES)):
        made = frame
        try:
            for structure in usable:
                made = made.edited(structure, variables[structure], orders[structure][place])
        except SettingsError as problem:
            yield Refused(structure, variables[structure], f"copy {number}.{place + 1} alone: {_words(problem)}")
            continue
        yield _copy(made, f"{first.value}-{number}-{place + 1}")


def _copy(made: _Frame, name: str) -> Copy:
    return Copy(name, made.pixels, dict(made.boxes), made.sizes)


def _variable(frame: _Frame, structure: Structure, turn: int) -> str:
    """By turns one of the structure's; an echo is held against that of the nasal skin, which has to have a box."""
    skin = Structure.NASAL_SKIN in frame.boxes
    own = [name for one, name in EDITED if one is structure and (skin or name != "echo")]
    return own[turn % len(own)]


def _check_others(frame: _Frame, structure: Structure, variable: str) -> None:
    for one, other in EDITED:
        if one is structure and other != variable:
            _check_other(frame, structure, other)


def _check_other(frame: _Frame, structure: Structure, variable: str) -> None:
    """Raise if a structure is not normal in a variable that is not edited, where that can be told."""
    if variable == "echo" and Structure.NASAL_SKIN not in frame.boxes:
        return
    size = frame.size(structure, variable)
    if edit_bands().of(structure, variable).grade(size) is not Grade.NORMAL:
        raise SettingsError(
            "A structure is normal in what is not edited",
            found=f"a {variable} of {size:.2f}",
            remedy="Leave this frame out, at every grade",
        )


def _words(problem: SettingsError) -> str:
    return f"{problem.rule}: {problem.found}"
