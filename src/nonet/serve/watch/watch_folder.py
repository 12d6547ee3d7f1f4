"""Read what is put into a folder, for as long as the program runs, into an output folder.

Each file ends as one result, or as one entry of ``failures.json``. Both are there whole or not at all, so a program
that is killed goes on where it was: a file whose results are there is not read again, any other is.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nonet.frames.discovery import is_image
from nonet.outputs.folder import FoundFile
from nonet.serve.own_files import is_own_file
from nonet.serve.watch.failures_file import FailuresFile
from nonet.serve.watch.settled_files import SettledFiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from nonet.outputs.folder import OutputFolder
    from nonet.outputs.read_file import Job

__all__ = ["Batch", "WatchFolder"]

_POLL_SECONDS = 1.0
_SHARE_OF_TIME = 0.1
"""Looking takes at most this share of one core."""
_SHARED_EVERY_SECONDS = 60.0
_NAP_SECONDS = 0.2
_WORTH_WORKERS = 16


@dataclass(frozen=True, slots=True)
class Batch:
    """How many files were read, and how many could not be."""

    read: int
    failed: int


class _Stopped(Exception):
    """The program was asked to end between two files."""


class WatchFolder:
    """A folder that is watched, and the output folder that gets the results.

    Parameters
    ----------
    watched
        The folder; it is never written to.
    folder
        The output folder, held by this process.
    settle_seconds
        For so long a file must stay as it is before it is read.
    stopped
        Whether the program was asked to end: the file that is being read is finished first.
    workers
        Processes for a batch of many files; one file at a time is read by this process.
    """

    def __init__(
        self,
        watched: Path,
        folder: OutputFolder,
        settle_seconds: float,
        stopped: Callable[[], bool],
        workers: int = 1,
    ) -> None:
        self._watched, self._folder, self._stopped, self._workers = watched, folder, stopped, workers
        self._files = SettledFiles(watched, folder.out, settle_seconds)
        self.failures = FailuresFile(folder.out)
        self._shared_at, self._shared_took, self._is_shared = 0.0, 0.0, True

    def run(self, *, once: bool = False) -> Iterator[Batch]:
        """Read what has settled, again and again; ends when asked to, or ``once`` all that is there has been read.

        Yields
        ------
        How many files were read and how many could not be, after each batch.
        """
        while not self._stopped():
            begun = time.monotonic()
            files = self._files.poll()
            looking = time.monotonic() - begun
            if batch := self._read([path for path in files if is_image(path) and not is_own_file(path)]):
                yield batch
            self._share()
            if once and not self._files.unsettled:
                return
            self._wait(max(_POLL_SECONDS, looking / _SHARE_OF_TIME))

    def _read(self, paths: Sequence[Path]) -> Batch | None:
        """Read some files; those that were not begun when the program was asked to end are left for the next run."""
        if not paths:
            return None
        names = dict(zip(self._folder.add([FoundFile(path, self._watched) for path in paths]), paths, strict=True))
        unread = self._folder.unfinished(paths)
        workers = self._workers if len(unread) >= _WORTH_WORKERS else 1
        begun: list[str] = []
        self._folder.failures.clear()
        readings = self._folder.read_files(unread, lambda jobs: self._until_stopped(jobs, begun), workers=workers)
        settled: Iterable[str] = begun
        try:
            deque(readings, maxlen=0)
            settled = names
        except _Stopped:
            pass
        failures = [failure for failure in self._folder.failures if names[failure.name].exists()]
        self.failures.update(settled, failures)
        self._folder.failures[:] = self.failures
        self._is_shared = self._is_shared and not begun
        return Batch(len(begun) - len(failures), len(failures)) if begun else None

    def _until_stopped(self, jobs: Sequence[Job], begun: list[str]) -> Iterator[Job]:
        for job in jobs:
            if self._stopped():
                raise _Stopped
            begun.append(job.name)
            yield job

    def _share(self) -> None:
        """Write what the frames share, no more often than is worth its time."""
        wait = max(_SHARED_EVERY_SECONDS, self._shared_took / _SHARE_OF_TIME)
        if self._is_shared or time.monotonic() - self._shared_at < wait:
            return
        begun = time.monotonic()
        self._folder.write_shared()
        self._shared_at = time.monotonic()
        self._shared_took, self._is_shared = self._shared_at - begun, True

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._stopped() and (left := until - time.monotonic()) > 0:
            time.sleep(min(_NAP_SECONDS, left))
