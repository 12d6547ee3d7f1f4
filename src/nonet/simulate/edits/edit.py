"""Give a structure of a frame another size, by a known amount, with the same machinery whatever the amount.

Every edit, of no change too, goes the same way: two steps of one energy (`nonet.simulate.edits.matched`), speckle drawn
anew in the same place, the finest detail made as strong as it was (`nonet.simulate.edits.speckle`).
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nonet.anatomy import STRUCTURES, Structure
from nonet.errors import SettingsError
from nonet.frame import pixels_sha256
from nonet.reading import Box
from nonet.simulate.edits.bar import bar_shape
from nonet.simulate.edits.gap import GapEdit, gap_shape
from nonet.simulate.edits.lower_edge import continued, lower_edge
from nonet.simulate.edits.matched import extreme_of, moved, moving_energy, veiled, veiling_energy
from nonet.simulate.edits.shrink import region_shape
from nonet.simulate.edits.speckle import drawn_speckle, fine_strength, limited, sharpened_to, strength_of, taken_apart
from nonet.simulate.edits.veil import echo_veil, gap_veil

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from nonet.simulate.edits.shape import Shape
    from nonet.simulate.edits.veil import Veil
    from nonet.simulate.edits.window import FloatArray, Window

__all__ = ["EDITED", "Edited", "Warp", "drawn_from", "edit"]

_GAPS = {
    Structure.NUCHAL_TRANSLUCENCY: GapEdit(rise=0.1, even=0.8, taper=0.35, carries=True),
    Structure.FOURTH_VENTRICLE: GapEdit(rise=1.0, even=0.4, fade=0.9, reach=3.0),
    Structure.CISTERNA_MAGNA: GapEdit(rise=0.0, even=0.6, fade=0.6, reach=2.5),
}
_KEPT = {Structure.NUCHAL_TRANSLUCENCY: (Structure.FOURTH_VENTRICLE, Structure.CISTERNA_MAGNA)}
"""Structures above a gap that an edit of it leaves as they are."""

_CORNERS = 24.0
_MARGIN_PX = 8

EDITED: tuple[tuple[Structure, str], ...] = (
    (Structure.NUCHAL_TRANSLUCENCY, "thickness"),
    (Structure.NASAL_BONE, "length"),
    (Structure.NASAL_BONE, "echo"),
    (Structure.FOURTH_VENTRICLE, "antero_posterior"),
    (Structure.CISTERNA_MAGNA, "width"),
    (Structure.PALATE, "gap"),
    (Structure.MIDBRAIN, "extent"),
)
"""What can be edited: structure and variable. The first of a structure is the one meant where none is named."""


@dataclass(frozen=True, slots=True)
class Warp:
    """How an edit moved what it moved.

    Attributes
    ----------
    left, top
        Corner of its part of the frame, pixels.
    went
        ``float64[2, H, W]``: how far down and to the right each pixel of the frame before went.
    came
        ``float64[2, H, W]``: from how far down and to the right each pixel of the frame after came.
    extreme
        The size to which it went out, in the unit of ``start``.
    energy
        Of both steps: squared displacement in pixels squared, or squared change of grey.
    power
        Exponent of the outline that is taken to fill a box: 2 for an oval; the greater, the more of the corners.
    """

    left: int
    top: int
    went: FloatArray
    came: FloatArray
    extreme: float
    energy: float
    power: float = _CORNERS

    def box(self, box: Box) -> Box:
        """The box around the image of the outline that fills a box; the box itself where nothing moved."""
        turn = np.linspace(0, 2 * np.pi, 160, endpoint=False)
        cos, sin = (np.sign(one) * np.abs(one) ** (2 / self.power) for one in (np.cos(turn), np.sin(turn)))
        (x, y), edges = box.centre, (box.width / 2, box.height / 2)
        columns, rows = x + edges[0] * cos, y + edges[1] * sin
        places = [rows - self.top - 0.5, columns - self.left - 0.5]
        down, right = (ndimage.map_coordinates(one, places, order=1, mode="constant") for one in self.went)
        if not (down.any() or right.any()):
            return box
        rows, columns = rows + down, columns + right
        return Box(float(columns.min()), float(rows.min()), float(columns.max()), float(rows.max()))


@dataclass(frozen=True, slots=True)
class Edited:
    """A frame after an edit.

    Attributes
    ----------
    pixels
        ``uint8[H, W]``.
    boxes
        Each box as the image of what it was before.
    amount
        ``target - start``.
    support
        ``bool[H, W]``: where pixels may differ from those before; the same for every target.
    warp
        What moved.
    """

    pixels: NDArray[np.uint8]
    boxes: dict[Structure, Box]
    amount: float
    support: NDArray[np.bool_]
    warp: Warp


def edit(
    pixels: NDArray[np.uint8],
    boxes: Mapping[Structure, Box],
    structure: Structure,
    start: float,
    target: float,
    seed: int,
    *,
    sizes: tuple[float, float],
    variable: str | None = None,
) -> Edited:
    """The frame with one structure at another size.

    Parameters
    ----------
    pixels
        ``uint8[H, W]``.
    boxes
        Of the frame's structures, pixels.
    structure
        What is edited, one of `EDITED`.
    start, target
        The size it has and the one it is given: pixels across its own axis; of the echo of the nasal bone any unit in
        which grey is in proportion.
    seed
        With pixels, structure and target it decides the speckle, and where in the palate a gap lies.
    sizes
        The least and the greatest size that any grade of this frame is given: what the energy of every edit is for.
    variable
        Which of the structure's variables, if it has two.

    Raises
    ------
    SettingsError
        If the structure has no operator or no box, a size is not one, or there is no room for the change.

    Examples
    --------
    >>> from nonet.simulate import simulate
    >>> made = simulate(3)
    >>> sham = edit(made.pixels, made.boxes, Structure.MIDBRAIN, 60, 60, seed=0, sizes=(40, 60))
    >>> sham.amount
    0
    >>> round(sham.warp.extreme) > 60
    True
    """
    name = _variable(structure, variable)
    if structure not in boxes:
        raise SettingsError(
            "What is edited has a box", found=f"none of the {structure.label}", remedy="Edit a structure that is seen"
        )
    _check_sizes((start, target, *sizes), zero=name == "gap")
    whole = (min(*sizes, start), max(*sizes, start))
    grey, box = pixels.astype(np.float64), boxes[structure]
    identity = [*drawn_from(pixels, structure, seed), zlib.crc32(name.encode())]
    place = float(np.random.default_rng(identity).uniform())
    rng = np.random.default_rng([*identity, zlib.crc32(np.float64(target).tobytes())])
    if name in ("echo", "gap"):
        veil = echo_veil(grey, box, start) if name == "echo" else gap_veil(grey, box, whole[1], place)
        extreme, energy = extreme_of(veiling_energy(grey, veil), start, target, whole)
        part = _veiled(grey[veil.window.slices], veil, (start, extreme, target), rng)
        nowhere = np.zeros((2, *part.shape))
        warp = Warp(veil.window.left, veil.window.top, nowhere, nowhere, extreme, energy)
        return _edited(pixels, boxes, target - start, part, veil.zone, veil.window, warp)
    edge = lower_edge(grey)
    carries = structure in _GAPS and _GAPS[structure].carries
    if carries:
        grey = continued(grey, edge, int(whole[1] - whole[0]) + _MARGIN_PX)
    shape = _shape(grey, boxes, structure, (start, *whole), edge)
    extreme, energy = extreme_of(moving_energy(shape), start, target, whole)
    part = _moved(grey[shape.window.slices], shape, (start, extreme, target), rng)
    inside = slice(0, pixels.shape[0] - shape.window.top)
    went, came = (shape.displaced(*pair)[:, inside] for pair in ((start, target), (target, start)))
    warp = Warp(shape.window.left, shape.window.top, went, came, extreme, energy, shape.power)
    zone = shape.zone
    if carries:
        rows = np.arange(zone.shape[0])[:, None] + shape.window.top
        zone = np.where(rows <= edge[shape.window.slices[1]], zone, 0.0)
    return _edited(pixels, boxes, target - start, part, zone, shape.window, warp)


def drawn_from(pixels: NDArray[np.uint8], structure: Structure, seed: int) -> list[int]:
    """What the draws of a structure's edits come from: the seed, the frame's pixels, the structure."""
    return [seed, int(pixels_sha256(pixels)[:12], 16), STRUCTURES.index(structure)]


def _variable(structure: Structure, variable: str | None) -> str:
    own = [name for one, name in EDITED if one is structure]
    if variable is None and own:
        return own[0]
    if variable in own:
        return variable
    raise SettingsError(
        f"What is edited is one of {', '.join(f'{one.label} {name}' for one, name in EDITED)}",
        found=f"{structure.label} {variable or ''}".strip(),
        remedy="Choose one of these",
    )


def _check_sizes(sizes: tuple[float, ...], *, zero: bool) -> None:
    if all(math.isfinite(size) and (size > 0 or (zero and size == 0)) for size in sizes) and sizes[2] <= sizes[3]:
        return
    raise SettingsError(
        "Start, target and the range of sizes are above zero, the least size first",
        found=", ".join(f"{size:g}" for size in sizes),
        remedy="Give sizes in pixels",
    )


def _shape(
    grey: FloatArray,
    boxes: Mapping[Structure, Box],
    structure: Structure,
    sizes: tuple[float, float, float],
    edge: FloatArray,
) -> Shape:
    box = boxes[structure]
    if structure in _GAPS:
        kept = [boxes[one] for one in _KEPT.get(structure, ()) if one in boxes]
        return gap_shape(grey, box, sizes, _GAPS[structure], kept, edge)
    return region_shape(grey, box, sizes[0]) if structure is Structure.MIDBRAIN else bar_shape(grey, box, sizes)


def _moved(part: FloatArray, shape: Shape, sizes: tuple[float, float, float], rng: np.random.Generator) -> FloatArray:
    lasting, speckle = taken_apart(part, shape.sharp)
    strength = strength_of(speckle, shape.sharp)
    drawn = drawn_speckle(speckle, strength, shape.zone, rng)
    strength, fine = (moved(one, shape, sizes, order=1) for one in (strength, fine_strength(part)))
    lasting, own = moved(lasting, shape, sizes), moved(speckle, shape, sizes)
    return _joined(lasting, own, limited(strength, lasting) * drawn, shape.zone, fine)


def _veiled(part: FloatArray, veil: Veil, sizes: tuple[float, float, float], rng: np.random.Generator) -> FloatArray:
    lasting, speckle = taken_apart(part, veil.sharp)
    own = strength_of(speckle, veil.sharp)
    drawn = drawn_speckle(speckle, own, veil.zone, rng)
    kept, around = np.minimum(veil.kept(sizes[2]), 1.0), veil.zone < 0.05
    strength, fine = (kept * one + (1 - kept) * float(np.median(one[around])) for one in (own, fine_strength(part)))
    lasting = veiled(lasting, veil, sizes)
    return _joined(lasting, speckle, limited(strength, lasting) * drawn, veil.zone, fine)


def _joined(lasting: FloatArray, own: FloatArray, drawn: FloatArray, zone: FloatArray, fine: FloatArray) -> FloatArray:
    """Lines and tone with the speckle that is drawn in the zone and their own outside it."""
    grey = np.clip(lasting + np.sqrt(1 - zone**2) * own + zone * drawn, 0, 255)
    return np.clip(sharpened_to(grey, fine, zone), 0, 255)


def _edited(
    pixels: NDArray[np.uint8],
    boxes: Mapping[Structure, Box],
    amount: float,
    part: FloatArray,
    zone: FloatArray,
    window: Window,
    warp: Warp,
) -> Edited:
    result, support = pixels.copy(), np.zeros(pixels.shape, np.bool_)
    inside = pixels[window.slices]
    changed, part = (zone > 0)[: len(inside)], part[: len(inside)]
    support[window.slices] = changed
    result[window.slices] = np.where(changed, np.rint(part).astype(np.uint8), inside)
    return Edited(result, {one: warp.box(box) for one, box in boxes.items()}, amount, support, warp)
