"""One run at a time writes to an output folder."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import filelock

from nonet.errors import EnvironmentFailure
from nonet.frames.discovery import MARKER

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FolderLock"]

_FILE = "lock"
_LEFT_BEHIND = re.compile(r".+\.[0-9a-f]{8}\.part")


class FolderLock:
    """Holds an output folder until it is released or the process ends.

    Parameters
    ----------
    folder
        The output folder; it exists.

    Raises
    ------
    EnvironmentFailure
        If another run holds it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / MARKER).mkdir(exist_ok=True)
        self._lock = filelock.FileLock(folder / MARKER / _FILE, blocking=False)
        try:
            self._lock.acquire()
        except filelock.Timeout as problem:
            raise EnvironmentFailure(
                "One run at a time writes to an output folder",
                found=f"another run that writes to {folder}",
                remedy="Wait until it has ended, or name another folder with --out",
            ) from problem
        except NotImplementedError:  # a file system without locks
            return
        _tidy(folder)

    def release(self) -> None:
        """Remove what a worker that was stopped left half written, and let others write to the folder."""
        _tidy(self._folder)
        self._lock.release()


def _tidy(folder: Path) -> None:
    """Remove what a run that was killed left half written."""
    for path in folder.rglob("*.part"):
        if _LEFT_BEHIND.fullmatch(path.name):
            path.unlink(missing_ok=True)
