"""Read many files into an output folder that is consistent at every moment.

A frame's reading is a JSON file under the folder, its picture lies beside it; a file whose readings
are all there, made from the same bytes by the same bundle and settings, is not read again. When the
batch ends, or is interrupted, the CSV of all findings and the page are written from what is there.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from nonet.errors import NonetError
from nonet.files import replacing, replacing_bytes
from nonet.outputs import csv_table as findings
from nonet.outputs import page
from nonet.outputs.entries import entry_of, reading_files
from nonet.outputs.picture.draw import draw
from nonet.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from nonet.frame import Frame
    from nonet.reader import Reader

__all__ = ["CSV_NAME", "PAGE_NAME", "NamedReading", "OutputFolder"]

CSV_NAME = "findings.csv"
PAGE_NAME = "index.html"

_PNG_EFFORT = 1


@dataclass(frozen=True, slots=True)
class NamedReading:
    """A reading and its name under the output folder."""

    name: str
    reading: Reading


@dataclass
class OutputFolder:
    """Files to read and the folder that gets the result.

    Parameters
    ----------
    reader
        A bundle ready to read.
    files
        The files, each once.
    out
        The output folder; it is made.
    failures
        What could not be read, filled as the batch goes on.
    """

    reader: Reader
    files: Sequence[Path]
    out: Path
    failures: list[page.FailedFile] = field(default_factory=list)

    def names(self) -> dict[Path, str]:
        """The name of every file's results: its path below the folder that all files share."""
        absolute = [Path(os.path.abspath(path)) for path in self.files]  # noqa: PTH100 - links stay links
        shared = Path(os.path.commonpath([path.parent for path in absolute])) if absolute else Path()
        return {path: full.relative_to(shared).as_posix() for path, full in zip(self.files, absolute, strict=True)}

    def read(self, path: Path, name: str) -> Iterator[NamedReading]:
        """Every frame of a file, read and written; a file that cannot be read adds to the failures."""
        try:
            for frame, reading in self.reader.read_source(path):
                yield NamedReading(self._write(name, frame, reading), reading)
        except NonetError as problem:
            self._fail(name, problem)

    def finished(self, path: Path, name: str) -> list[NamedReading]:
        """The readings of a file from an earlier run, or none if one is missing or was made otherwise."""
        first = self._kept(_frame_name(name, 0, 1)) or self._kept(_frame_name(name, 0, 2))
        if first is None or not self._still_holds(first, path):
            return []
        count = first.source.frames
        kept = [(one, self._kept(one)) for one in (_frame_name(name, index, count) for index in range(count))]
        return [] if any(r is None for _, r in kept) else [NamedReading(n, r) for n, r in kept if r]

    def close(self, watch: Callable[[Sequence[page.PageEntry]], Iterable[page.PageEntry]] = iter) -> None:
        """Write the CSV and the page of every reading under the folder.

        A ``.json`` file there that is no reading is left alone and adds to the failures.

        Parameters
        ----------
        watch
            Gives the entries of the page one by one, showing progress if it likes.
        """
        entries = [entry for path in reading_files(self.out) if (entry := self._entry(path))]
        findings.write_csv(self.out / CSV_NAME, ((entry.name, entry.reading) for entry in entries))
        page.write(self.out / PAGE_NAME, watch(entries), self.failures)

    def _entry(self, path: Path) -> page.PageEntry | None:
        try:
            return entry_of(path, self.out)
        except NonetError as problem:
            self._fail(path.relative_to(self.out).as_posix(), problem)
            return None

    def _fail(self, name: str, problem: NonetError) -> None:
        self.failures.append(page.FailedFile(name, problem.rule, problem.found, problem.remedy))

    def _write(self, name: str, frame: Frame, reading: Reading) -> str:
        own = _frame_name(name, frame.source.frame, frame.source.frames)
        target = self.out / f"{own}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacing_bytes(target.with_suffix(".png")) as picture:
            draw(frame.pixels, reading).save(picture, "PNG", compress_level=_PNG_EFFORT)
        with replacing(target) as text:
            text.write(reading.to_json())
        return own

    def _kept(self, name: str) -> Reading | None:
        path = self.out / f"{name}.json"
        try:
            return Reading.from_json(path.read_bytes()) if path.with_suffix(".png").is_file() else None
        except (OSError, NonetError):
            return None

    def _still_holds(self, reading: Reading, path: Path) -> bool:
        same_reader = reading.bundle == self.reader.bundle.reference and reading.settings == self.reader.settings
        return same_reader and reading.source.file_sha256 == _file_sha256(path)


def _frame_name(name: str, frame: int, frames: int) -> str:
    return name if frames == 1 else f"{name}.frame-{frame:04d}"


def _file_sha256(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
