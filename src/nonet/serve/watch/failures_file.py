"""The failures of an output folder that is written to for weeks: ``failures.json``, an entry for each file not read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nonet.errors import Failure, NonetError
from nonet.files import replacing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["FAILURES_NAME", "FailuresFile"]

FAILURES_NAME = "failures.json"
_CAP_BYTES = 1 << 26
_FIELDS = ("name", "rule", "found", "remedy")


class FailuresFile:
    """What could not be read, by the name of its results, as it lies in the output folder.

    Parameters
    ----------
    folder
        The output folder. A list that is there is gone on with; one that cannot be read is begun anew, since every
        file in it is read again.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FAILURES_NAME
        self._by_name = {failure.name: failure for failure in _load(self._path)}

    def __len__(self) -> int:
        return len(self._by_name)

    def __iter__(self) -> Iterator[Failure]:
        return iter(self._by_name.values())

    def update(self, names: Iterable[str], failures: Iterable[Failure]) -> None:
        """Take down which of these files could not be read, and write the list if it is another now."""
        before = dict(self._by_name)
        for name in names:
            self._by_name.pop(name, None)
        self._by_name |= {failure.name: failure for failure in failures}
        if self._by_name != before or not self._path.exists():
            with replacing(self._path) as file:
                json.dump([failure.to_dict() for failure in self], file, indent=1, ensure_ascii=False)
                file.write("\n")


def _load(path: Path) -> list[Failure]:
    try:
        if path.stat().st_size > _CAP_BYTES:
            return []
        rows = [[str(row[field]) for field in _FIELDS] for row in json.loads(path.read_bytes())]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return []
    return [Failure(name, NonetError(rule, found=found, remedy=remedy)) for name, rule, found, remedy in rows]
