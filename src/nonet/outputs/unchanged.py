"""Which files that frames share are already as they would be written, so that nothing is written twice.

A key of what went into each file lies in the hidden folder of the output folder.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from nonet.files import replacing
from nonet.frames.discovery import MARKER
from nonet.outputs.records import stamp_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from nonet.errors import Failure
    from nonet.outputs.output import Entry

__all__ = ["WrittenFiles", "key_of"]

_FILE = "written.json"


def key_of(folder: Path, entries: Iterable[Entry], failures: Sequence[Failure] = (), *more: str) -> str:
    """A hash of frames as they lie in an output folder: names, states, and stamps of readings and pictures."""
    digest = hashlib.sha256(repr([more, [failure.to_dict() for failure in failures]]).encode())
    for entry in entries:
        document = stamp_of(folder / f"{entry.name}.json")
        picture = stamp_of(entry.picture) if entry.picture and not isinstance(entry.picture, bytes) else None
        digest.update(repr((entry.name, entry.state.value, document, picture)).encode(errors="surrogateescape"))
    return digest.hexdigest()[:24]


class WrittenFiles:
    """The keys of the files of an output folder that frames share.

    Parameters
    ----------
    folder
        The output folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / MARKER / _FILE
        self._keys = _load(self._path)

    def is_current(self, file: Path, key: str) -> bool:
        """Whether a file was written from what has this key, and is as it was written."""
        return self._keys.get(self._name(file)) == [key, *(stamp_of(file) or ())]

    def note(self, file: Path, key: str) -> None:
        """Take down that a file was written from what has this key."""
        self._keys[self._name(file)] = [key, *(stamp_of(file) or ())]
        self._path.parent.mkdir(exist_ok=True)
        with replacing(self._path) as text:
            json.dump(self._keys, text)

    def _name(self, file: Path) -> str:
        return file.relative_to(self._folder).as_posix()


def _load(path: Path) -> dict[str, list[object]]:
    """The keys; none if they cannot be read, so that everything is written again."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
