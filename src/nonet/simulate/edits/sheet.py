"""Before and after, for the eye: a frame's structure as it is, as a sham copy, and at every grade, pixel by pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import Grade
from nonet.simulate.edits.bands import edit_bands
from nonet.simulate.edits.graded import edit_to_grade
from nonet.simulate.edits.start import head_unit_px, starting_size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from nonet.anatomy import Structure
    from nonet.reading import Box

__all__ = ["edit_strip"]

_ABOUT = (0.25, 0.8)
_LEAST_ABOUT_PX = (24.0, 45.0)
_LINE = 2
_SHOWN = (Grade.BORDERLINE, Grade.ABNORMAL)


def edit_strip(
    pixels: NDArray[np.uint8],
    boxes: Mapping[Structure, Box],
    structure: Structure,
    variable: str,
    seed: int,
    *,
    mm_per_px: float | None = None,
) -> tuple[NDArray[np.uint8], tuple[float, ...]]:
    """The part of a frame around a structure: as it is, sham, borderline, abnormal, one below the other.

    Parameters
    ----------
    pixels, boxes, structure, variable, seed, mm_per_px
        As for `edit_to_grade`.

    Returns
    -------
    ``uint8[H, W]`` at full resolution, a white line between, and the four values in the band's unit.

    Raises
    ------
    SettingsError
        As `edit_to_grade`.
    """
    scale = edit_bands().of(structure, variable).px_per_unit(mm_per_px=mm_per_px, head_unit_px=head_unit_px(boxes))
    start = starting_size(pixels, boxes, structure, variable).edges / scale
    wanted = [(Grade.NORMAL, start), *((grade, None) for grade in _SHOWN)]
    made = [
        edit_to_grade(pixels, boxes, structure, variable, grade, seed, mm_per_px=mm_per_px, target=target)
        for grade, target in wanted
    ]
    part = _part(boxes[structure], pixels.shape)
    shown = [pixels[part], *(one.edited.pixels[part] for one in made)]
    framed = [np.pad(one, ((0, _LINE), (0, 0)), constant_values=255) for one in shown]
    return np.vstack(framed), (start, *(one.target for one in made))


def _part(box: Box, shape: tuple[int, ...]) -> tuple[slice, slice]:
    beside, above = (
        max(share * side, least)
        for share, side, least in zip(_ABOUT, (box.width, box.height), _LEAST_ABOUT_PX, strict=True)
    )
    return (
        slice(max(int(box.y1 - above), 0), min(int(box.y2 + above), shape[0])),
        slice(max(int(box.x1 - beside), 0), min(int(box.x2 + beside), shape[1])),
    )
