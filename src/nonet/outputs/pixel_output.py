"""Outputs that show a frame's pixels: as they came, or with what the machine burnt in masked.

The choice does not change a reading. A note beside each result says what was masked, so that a run with the other
choice writes it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.files import replacing
from nonet.frames.discovery import MARKER
from nonet.outputs.burnt_in import BurntIn
from nonet.outputs.output import Output

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nonet.outputs.frame_result import FrameResult

__all__ = ["PixelOutput", "mask_overlays"]

_MASKED = "masked"


class PixelOutput(Output):
    """An output that shows pixels; ``burnt_in`` says whether what is burnt in is kept."""

    burnt_in = BurntIn.KEPT

    def is_current(self, name: str) -> bool:
        """Whether the files of a frame are masked if, and only if, this run masks."""
        return self.burnt_in_of(name) is self.burnt_in

    def burnt_in_of(self, name: str) -> BurntIn:
        """What the files of a frame that are there show."""
        return BurntIn.MASKED if self._note(name).is_file() else BurntIn.KEPT

    def burnt_in_of_all(self, names: Sequence[str]) -> BurntIn:
        """What the files of all these frames show: one that keeps it is enough to say so."""
        masked = all(self.burnt_in_of(name) is BurntIn.MASKED for name in names)
        return BurntIn.MASKED if names and masked else BurntIn.KEPT

    def write_frame(self, name: str, result: FrameResult) -> None:
        """Write the files of a frame; while they are written they count as kept."""
        self._note(name).unlink(missing_ok=True)
        self.write_pixels(name, result)
        self.note_written(name)

    def write_pixels(self, name: str, result: FrameResult) -> None:
        """Write the files of a frame, whose pixels and picture it takes from the result as ``burnt_in`` says."""
        raise NotImplementedError

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
