"""Outputs that show a frame's pixels: as they came, or with what the machine burnt in masked.

The choice does not change a reading. A note beside each result says what was masked, so that a run with the other
choice writes it again.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from nonet.files import replacing
from nonet.frames.discovery import MARKER
from nonet.frames.overlay.blank import outside_image, words
from nonet.outputs.output import Output

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from nonet.frame import Frame

__all__ = ["BurntIn", "PixelOutput", "mask_overlays"]

_MASKED = "masked"
_last: list[tuple[Frame, NDArray[np.uint8]]] = []


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


class PixelOutput(Output):
    """An output that shows pixels; ``burnt_in`` says whether what is burnt in is kept."""

    burnt_in = BurntIn.KEPT

    def is_current(self, name: str) -> bool:
        """Whether the files of a frame are masked if, and only if, this run masks."""
        return self.burnt_in_of(name) is self.burnt_in

    def burnt_in_of(self, name: str) -> BurntIn:
        """What the files of a frame that are there show."""
        return BurntIn.MASKED if self._note(name).is_file() else BurntIn.KEPT

    def pixels_to_show(self, name: str, frame: Frame) -> NDArray[np.uint8]:
        """The pixels of a frame as this output shows them, ``uint8[H, W]``; until `note_written` they count as kept."""
        self._note(name).unlink(missing_ok=True)
        return _masked(frame) if self.burnt_in is BurntIn.MASKED else frame.pixels

    def note_written(self, name: str) -> None:
        """Take down that the files of a frame are written."""
        if self.burnt_in is BurntIn.MASKED:
            note = self._note(name)
            note.parent.mkdir(parents=True, exist_ok=True)
            with replacing(note) as file:
                file.write(self.burnt_in.words)

    def _note(self, name: str) -> Path:
        return self.folder / MARKER / _MASKED / self.name / f"{name}.txt"


def mask_overlays(outputs: Sequence[Output]) -> None:
    """Have all outputs that show pixels mask what is burnt in."""
    for output in outputs:
        if isinstance(output, PixelOutput):
            output.burnt_in = BurntIn.MASKED


def _masked(frame: Frame) -> NDArray[np.uint8]:
    """The pixels with everything drawn, and all outside the image, black; outputs of one frame share them."""
    if not _last or _last[0][0] is not frame:
        drawn = words(frame.pixels, frame.overlay)
        outside = outside_image(frame.pixels, frame.regions, drawn)
        hidden = drawn if outside is None else drawn | outside
        _last[:] = [(frame, np.where(hidden, np.uint8(0), frame.pixels))]
    return _last[0][1]
