"""A frame with one structure of a wanted grade: start, target and range from the table of bands, then the edit."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import Grade
from nonet.errors import SettingsError
from nonet.simulate.edits.bands import GRADES, draw_target, edit_bands
from nonet.simulate.edits.edit import drawn_from, edit
from nonet.simulate.edits.start import agreed, head_unit_px, starting_size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from nonet.anatomy import Structure
    from nonet.reading import Box
    from nonet.simulate.edits.bands import EditBand
    from nonet.simulate.edits.edit import Edited

__all__ = ["GradedEdit", "edit_to_grade"]

_MOST = 1.3


@dataclass(frozen=True, slots=True)
class GradedEdit:
    """An edit with what it was made for.

    Attributes
    ----------
    edited
        The frame.
    grade
        Of the structure after the edit: trained on this, a grader is trained on controlled edits.
    start, target
        Its size before and after, in ``unit``.
    unit
        Of the band: millimetres, which are head units times its median length where there is no pixel size.
    """

    edited: Edited
    grade: Grade
    start: float
    target: float
    unit: str


def edit_to_grade(
    pixels: NDArray[np.uint8],
    boxes: Mapping[Structure, Box],
    structure: Structure,
    variable: str,
    grade: Grade,
    seed: int,
    *,
    mm_per_px: float | None = None,
    target: float | None = None,
) -> GradedEdit:
    """The frame with a structure of a grade.

    Parameters
    ----------
    pixels
        ``uint8[H, W]``.
    boxes
        Of the frame's structures, pixels.
    structure, variable
        One of `nonet.simulate.edits.edit.EDITED`.
    grade
        Normal, borderline or abnormal.
    seed
        With frame, variable and grade it decides the target.
    mm_per_px
        The frame's pixel size; without one the head unit stands in.
    target
        In place of one that is drawn, in the band's unit: the start's own for a sham.

    Raises
    ------
    SettingsError
        If the variable has no bands or no box, there is no scale, or there is no room for the change.
    """
    band = edit_bands().of(structure, variable)
    scale = band.px_per_unit(mm_per_px=mm_per_px, head_unit_px=head_unit_px(boxes))
    start = agreed(starting_size(pixels, boxes, structure, variable))
    _check_start(band, start / scale)
    if target is None:
        identity = [*drawn_from(pixels, structure, seed), GRADES.index(grade)]
        rng = np.random.default_rng([*identity, zlib.crc32(variable.encode())])
        target = draw_target(band, grade, rng)
    least, most = (size * scale for size in band.sizes)
    edited = edit(
        pixels,
        boxes,
        structure,
        start,
        target * scale,
        seed,
        sizes=(min(least, target * scale), max(most, target * scale)),
        variable=variable,
    )
    return GradedEdit(edited, grade, start / scale, target, band.unit)


def _check_start(band: EditBand, start: float) -> None:
    """Raise if a size is abnormal before the edit, or far above the normal ones: most often another line was taken."""
    if band.grade(start) is not Grade.ABNORMAL and start <= max(_MOST * band.normal[1], 0.0):
        return
    raise SettingsError(
        f"An edit starts from a size that is not abnormal, and at most {_MOST:g} times the greatest normal one",
        found=f"{start:.2f} {band.unit}",
        remedy="Leave this frame out, at every grade",
    )
