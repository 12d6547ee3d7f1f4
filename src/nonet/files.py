"""Files that are there whole or not at all: written beside their place, synced, then moved into it."""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO, TextIO

_MOST_LETTERS = 48
"""Letters of a name that a temporary one keeps: of at most four bytes each, they leave room for its ending."""

__all__ = ["replacing", "replacing_bytes", "replacing_path", "sha256_of"]


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, which are read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """Open a UTF-8 text file for writing that takes the place of ``path`` only when all went well.

    Line ends are written as given. If the block raises, an older file at ``path`` stays as it was
    and nothing else is left behind.
    """
    with replacing_path(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        yield file


@contextmanager
def replacing_bytes(path: Path) -> Iterator[BinaryIO]:
    """As :func:`replacing`, for bytes."""
    with replacing_path(path) as part, part.open("wb") as file:
        yield file


@contextmanager
def replacing_path(path: Path) -> Iterator[Path]:
    """As :func:`replacing`, for a library that writes to a path of its own: yields a free path beside ``path``."""
    part = path.with_name(f"{path.name[:_MOST_LETTERS]}.{secrets.token_hex(4)}.part")
    try:
        yield part
        _sync(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """See that the bytes are on the disk before the name is: a crash leaves the old file or the new one."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
