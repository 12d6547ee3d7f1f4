"""Standard output and error that take any letter, and refuse with Nonet's own error where they cannot be written."""

from __future__ import annotations

import errno
import io
import os
import sys
from pathlib import Path

from nonet.environment import environment_failure

__all__ = ["guard_streams", "let_nothing_more_out"]


def guard_streams() -> None:
    """Put guarded streams in the place of this process's own.

    A letter that the stream's encoding lacks is written as its code; a closed stream or a full disk is an
    `EnvironmentFailure`; where there is no standard error, what goes there is dropped.
    """
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for as long as the process runs
    elif isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(errors="backslashreplace")
    if sys.stdout is None:
        sys.stdout = _Closed()
    elif isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout = _Guarded(
            sys.stdout.buffer,
            encoding=sys.stdout.encoding,
            errors="backslashreplace",
            line_buffering=sys.stdout.line_buffering,
        )


def let_nothing_more_out() -> None:
    """So that what is still to be written does not fail once more when Python ends."""
    if isinstance(sys.stdout, _Guarded):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())


class _Guarded(io.TextIOWrapper):
    """Standard output whose errors name what was refused."""

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError as problem:
            raise environment_failure(_named(problem)) from problem

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as problem:
            raise environment_failure(_named(problem)) from problem


class _Closed(io.StringIO):
    """Stands for a standard output that is closed."""

    def write(self, text: str) -> int:
        del text
        raise environment_failure(_named(OSError(errno.EBADF, os.strerror(errno.EBADF))))


def _named(problem: OSError) -> OSError:
    return OSError(problem.errno, problem.strerror, "standard output")
