"""Which files of a folder have stopped changing, found by looking at sizes and times alone.

A file counts as settled once its size and its time of change have stayed the same for some seconds of this process's
own clock, so that the clock of the machine that wrote it does not matter.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nonet.frames.discovery import is_searched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nonet.outputs.records import Stamp

__all__ = ["SettledFiles"]


@dataclass(slots=True)
class _Seen:
    stamp: Stamp
    since: float
    given: bool = False


class SettledFiles:
    """The files below a folder, and since when each has stayed as it is.

    Parameters
    ----------
    folder
        The folder that is watched, to its depths; hidden files and folders are left out.
    skip
        A folder not to look into.
    settle_seconds
        For so long a file must stay as it is.
    clock
        Seconds that only grow.
    """

    def __init__(
        self, folder: Path, skip: Path, settle_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._folder, self._settle, self._clock = folder, settle_seconds, clock
        self._skipped = os.path.realpath(skip)
        self._seen: dict[str, _Seen] = {}

    @property
    def unsettled(self) -> int:
        """How many files have not been given as they now are."""
        return sum(not seen.given for seen in self._seen.values())

    def poll(self) -> list[Path]:
        """Look once: the files that have settled since they were last given, in the order of their names.

        It costs a look at the directory entry of each file, and memory for those that are there.

        Raises
        ------
        OSError
            If the watched folder itself cannot be listed.
        """
        now = self._clock()
        self._seen = {path: self._as_seen(path, stamp, now) for path, stamp in self._stamps(self._folder, named=True)}
        settled = [path for path, seen in self._seen.items() if not seen.given and now - seen.since >= self._settle]
        for path in settled:
            self._seen[path].given = True
        return sorted(map(Path, settled))

    def _as_seen(self, path: str, stamp: Stamp, now: float) -> _Seen:
        before = self._seen.get(path)
        return before if before and before.stamp == stamp else _Seen(stamp, now)

    def _stamps(self, folder: str | Path, *, named: bool = False) -> Iterator[tuple[str, Stamp]]:
        try:
            entries = os.scandir(folder)
        except OSError:
            if named:
                raise
            return
        with entries:
            for entry in entries:
                if not entry.name.startswith("."):
                    yield from self._stamps_of(entry)

    def _stamps_of(self, entry: os.DirEntry[str]) -> Iterator[tuple[str, Stamp]]:
        """The stamp of a file, of the files of a folder, or none of an entry that has just gone."""
        try:
            if entry.is_dir(follow_symlinks=False):
                if is_searched(Path(entry.path), self._skipped):
                    yield from self._stamps(entry.path)
            elif entry.is_file():
                found = entry.stat()
                yield entry.path, (found.st_size, found.st_mtime_ns)
        except OSError:
            return
