"""What an output folder knows of its results: the source of each, what it was read by, and which files it left.

The list lies in the hidden folder ``.nonet`` of the output folder. It holds paths of this machine, which
no reading holds, and it marks the folder as one that is not read as input.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nonet.errors import SettingsError
from nonet.files import replacing
from nonet.frames.discovery import MARKER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["FrameRecord", "Records", "SourceRecord", "Stamp", "name_below", "stamp_of"]

_FILE = "sources.json"
_FORMAT = 2
_CAP_BYTES = 1 << 28
_HASHED = 6
_LONGEST = 200
"""Bytes of a name that leave room for the endings of results in the 255 that a file system allows."""

_ADDRESS = re.compile("[a-z+]+://")
"""How a source begins that is no file of this machine; an absolute path never does."""

Stamp = tuple[int, int]
"""Size in bytes and time of the last change in nanoseconds: while both stay, so does the file."""


def stamp_of(path: Path | str) -> Stamp | None:
    """The stamp of a file, or None if it is not there; of a folder, the bytes of its files and their last change."""
    try:
        found = Path(path).stat()
        if stat.S_ISDIR(found.st_mode):
            return _stamp_of_folder(Path(path), found.st_mtime_ns)
    except (OSError, ValueError):
        return None
    return found.st_size, found.st_mtime_ns


def _stamp_of_folder(folder: Path, changed: int) -> Stamp:
    stats = [path.stat() for path in folder.iterdir() if path.is_file()]
    return sum(one.st_size for one in stats), max([changed, *(one.st_mtime_ns for one in stats)])


@dataclass(frozen=True, slots=True)
class FrameRecord:
    """The results of one frame: their name, and the bytes of each file, by its path under the output folder."""

    name: str
    files: dict[str, int]


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A source and its results.

    ``stamp`` and ``sha256`` are those of the file when it was read, ``made_by`` stands for the bundle and the settings.
    ``failed`` says that not all of it could be read. ``without`` holds the outputs that have nothing to say of it, and
    why. Files that its frames share count as its last frame's.
    """

    path: str
    stamp: Stamp | None = None
    sha256: str = ""
    made_by: str = ""
    frames: tuple[FrameRecord, ...] = field(default=())
    failed: bool = False
    without: dict[str, str] = field(default_factory=dict)

    @property
    def files(self) -> set[str]:
        """The paths of all its results, under the output folder."""
        return {path for frame in self.frames for path in frame.files}

    def with_files_of(self, before: SourceRecord) -> SourceRecord:
        """With the files that an earlier run left of the same frames, read from the same bytes in the same way."""
        if (before.sha256, before.made_by) != (self.sha256, self.made_by):
            return self
        older = {frame.name: frame.files for frame in before.frames}
        frames = (FrameRecord(one.name, {**older.get(one.name, {}), **one.files}) for one in self.frames)
        return replace(self, frames=tuple(frames))

    @property
    def is_gone(self) -> bool:
        """Whether the file that the results were read from is no longer there."""
        return not _ADDRESS.match(self.path) and not os.path.lexists(self.path)

    @property
    def is_unreadable(self) -> bool:
        """Whether the results are of an earlier version of the file, which cannot be read now."""
        return self.failed and bool(self.frames) and self.stamp is None


class Records:
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
        self._by_name: dict[str, SourceRecord] = _load(self._path) if self._path.exists() else {}
        self._by_source = {record.path: name for name, record in self._by_name.items()}
        self._folders = {parent for name in self._by_name for parent in _parents(name)}

    def __getitem__(self, name: str) -> SourceRecord:
        return self._by_name[name]

    def __setitem__(self, name: str, record: SourceRecord) -> None:
        self._by_name[name] = record

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def name_of(self, path: Path, given: Path) -> str:
        """The name of a file's results: the folder it was found by, and its path below that folder.

        A source keeps the name that it was first given. Where another source has the name, the folder's gets a few
        digits of a hash of its path; a part that is too long for the endings of results is cut and hashed.

        Parameters
        ----------
        path
            The file.
        given
            The folder or file that the user named and under which it was found.
        """
        source = _absolute(path)
        if source not in self._by_source:
            folder, below = _place(path, given)
            name = _short(_word(folder) / below)
            if self._is_taken(name):
                name = _short(_hashed_word(folder) / below)
            self._by_name[name] = SourceRecord(source)
            self._by_source[source] = name
            self._folders |= set(_parents(name))
        return self._by_source[source]

    def name_of_address(self, address: str, name: str) -> str:
        """The name of the results of what a server holds.

        Parameters
        ----------
        address
            Where it lies; an address never counts as gone.
        name
            The name that it gets, with a few digits of a hash of the address where another source has it.
        """
        if address not in self._by_source:
            name = _short(Path(name))
            if self._is_taken(name):
                name = f"{name}~{hashlib.sha256(address.encode()).hexdigest()[:_HASHED]}"
            self._by_name[name] = SourceRecord(address)
            self._by_source[address] = name
            self._folders |= set(_parents(name))
        return self._by_source[address]

    def _is_taken(self, name: str) -> bool:
        """Whether another source has the name, or a result would stand where a folder of results must."""
        in_the_way = any(parent.removesuffix(".json") in self._by_name for parent in _parents(name) if "json" in parent)
        return name in self._by_name or f"{name}.json" in self._folders or in_the_way

    def forget(self, names: Iterable[str]) -> None:
        """Take results off the list."""
        for name in names:
            del self._by_source[self._by_name.pop(name).path]

    def save(self) -> None:
        """Write the list, record by record: it may be long."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(self._path) as file:
            file.write(f'{{"format":{_FORMAT},"sources":{{')
            for number, (name, record) in enumerate(self._by_name.items()):
                file.write(f"{',' if number else ''}{_json(name)}:{_json(_fields(record))}")
            file.write("}}")


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _fields(record: SourceRecord) -> dict[str, Any]:
    """A record's fields, as `dataclasses.asdict` has them, without a copy of all that it goes through."""
    own = {name: getattr(record, name) for name in SourceRecord.__slots__}
    return own | {"frames": [{"name": frame.name, "files": frame.files} for frame in record.frames]}


def _absolute(path: Path) -> str:
    return os.path.abspath(path)  # noqa: PTH100 - links stay links


def _place(path: Path, given: Path) -> tuple[Path, Path]:
    """The folder by which a file was found, and its path below that."""
    source = Path(_absolute(path))
    folder = Path(_absolute(given)) if given.is_dir() else source.parent
    return folder, source.relative_to(folder) if source.is_relative_to(folder) else Path(source.name)


def _word(folder: Path) -> Path:
    """What stands for a folder in the names of results."""
    return Path(folder.name or "root")


def _hashed_word(folder: Path) -> Path:
    """The same where another folder has that word."""
    return Path(f"{_word(folder)}~{hashlib.sha256(os.fsencode(folder)).hexdigest()[:_HASHED]}")


def _parents(name: str) -> list[str]:
    return [parent.as_posix() for parent in Path(name).parents][:-1]


def _short(name: Path) -> str:
    return Path(*map(_short_part, name.parts)).as_posix()


def _short_part(part: str) -> str:
    raw = os.fsencode(part)
    if len(raw) <= _LONGEST:
        return part
    kept = raw[: _LONGEST - _HASHED - 1].decode(errors="ignore")
    return f"{kept}~{hashlib.sha256(raw).hexdigest()[:_HASHED]}"


def _load(path: Path) -> dict[str, SourceRecord]:
    try:
        if path.stat().st_size > _CAP_BYTES:
            raise ValueError("too large")
        content = json.loads(path.read_bytes())
        if content.get("format") == _FORMAT:
            return {str(name): _record(fields) for name, fields in content["sources"].items()}
        return {str(name): SourceRecord(source) for name, source in content.items() if _is_text(source)}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as problem:
        raise SettingsError(
            "The sources of an output folder are listed in .nonet/sources.json",
            found=f"{path.parent.parent}: a list that cannot be read",
            remedy="Write to another folder, or delete this one's .nonet and read again",
        ) from problem


def _is_text(value: object) -> bool:
    if not isinstance(value, str):
        raise TypeError("a source is a path")
    return True


def _record(fields: dict[str, Any]) -> SourceRecord:
    frames = [
        FrameRecord(frame["name"], {path: int(size) for path, size in frame["files"].items()})
        for frame in fields["frames"]
    ]
    if not all(_is_inside(path) for frame in frames for path in frame.files) or not _is_text(fields["path"]):
        raise ValueError("a result lies outside the folder")
    if not all(map(_is_text, fields.get("without", {}).values())):
        raise ValueError("a reason is no text")
    size_and_time = fields["stamp"]
    stamp = (int(size_and_time[0]), int(size_and_time[1])) if size_and_time else None
    return SourceRecord(**{**fields, "frames": tuple(frames), "stamp": stamp})


def _is_inside(path: str) -> bool:
    return not Path(path).is_absolute() and ".." not in Path(path).parts


def name_below(path: Path, given: Path, folders: dict[Path, Path]) -> str:
    """The name of a file's results where no list of names is kept.

    Parameters
    ----------
    path, given
        The file, and the folder or file that the user named and under which it was found.
    folders
        The folders so far and what stands for each; the file's is added.
    """
    folder, below = _place(path, given)
    if folder not in folders:
        word = _word(folder)
        folders[folder] = _hashed_word(folder) if word in folders.values() else word
    return _short(folders[folder] / below)
