"""A loop as outputs get it: the document, and its frames once more where an output shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.cine.loop import Taken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from nonet.cine import Loop
    from nonet.frame import Frame

__all__ = ["LOOP_SUFFIX", "LoopResult", "how_taken", "is_loop", "loop_path"]

LOOP_SUFFIX = ".loop.json"

_TAKEN = {
    Taken.READ: "read as stills are",
    Taken.FOLLOWED: "where an earlier frame has its head",
    Taken.BOXED: "likewise for their boxes alone",
    Taken.COPIED: "near-identical to an earlier one and not computed",
}


def loop_path(folder: Path, name: str) -> Path:
    """Where the loop document of a source lies in an output folder."""
    return folder / f"{name}{LOOP_SUFFIX}"


def is_loop(frame: Frame) -> bool:
    """Whether a frame is one of a loop: of several of a DICOM instance; the pages of a TIFF are none."""
    return frame.source.frames > 1 and frame.source.format == "DICOM"


def how_taken(loop: Loop) -> str:
    """How many frames a loop has, and how their values came about; ways that none was taken in are left out."""
    counts = loop.counts()
    named = [f"{count} {_TAKEN[how]}" for how, count in counts.items() if count]
    return f"{len(loop.frames)} frames: {', '.join(named)}"


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
