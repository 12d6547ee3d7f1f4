"""A loop as outputs get it: the document, and its frames once more where an output shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from nonet.cine import Loop
    from nonet.frame import Frame

__all__ = ["LOOP_SUFFIX", "LoopResult", "is_loop", "loop_path"]

LOOP_SUFFIX = ".loop.json"


def loop_path(folder: Path, name: str) -> Path:
    """Where the loop document of a source lies in an output folder."""
    return folder / f"{name}{LOOP_SUFFIX}"


def is_loop(frame: Frame) -> bool:
    """Whether a frame is one of a loop: of several of a DICOM instance; the pages of a TIFF are none."""
    return frame.source.frames > 1 and frame.source.format == "DICOM"


class LoopResult:
    """A loop and where its frames come from.

    Parameters
    ----------
    loop
        The document.
    open_frames
        Opens the frames again, in order.
    """

    def __init__(self, loop: Loop, open_frames: Callable[[], Iterator[Frame]]) -> None:
        self.loop = loop
        self._open_frames = open_frames

    def frames(self) -> Iterator[Frame]:
        """Each frame, decoded anew; one is in memory at a time."""
        return self._open_frames()
