"""The node's folder: files with generated names, synced before they count, and the room that is left.

``incoming`` holds what is being received, ``instances`` what was received, ``results`` what is to be sent. A file that
the queue does not know is left over from a crash, and goes when the node starts.
"""

from __future__ import annotations

import os
import secrets
import shutil
from typing import TYPE_CHECKING

import filelock

from nonet.errors import EnvironmentFailure

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

__all__ = ["Spool", "sync"]


class Spool:
    """The folder of one node; it is made, and only its owner may look into it.

    Parameters
    ----------
    folder
        Where it lies.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.incoming, self.instances, self.results = (folder / name for name in ("incoming", "instances", "results"))
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for part in (self.incoming, self.instances, self.results):
            part.mkdir(exist_ok=True, mode=0o700)

    def hold(self) -> filelock.BaseFileLock:
        """Hold the folder until the lock is released or the process ends.

        Raises
        ------
        EnvironmentFailure
            If another node holds it.
        """
        lock = filelock.FileLock(self.folder / "lock", blocking=False)
        try:
            lock.acquire()
        except filelock.Timeout as problem:
            raise EnvironmentFailure(
                "One node at a time works in a spool",
                found=f"another node that works in {self.folder}",
                remedy="Stop it, or name another spool in the configuration",
            ) from problem
        return lock

    def adopt(self, received: Path) -> str:
        """Move a file from ``incoming`` among the instances, durably; its new name."""
        name = f"{secrets.token_hex(16)}.dcm"
        sync(received)
        received.replace(self.instances / name)
        sync(self.instances)
        return name

    def new_result(self, job: int) -> Path:
        """A free path for a result of an instance."""
        return self.results / f"{job}-{secrets.token_hex(16)}.dcm"

    def remove_results(self, job: int) -> None:
        """Remove what a reader that ended left of an instance's results."""
        for path in self.results.glob(f"{job}-*"):
            path.unlink(missing_ok=True)

    def free_bytes(self) -> int:
        """Bytes that are free on its disk."""
        return shutil.disk_usage(self.folder).free

    def remove_unknown(self, known: Collection[str]) -> int:
        """Remove the files that the queue does not know; how many there were."""
        left = [path for part in (self.instances, self.results) for path in part.iterdir() if path.name not in known]
        left += list(self.incoming.iterdir())
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)


def sync(path: Path) -> None:
    """See that a file's bytes, or a folder's names, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
