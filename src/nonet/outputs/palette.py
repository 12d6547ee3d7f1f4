"""How each structure is marked wherever it is shown: a number, a letter, a colour, a line.

The colours were chosen so that any two stay apart for normal vision and for the three kinds of
colour blindness as simulated by Machado, Oliveira and Fernandes (2009, doi 10.1109/TVCG.2009.113).
Structures that lie side by side also differ in line, and number and letter need no colour at all.
"""

from __future__ import annotations

from dataclasses import dataclass

from nonet.anatomy import Structure

__all__ = ["MARKS", "Mark"]

_DASHED = (9, 5)
_DOTTED = (3, 3)


@dataclass(frozen=True, slots=True)
class Mark:
    """The marks of one structure.

    Parameters
    ----------
    number
        1 to 9, its place in every table.
    letter
        One letter for a terminal; upper and lower case are two letters.
    colour
        ``#rrggbb``, meant for a dark ground.
    dash
        Pixels drawn and pixels left out along a line, or None for a solid line.
    """

    number: int
    letter: str
    colour: str
    dash: tuple[int, int] | None = None


MARKS: dict[Structure, Mark] = {
    Structure.THALAMI: Mark(1, "T", "#d19d7d"),
    Structure.MIDBRAIN: Mark(2, "M", "#97a4f2", _DASHED),
    Structure.PALATE: Mark(3, "P", "#f29a00", _DASHED),
    Structure.FOURTH_VENTRICLE: Mark(4, "V", "#4affec"),
    Structure.CISTERNA_MAGNA: Mark(5, "C", "#fcf310", _DOTTED),
    Structure.NUCHAL_TRANSLUCENCY: Mark(6, "N", "#f35a39"),
    Structure.NASAL_TIP: Mark(7, "t", "#2e99ad", _DOTTED),
    Structure.NASAL_SKIN: Mark(8, "s", "#b06afc", _DASHED),
    Structure.NASAL_BONE: Mark(9, "b", "#b4ff99"),
}
"""The marks of the nine structures."""
