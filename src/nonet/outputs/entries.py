"""What an output folder already holds: readings with their pictures, as entries of a page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nonet.errors import NonetError
from nonet.outputs.page import PageEntry
from nonet.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["entries_in", "entry_of", "reading_files"]

_PICTURES = (".png", ".jpg", ".webp")


def entries_in(folder: Path) -> Iterator[PageEntry]:
    """Every reading under a folder, one at a time, in the order of their names (2 before 10).

    Raises
    ------
    NonetError
        If a ``.json`` file is not a reading.
    """
    return (entry_of(path, folder) for path in reading_files(folder))


def reading_files(folder: Path) -> list[Path]:
    """The ``.json`` files under a folder, in the order of their names (2 before 10)."""
    return sorted(folder.rglob("*.json"), key=_natural)


def entry_of(path: Path, folder: Path) -> PageEntry:
    """One reading of an output folder.

    Its name is its path within the folder without ``.json``; its picture, if there is one, lies
    beside it under the same name as PNG, JPEG or WebP.

    Raises
    ------
    NonetError
        If the file is not a reading.
    """
    try:
        reading = Reading.from_json(path.read_bytes())
    except NonetError as problem:
        raise NonetError(
            problem.rule,
            found=f"{path.name}: {problem.found}",
            remedy="Remove the file, or read its image again",
        ) from problem
    pictures = (path.with_suffix(suffix) for suffix in _PICTURES)
    picture = next((candidate for candidate in pictures if candidate.is_file()), None)
    return PageEntry(path.relative_to(folder).with_suffix("").as_posix(), reading, picture)


def _natural(path: Path) -> list[str | int]:
    parts = re.split(r"(\d+)", path.as_posix())
    return [int(part) if index % 2 else part for index, part in enumerate(parts)]
