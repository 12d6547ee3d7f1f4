"""A file that is there whole or not at all: written beside its place, then moved into it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO, TextIO

__all__ = ["replacing", "replacing_bytes"]


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """Open a UTF-8 text file for writing that takes the place of ``path`` only when all went well.

    Line ends are written as given. If the block raises, an older file at ``path`` stays as it was
    and nothing else is left behind.
    """
    with _moved_into(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        yield file


@contextmanager
def replacing_bytes(path: Path) -> Iterator[BinaryIO]:
    """As :func:`replacing`, for bytes."""
    with _moved_into(path) as part, part.open("wb") as file:
        yield file


@contextmanager
def _moved_into(path: Path) -> Iterator[Path]:
    part = path.with_name(f"{path.name}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
