"""A structure by its number, colour and name, as on every page of Nonet."""

from __future__ import annotations

from nonet.anatomy import STRUCTURES
from nonet.outputs.palette import MARKS
from nonet.study.report.blocks import Block, joined, span
from nonet.study.report.wording import structure_label

__all__ = ["chip_rules", "named"]

_NUMBERS = {structure.value: MARKS[structure].number for structure in STRUCTURES}


def named(structure: str) -> Block:
    """Number and name; the name alone of what is none of the nine."""
    number = _NUMBERS.get(structure)
    if number is None:
        return joined([structure_label(structure)])
    return joined([span(str(number), class_=f"chip s{number}"), " ", structure_label(structure)])


def chip_rules() -> str:
    """The colours of the numbers as rules of a style sheet."""
    return "\n".join(f".s{mark.number} {{ background: {mark.colour}; }}" for mark in MARKS.values())
