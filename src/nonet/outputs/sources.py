"""Which file each result of an output folder was read from, so that no result takes the place of another's.

The list lies in the hidden folder ``.nonet`` of the output folder. It holds paths of this machine, which
no reading holds, and it marks the folder as one that is not read as input.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from nonet.errors import SettingsError
from nonet.files import replacing
from nonet.frames.discovery import MARKER

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Sources"]

_FILE = "sources.json"
_CAP_BYTES = 1 << 28
_HASHED = 6


class Sources:
    """The sources of an output folder, by the name of their results.

    Parameters
    ----------
    folder
        The output folder.

    Raises
    ------
    SettingsError
        If the list is there but cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / MARKER / _FILE
        self._by_name: dict[str, str] = _load(self._path) if self._path.exists() else {}
        self._by_source = {source: name for name, source in self._by_name.items()}

    def name_of(self, path: Path, given: Path) -> str:
        """The name of a file's results: the folder it was found by, and its path below that folder.

        A source keeps the name that it was first given. Where another source has the name, the folder's gets a few
        digits of a hash of its path.

        Parameters
        ----------
        path
            The file.
        given
            The folder or file that the user named and under which it was found.
        """
        source = _absolute(path)
        if source not in self._by_source:
            folder = Path(_absolute(given)) if given.is_dir() else Path(source).parent
            below = Path(source).relative_to(folder) if Path(source).is_relative_to(folder) else Path(Path(source).name)
            name = (Path(folder.name or "root") / below).as_posix()
            if name in self._by_name:
                hashed = hashlib.sha256(os.fsencode(folder)).hexdigest()[:_HASHED]
                name = (Path(f"{folder.name or 'root'}~{hashed}") / below).as_posix()
            self._by_name[name] = source
            self._by_source[source] = name
        return self._by_source[source]

    @property
    def names(self) -> list[str]:
        """The names of all results, in the order in which their sources came."""
        return list(self._by_name)

    def is_gone(self, name: str) -> bool:
        """Whether the file that a result was read from is no longer there."""
        return not os.path.lexists(self._by_name[name])

    def forget(self, names: Iterable[str]) -> None:
        """Take results off the list."""
        for name in names:
            del self._by_source[self._by_name.pop(name)]

    def save(self) -> None:
        """Write the list."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(self._path) as file:
            json.dump(self._by_name, file, indent=0)


def _absolute(path: Path) -> str:
    return os.path.abspath(path)  # noqa: PTH100 - links stay links


def _load(path: Path) -> dict[str, str]:
    try:
        if path.stat().st_size > _CAP_BYTES:
            raise ValueError("too large")
        return TypeAdapter(dict[str, str]).validate_json(path.read_bytes())
    except (OSError, ValueError, ValidationError) as problem:
        raise SettingsError(
            "The sources of an output folder are listed in .nonet/sources.json",
            found=f"{path.parent.parent}: a list that cannot be read",
            remedy="Write to another folder, or delete this one's .nonet and read again",
        ) from problem
