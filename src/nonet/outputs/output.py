"""The interface of an output: what it writes for each frame, each source, each loop, and the whole folder."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nonet.errors import Failure
    from nonet.frame import Source
    from nonet.outputs.frame_result import FrameResult
    from nonet.outputs.loop_result import LoopResult
    from nonet.reading import Reading

__all__ = ["Entry", "Output", "State"]


class State(StrEnum):
    """What has become of the file that a reading is of.

    ``UNREADABLE``: the file is another now, and cannot be read; the reading is of its earlier version.
    """

    PRESENT = "present"
    GONE = "gone"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Entry:
    """One frame of an output folder.

    ``name`` is that of its results under the folder; ``picture`` is its drawn picture as a file or bytes, if there is
    one; ``state`` is that of the file which it was read from.
    """

    name: str
    reading: Reading
    picture: Path | bytes | None = None
    state: State = State.PRESENT


class Output:
    """One form in which readings leave; a form overrides what it writes.

    Parameters
    ----------
    folder
        The output folder.
    """

    name: str

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def writes_folders(cls) -> bool:
        """Whether it writes what all frames of a folder share."""
        return cls.write_folder is not Output.write_folder

    @classmethod
    def writes_stills(cls) -> bool:
        """Whether it writes anything of single frames or sources; one of loops alone does not."""
        return cls.write_frame is not Output.write_frame or cls.write_source is not Output.write_source

    def declines(self, source: Source) -> str | None:
        """Why this form has nothing to say of a source; None where it has."""
        del source
        return None

    def files_of(self, name: str) -> Sequence[Path]:
        """The files that `write_frame` leaves for a frame; a frame without one of them is read again."""
        del name
        return ()

    def is_current(self, name: str) -> bool:
        """Whether the files of a frame that are there are in the form in which this run would write them."""
        del name
        return True

    def write_frame(self, name: str, result: FrameResult) -> None:
        """Write what a frame has of its own."""

    def source_files_of(self, name: str) -> Sequence[Path]:
        """The files that `write_source` leaves for a source; a source without one of them is read again."""
        del name
        return ()

    def write_source(self, name: str, path: Path, readings: Sequence[Reading]) -> None:
        """Write what the frames of one source share, once they are read: all of them, or those that can be."""

    def loop_files_of(self, name: str) -> Sequence[Path]:
        """The files that `write_loop` leaves for a loop; one without one of them is read again."""
        del name
        return ()

    def write_loop(self, name: str, result: LoopResult) -> None:
        """Write what a loop has besides its document, once its frames are read."""

    def write_folder(self, entries: Sequence[Entry], failures: Sequence[Failure]) -> None:
        """Write what all frames of the folder share, once they are read."""
