"""Read many files into an output folder that is consistent at every moment.

The folder's promise: each source has results of its own, whose name does not depend on what else was found;
nothing of another source is overwritten; a file whose results are all there, made from the same bytes by the
same bundle and settings, is not read again; results whose source is gone are marked, and removed on request;
what Nonet wrote is never read as input.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nonet.errors import Failure, NonetError
from nonet.files import replacing
from nonet.outputs.output import Entry
from nonet.outputs.picture.picture_output import picture_path
from nonet.outputs.sources import Sources
from nonet.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from nonet.frame import Frame
    from nonet.outputs.output import Output
    from nonet.reader import Reader

__all__ = ["FoundFile", "NamedReading", "OutputFolder"]


@dataclass(frozen=True, slots=True)
class NamedReading:
    """A reading and the name of its results under the output folder."""

    name: str
    reading: Reading


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file to read, and the file or folder that the user named and under which it was found."""

    path: Path
    given: Path


class OutputFolder:
    """Files to read and the folder that gets the results.

    Parameters
    ----------
    reader
        A bundle ready to read.
    files
        The files, each once.
    out
        The output folder; it is made.
    outputs
        What is written besides the JSON of each frame.

    Attributes
    ----------
    failures
        What could not be read, filled as the run goes on.
    """

    def __init__(self, reader: Reader, files: Sequence[FoundFile], out: Path, outputs: Sequence[Output] = ()) -> None:
        out.mkdir(parents=True, exist_ok=True)
        self.out = out
        self.failures: list[Failure] = []
        self._reader = reader
        self._outputs = outputs
        self._sources = Sources(out)
        self.names = {found.path: self._sources.name_of(found.path, found.given) for found in files}
        self._sources.save()

    def read_all(
        self, watch: Callable[[Sequence[Path]], Iterable[Path]] = iter, *, again: bool = False
    ) -> Iterator[NamedReading]:
        """The readings of every file, in order: those that are finished as they are, the others read and written.

        Parameters
        ----------
        watch
            Yields the files one by one, and may show progress.
        again
            Whether finished files are read again.
        """
        for path in watch(list(self.names)):
            kept = [] if again else self._finished(path)
            yield from kept or self._read(path)

    def prune(self) -> list[str]:
        """Remove the results whose source is gone; their names."""
        gone = [name for name in self._sources.names if self._sources.is_gone(name)]
        for name in gone:
            for frame in list(self._frames_of(name)):
                for path in self._files_of(frame.name):
                    path.unlink(missing_ok=True)
        self._sources.forget(gone)
        self._sources.save()
        return gone

    def close(self, watch: Callable[[Sequence[Entry]], Iterable[Entry]] = iter) -> None:
        """Write what the frames of the folder share, such as the CSV and the page.

        Parameters
        ----------
        watch
            Yields the frames one by one, and may show progress.
        """
        entries = list(watch(list(self.entries())))
        for output in self._outputs:
            output.write_folder(entries, self.failures)

    def entries(self) -> Iterator[Entry]:
        """Every frame of the folder, of this run or an earlier one, in the order of their sources."""
        for name in self._sources.names:
            gone = self._sources.is_gone(name)
            for one in self._frames_of(name):
                picture = picture_path(self.out, one.name)
                yield Entry(one.name, one.reading, picture if picture.is_file() else None, gone)

    def _read(self, path: Path) -> Iterator[NamedReading]:
        name = self.names[path]
        try:
            for frame, reading in self._reader.read_source(path):
                yield NamedReading(self._write(name, frame, reading), reading)
        except NonetError as error:
            self.failures.append(Failure(name, error))

    def _finished(self, path: Path) -> list[NamedReading]:
        """The readings of a file from an earlier run, or none if one is missing or was made otherwise."""
        kept = list(self._frames_of(self.names[path]))
        if not kept or len(kept) != kept[0].reading.source.frames or not self._holds(kept[0].reading, path):
            return []
        return kept if all(file.is_file() for one in kept for file in self._files_of(one.name)) else []

    def _frames_of(self, name: str) -> Iterator[NamedReading]:
        """The readings of a source that are in the folder, frame after frame."""
        first = self._kept(_frame_name(name, 0, 1))
        if first and first.source.frames == 1:
            yield NamedReading(name, first)
            return
        index = 0
        while reading := self._kept(_frame_name(name, index, 2)):
            yield NamedReading(_frame_name(name, index, 2), reading)
            index += 1

    def _write(self, name: str, frame: Frame, reading: Reading) -> str:
        own = _frame_name(name, frame.source.frame, frame.source.frames)
        for output in self._outputs:
            output.write_frame(own, frame, reading)
        target = self._document(own)
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacing(target) as text:
            text.write(reading.to_json())
        return own

    def _files_of(self, name: str) -> list[Path]:
        return [self._document(name), *(path for output in self._outputs for path in output.files_of(name))]

    def _document(self, name: str) -> Path:
        return self.out / f"{name}.json"

    def _kept(self, name: str) -> Reading | None:
        try:
            return Reading.from_json(self._document(name).read_bytes())
        except (OSError, NonetError):
            return None

    def _holds(self, reading: Reading, path: Path) -> bool:
        same = reading.bundle == self._reader.bundle.reference and reading.settings == self._reader.settings
        return same and reading.source.file_sha256 == _file_sha256(path)


def _frame_name(name: str, frame: int, frames: int) -> str:
    return name if frames == 1 else f"{name}.frame-{frame:04d}"


def _file_sha256(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
