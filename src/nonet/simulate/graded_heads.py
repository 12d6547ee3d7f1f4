"""Simulated heads whose structures have sizes of wanted grades, by the bands of the edits of real frames.

The grades are drawn for each structure by itself, and the anatomy is drawn with the sizes that they ask for. A band
speaks of what callipers or edges find on a picture. So the size of a fluid space is that between its lines as the
machine shows them (`nonet.simulate.shown_sizes`), and the fluid itself is wider by what the machine draws them out; the
midbrain's is the height of its box in the picture; the echo is the ratio of both lines shown alone on the machine
(`nonet.simulate.bone_echo`). Length of the nasal bone and gap of the palate are those of the anatomy: across the beam a
machine shows nothing shorter than its beam is wide, and fills narrow gaps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import Grade, Structure
from nonet.errors import SettingsError
from nonet.simulate.bone_echo import set_bone_echo
from nonet.simulate.devices import STUDY_DEVICES
from nonet.simulate.edits.bands import GRADES, draw_target, edit_bands
from nonet.simulate.head.pose import draw_pose
from nonet.simulate.head.subject import draw_subject
from nonet.simulate.scanner.grid import PolarGrid
from nonet.simulate.scanner.scan import ScanSeeds
from nonet.simulate.scanner.visible_structures import boxes_in_view
from nonet.simulate.screen.draw_screen import draw_overlay, picture_rows
from nonet.simulate.shown_sizes import shown_sizes
from nonet.simulate.simulated import Simulated, picture

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nonet.simulate.devices import Device
    from nonet.simulate.head.pose import Pose
    from nonet.simulate.head.sketch import Sketch
    from nonet.simulate.head.subject import Subject

__all__ = ["GRADED_SEEDS", "GRADED_TRUTH", "GradedHead", "HeadSize", "draw_sizes", "graded_head"]

GRADED_SEEDS = range(5_000_000, 6_000_000)
"""Seeds of graded heads: no training of a detector or an embedder draws from them, no example and no other test."""

_NT, _BONE, _LENGTH, _ECHO = Structure.NUCHAL_TRANSLUCENCY, Structure.NASAL_BONE, "length", "echo"
_EXTENT, _RATIO = "midbrain_extent_mm", "nasal_bone_echo"

GRADED_TRUTH: dict[tuple[Structure, str], str] = {
    (_NT, "thickness"): "nt_mm",
    (_BONE, _LENGTH): "nasal_bone_mm",
    (_BONE, _ECHO): _RATIO,
    (Structure.FOURTH_VENTRICLE, "antero_posterior"): "fourth_ventricle_mm",
    (Structure.CISTERNA_MAGNA, "width"): "cisterna_magna_mm",
    (Structure.PALATE, "gap"): "palate_gap_mm",
    (Structure.MIDBRAIN, "extent"): _EXTENT,
}
"""The name of each graded variable in `Simulated.shown`, where it has that, or else in `Simulated.truth`."""

_STREAM = 5
"""The stream of a seed that grades draw from: the five before it are those of `draw_subject`."""
_MARGIN_PX = 5.0
_EXACT = 1e-6
_TRIES = 30


@dataclass(frozen=True, slots=True)
class HeadSize:
    """The size of a structure of a head.

    Attributes
    ----------
    structure, variable, unit
        Of a band of `nonet.simulate.edits.bands.edit_bands`.
    value
        In that unit, as this module says.
    grade
        Whose band it was drawn from.
    """

    structure: Structure
    variable: str
    unit: str
    value: float
    grade: Grade


@dataclass(frozen=True, slots=True)
class GradedHead:
    """A frame of a head whose sizes have known grades.

    Attributes
    ----------
    made
        The frame. Its ``truth`` holds, besides the sizes of any head, ``midbrain_extent_mm`` and ``nasal_bone_echo``.
    sizes
        One of each graded structure.
    """

    made: Simulated
    sizes: tuple[HeadSize, ...]


def graded_head(seed: int, *, device: Device | None = None) -> GradedHead:
    """A head with a size of a grade in each of six structures; the same arguments give the same bytes.

    What the sizes do not change is the head of ``simulate(seed)``. There are no callipers, which would show the size;
    a head that would lie outside the picture is moved inside.

    Parameters
    ----------
    seed
        One of `GRADED_SEEDS`.
    device
        The machine; by default the seed chooses one of `STUDY_DEVICES`.

    Raises
    ------
    SettingsError
        If a size cannot be had; no other size is taken for it.

    Examples
    --------
    >>> head = graded_head(GRADED_SEEDS[0])
    >>> [size.structure.value for size in head.sizes][:2]
    ['nuchal_translucency', 'nasal_bone']
    >>> abs(head.sizes[0].value - head.made.shown["nt_mm"]) < 1e-6
    True
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed).spawn(_STREAM + 1)[_STREAM])
    drawn = STUDY_DEVICES[int(rng.integers(len(STUDY_DEVICES)))]
    machine = device or drawn
    sizes, values = draw_sizes(rng)
    own = draw_subject(seed)
    pose = draw_pose(np.random.default_rng(own.posing), machine, own.head.crl_mm)
    subject = _subject(seed, values, own.head, pose, machine)
    head, seeds = subject.head, ScanSeeds.of(subject.scanning)
    pose = _framed(pose, head, machine)
    set_bone_echo(values[_RATIO], head, pose, machine, seeds)
    head.truth.update({_EXTENT: _extent_mm(head, pose), _RATIO: values[_RATIO]})
    _check(head.truth | shown_sizes(head, machine), values)
    grid = PolarGrid.covering(pose, machine)
    plain = picture(head, pose, machine, grid, seeds)
    marked = draw_overlay(plain, machine, pose.mm_per_px, np.random.default_rng(subject.overlay))
    boxes = boxes_in_view(head, pose, grid)
    made = Simulated(marked, boxes, head.truth, pose.mm_per_px, machine, pose.facing, shown_sizes(head, machine))
    return GradedHead(made, sizes)


def draw_sizes(rng: np.random.Generator) -> tuple[tuple[HeadSize, ...], dict[str, float]]:
    """A size of each structure, and all seven values by their names in `GRADED_TRUTH`."""
    of_the_bone = (_LENGTH, _ECHO)[int(rng.integers(2))]
    sizes: list[HeadSize] = []
    values: dict[str, float] = {}
    for (structure, variable), name in GRADED_TRUTH.items():
        grade = GRADES[int(rng.integers(len(GRADES)))]
        normal = structure is _BONE and variable != of_the_bone
        band = edit_bands().of(structure, variable)
        values[name] = draw_target(band, Grade.NORMAL if normal else grade, rng)
        if not normal:
            sizes.append(HeadSize(structure, variable, band.unit, values[name], grade))
    return tuple(sizes), values


def _subject(seed: int, values: Mapping[str, float], own: Sketch, pose: Pose, machine: Device) -> Subject:
    """The seed's subject with these sizes: spaces are made so wide that the machine shows them as wide as that."""
    wanted = {name: value for name, value in values.items() if name not in (_EXTENT, _RATIO)}
    wanted["midbrain_mm"] = own.truth["midbrain_mm"] * values[_EXTENT] / _extent_mm(own, pose)
    for _ in range(_TRIES):
        subject = draw_subject(seed, wanted=wanted)
        shown = shown_sizes(subject.head, machine)
        missing = {name: value - shown[name] for name, value in values.items() if name in shown}
        if max(map(abs, missing.values())) < _EXACT / 10:
            break
        wanted |= {name: wanted[name] + by for name, by in missing.items()}
    return subject


def _extent_mm(head: Sketch, pose: Pose) -> float:
    """The height of the midbrain's box in the picture, mm, when the head is turned as the pose has it."""
    return float(np.ptp(pose.millimetres(head.outlines[Structure.MIDBRAIN])[:, 1]))


def _framed(pose: Pose, head: Sketch, machine: Device) -> Pose:
    """The pose, moved up as far as the lowest structure needs to lie in the picture, and down for the highest."""
    rows = np.concatenate([pose.pixels(outline)[:, 1] for outline in head.outlines.values()])
    first, last = picture_rows(machine.screen, machine.height)
    up, down = max(rows.max() + _MARGIN_PX - last, 0.0), max(first + _MARGIN_PX - rows.min(), 0.0)
    x, y = pose.origin_mm
    return replace(pose, origin_mm=(x, float(y + (down - up) * pose.mm_per_px)))


def _check(truth: Mapping[str, float], values: Mapping[str, float]) -> None:
    """Raise unless the head has every size that was drawn."""
    for name, value in values.items():
        if not abs(truth.get(name, np.inf) - value) < _EXACT:
            raise SettingsError(
                "A graded head has the sizes that were drawn",
                found=f"{name} is {truth.get(name)}, not {value}",
                remedy="Take another seed",
            )
