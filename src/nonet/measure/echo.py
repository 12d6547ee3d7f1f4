"""The echo of the nasal bone against that of the skin above it: the ratio of the grey that both lines reach.

A bone that is as bright as its skin or brighter is called present (Fetal Medicine Foundation). The ratio follows the
machine's grey map: it compares frames of one setting, and has no interval, since no truth is known for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.measure.bright_line import find_bright_line
from nonet.measure.line_length import inside_box, plateau
from nonet.reading import Measurement

if TYPE_CHECKING:
    from nonet.measure.patch import HeadPicture
    from nonet.reading import Box

__all__ = ["ECHO", "measure_echo"]

ECHO = "echo"
_UNIT = "ratio to skin"
_DECIMALS = 2
_ABOVE = 0.6
_LEAST_GREY = 8.0
"""A skin that is darker than this shows nothing to compare with."""
_NO_SKIN = "not measurable: the nasal skin is not visible"
_NO_LINE = "not measurable: nasal bone or skin has no line"


def measure_echo(picture: HeadPicture, bone: Box, skin: Box | None) -> Measurement:
    """The grey of the bone's line, as a ratio to the grey of the skin's.

    Parameters
    ----------
    picture
        The head frame.
    bone, skin
        Boxes in the head frame; no skin where it is not visible.
    """
    if skin is None:
        return Measurement(ECHO, None, _UNIT, reason=_NO_SKIN)
    grey_of_bone, grey_of_skin = _grey(picture, bone), _grey(picture, skin)
    if grey_of_bone is None or grey_of_skin is None or grey_of_skin < _LEAST_GREY:
        return Measurement(ECHO, None, _UNIT, reason=_NO_LINE)
    return Measurement(ECHO, round(grey_of_bone / grey_of_skin, _DECIMALS), _UNIT)


def _grey(picture: HeadPicture, box: Box) -> float | None:
    patch = picture.patch(box, 0, _ABOVE * box.height)
    line = find_bright_line(patch)
    return None if line is None else plateau(line, inside_box(patch, line))
