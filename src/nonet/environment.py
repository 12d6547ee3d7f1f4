"""What the machine refuses, a full disk or a folder that is read-only, as one error with a remedy."""

from __future__ import annotations

import errno
import os

from nonet.errors import EnvironmentFailure

__all__ = ["environment_failure", "stops_everything"]

_NO_SPACE = "Free some space, or write to another disk, and run the same command again"
_READ_ONLY = "Write to a folder that you may write to"
_REMEDIES = {
    errno.ENOSPC: _NO_SPACE,
    errno.EDQUOT: _NO_SPACE,
    errno.EROFS: _READ_ONLY,
    errno.EACCES: _READ_ONLY,
    errno.EPERM: _READ_ONLY,
    errno.EEXIST: "Name a folder that is none yet, or one that holds results",
    errno.ENOTDIR: "Name a folder, not a file",
    errno.EISDIR: "Move the folder that has a result's name",
    errno.ENAMETOOLONG: "Give the file or its folder a shorter name",
    errno.EMFILE: "Allow more open files (ulimit -n)",
    errno.ENOMEM: "Free some memory, or use fewer workers",
    errno.EPIPE: "Let the program that reads the output run to its end",
}
_STOPPING = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM}


def environment_failure(problem: OSError) -> EnvironmentFailure:
    """An error of the operating system as one of Nonet's: what was refused, for which file, and what helps."""
    reason = (problem.strerror or type(problem).__name__).lower()
    place = os.fsdecode(problem.filename) if isinstance(problem.filename, (str, bytes)) else ""
    return EnvironmentFailure(
        "Results can be written and inputs read",
        found=f"{place}: {reason}" if place else reason,
        remedy=_REMEDIES.get(problem.errno or 0, "Check the disk, the folder and its permissions"),
    )


def stops_everything(problem: OSError) -> bool:
    """Whether what follows would fail in the same way, so that a batch had better stop."""
    return problem.errno in _STOPPING
