"""What outputs show of the text that a machine burnt into a frame."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["BurntIn"]


class BurntIn(StrEnum):
    """What a picture shows of text, callipers and rulers that a machine drew into the pixels."""

    KEPT = "kept"
    MASKED = "masked"

    @property
    def words(self) -> str:
        """As a picture or page says it."""
        if self is BurntIn.MASKED:
            return "burnt-in text is masked where it was found"
        return "burnt-in text is kept and may name the patient"
