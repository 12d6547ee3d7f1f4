"""The parts of a structure's sizes, so that only what a study needs is measured."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["SizePart"]


class SizePart(StrEnum):
    """Sizes that a study may need besides features."""

    RULER = "ruler"
    BOX = "box"
