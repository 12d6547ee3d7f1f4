"""Read many files into an output folder that is consistent at every moment.

The folder's promise: each source has results of its own, whose name does not depend on what else was found;
nothing of another source is overwritten; a file whose results are all there and whole, made from the same bytes
by the same bundle and settings, is not read again; results whose source is gone, or can no longer be read, are
marked, and removed on request; what Nonet wrote is never read as input; one run at a time writes.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nonet.cine.stills import NumberedStills
from nonet.errors import Failure, LoopError, NonetError
from nonet.files import sha256_of
from nonet.outputs.folder_lock import FolderLock
from nonet.outputs.loop_result import loop_path
from nonet.outputs.made_by import made_by_hash
from nonet.outputs.output import Entry, State
from nonet.outputs.picture.picture_output import picture_path
from nonet.outputs.read_file import Job, ReadFile, Tools, document_of, frame_name, killed_by, opener, read_file
from nonet.outputs.records import FrameRecord, Records, SourceRecord, stamp_of
from nonet.reading import Reading
from nonet.work import run_items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from nonet.bundle import Bundle
    from nonet.outputs.loop_writer import WatchFrames
    from nonet.outputs.output import Output
    from nonet.reading import Settings

__all__ = ["FoundFile", "NamedReading", "OutputFolder"]

_SAVED_EVERY_SECONDS = 2.0
_SAVING_SHARE = 0.02
"""The list of results is written no more often than this share of the time allows, however long it is; what a killed
run left since is known by its files."""


@dataclass(frozen=True, slots=True)
class NamedReading:
    """A reading and the name of its results under the output folder."""

    name: str
    reading: Reading


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file to read, and the file or folder that the user named and under which it was found.

    Where the file is a copy of what a server holds, ``address`` says where that lies; its results are known by that,
    and named by the path of the copy below ``given``.
    """

    path: Path
    given: Path
    address: str = ""


class OutputFolder:
    """Files to read and the folder that gets the results; it is held from other runs until it is closed.

    Parameters
    ----------
    bundle
        The bundle to read with.
    settings
        What the user chose.
    files
        The files, each once.
    out
        The output folder; it is made.
    outputs
        What is written besides the JSON of each frame and loop.
    best
        How many frames of each loop get results; by default all.

    Attributes
    ----------
    failures
        What could not be read, filled as the run goes on.

    Raises
    ------
    EnvironmentFailure
        If another run writes to the folder.
    """

    def __init__(
        self,
        bundle: Bundle,
        settings: Settings,
        files: Sequence[FoundFile],
        out: Path,
        outputs: Sequence[Output] = (),
        *,
        best: int | None = None,
    ) -> None:
        out.mkdir(parents=True, exist_ok=True)
        self.out = out
        self.failures: list[Failure] = []
        self._lock = FolderLock(out)
        self._bundle, self._settings, self._outputs = bundle, settings, outputs
        self._best = best
        self._made_by = made_by_hash(bundle.sha256, settings, best)
        self._tools: Tools | None = None
        self._loop_workers = 1
        self._watch_frames: WatchFrames | None = None
        self._records = Records(out)
        self.names: dict[Path, str] = {}
        self.add(files)
        self._save()

    def add(self, files: Sequence[FoundFile]) -> list[str]:
        """Take in files that were found later; the names of their results."""
        self.names |= {found.path: self._name_of(found) for found in files}
        return [self.names[found.path] for found in files]

    def _name_of(self, found: FoundFile) -> str:
        if found.address:
            return self._records.name_of_address(found.address, found.path.relative_to(found.given).as_posix())
        return self._records.name_of(found.path, found.given)

    def unfinished(self, paths: Iterable[Path]) -> list[Path]:
        """Those of the files whose results are not all there and whole, made from the same bytes in the same way."""
        return [path for path in paths if not self._is_finished(path, self.names[path])]

    def read_all(
        self,
        watch: Callable[[Sequence[Job]], Iterable[Job]] = iter,
        *,
        again: bool = False,
        workers: int = 1,
        loop_workers: int = 1,
        watch_frames: WatchFrames | None = None,
    ) -> Iterator[NamedReading]:
        """The readings of every file, in order: those that are finished as they are, the others read and written.

        Parameters
        ----------
        watch
            Yields the files that are read one by one, and may show progress.
        again
            Whether finished files are read again.
        workers
            Number of processes; readings and their order do not depend on it.
        loop_workers
            Number of processes for the frames of each loop, where files are read in this process.
        watch_frames
            Yields the frames of each loop one by one, likewise.
        """
        self._loop_workers, self._watch_frames = loop_workers, watch_frames
        return self.read_files(list(self.names), watch, again=again, workers=workers)

    def read_files(
        self,
        paths: Sequence[Path],
        watch: Callable[[Sequence[Job]], Iterable[Job]] = iter,
        *,
        again: bool = False,
        workers: int = 1,
    ) -> Iterator[NamedReading]:
        """As :meth:`read_all`, of some of the files; without further processes the reader is opened once."""
        names = {path: self.names[path] for path in paths}
        finished = {path: not again and self._is_finished(path, name) for path, name in names.items()}
        jobs = [Job(path, name) for path, name in names.items() if not finished[path]]
        tools = self._open_here if workers == 1 else self._opener(threads=1)
        results = run_items(read_file, jobs, tools, workers=workers, watch=watch, lost=killed_by)
        try:
            for path, name in names.items():
                if not finished[path]:
                    self._note(path, name, next(results))
                yield from self._readings(name)
        finally:
            results.close()
            self._save()

    def without(self) -> Iterator[tuple[str, str, list[str]]]:
        """Each file of this run of which outputs have nothing to say: its name, the reason, the outputs."""
        asked = [output.name for output in self._outputs]
        for name in self.names.values():
            reasons = self._records[name].without
            for reason in dict.fromkeys(reasons[one] for one in asked if one in reasons):
                yield name, reason, [one for one in asked if reasons.get(one) == reason]

    def prune(self) -> list[str]:
        """Remove the results whose source is gone; their names."""
        gone = [name for name in self._records if self._records[name].is_gone]
        for name in gone:
            self._adopt_older(name)
            self._remove(self._records[name].files)
        self._records.forget(gone)
        self._save()
        return gone

    def close(self, watch: Callable[[Sequence[Entry]], Iterable[Entry]] = iter) -> None:
        """Write what the frames of the folder share, such as the CSV and the page, and let others write.

        Parameters
        ----------
        watch
            Yields the frames one by one, and may show progress.
        """
        try:
            self.write_shared(watch)
        finally:
            self.release()

    def write_shared(self, watch: Callable[[Sequence[Entry]], Iterable[Entry]] = iter) -> None:
        """Write what the frames of the folder share, such as the CSV and the page."""
        shared = [output for output in self._outputs if output.writes_folders()]
        entries = list(watch(list(self.entries()))) if shared else []
        for output in shared:
            output.write_folder(entries, self.failures)

    def release(self) -> None:
        """Let others write to the folder, what the frames share left as it is."""
        self._lock.release()

    def entries(self) -> Iterator[Entry]:
        """Every frame of the folder, of this run or an earlier one, in the order of their sources."""
        for name in self._records:
            self._adopt_older(name)
            record = self._records[name]
            state = State.GONE if record.is_gone else State.UNREADABLE if record.is_unreadable else State.PRESENT
            for one in self._readings(name):
                picture = picture_path(self.out, one.name)
                yield Entry(one.name, one.reading, picture if picture.is_file() else None, state)

    def _opener(self, threads: int) -> Callable[[], Tools]:
        return opener(self._bundle.folder, self._settings, self.out, self._outputs, threads, best=self._best)

    def _open_here(self) -> Tools:
        self._tools = self._tools or replace(
            self._opener(threads=2)(), loop_workers=self._loop_workers, watch_frames=self._watch_frames
        )
        return self._tools

    def _is_finished(self, path: Path, name: str) -> bool:
        self._adopt_older(name)
        record = self._records[name]
        if not record.frames or record.failed or record.made_by != self._made_by or self._lacks_output(name):
            return False
        stamp = stamp_of(path)
        if stamp is None or not self._is_in_form(record):
            return False
        if record.stamp != stamp:
            if record.sha256 != _file_sha256(path):
                return False
            self._records[name] = replace(record, stamp=stamp)
        return all(self._size(file) == size for frame in record.frames for file, size in frame.files.items())

    def _lacks_output(self, name: str) -> bool:
        """Whether an output that is asked for now has not written its files of a source, or of a frame of it."""
        record = self._records[name]
        outputs = [output for output in self._outputs if output.name not in record.without]
        wanted = [path for output in outputs for path in output.source_files_of(name)]
        wanted += [path for output in outputs for frame in record.frames for path in output.files_of(frame.name)]
        if loop_path(self.out, name).relative_to(self.out).as_posix() in record.files:
            wanted += [path for output in outputs for path in output.loop_files_of(name)]
        return bool(self._relative(wanted) - record.files)

    def _relative(self, paths: Iterable[Path]) -> set[str]:
        return {path.relative_to(self.out).as_posix() for path in paths}

    def _note(self, path: Path, name: str, read: ReadFile) -> None:
        """Take down what became of a file; results of its earlier version that are not replaced are removed."""
        if read.error:
            self.failures.append(Failure(name, read.error))
        before = self._records[name]
        if read.error and not read.frames:
            self._records[name] = replace(before, stamp=None, failed=True)
        else:
            own = SourceRecord(
                before.path,
                read.stamp,
                read.sha256,
                self._made_by,
                read.frames,
                failed=read.error is not None,
                without=read.without,
            )
            self._records[name] = own.with_files_of(before)
            self._remove(before.files - self._records[name].files)
        if time.monotonic() > self._saved_until:
            self._save()

    def _readings(self, name: str) -> Iterator[NamedReading]:
        """The readings of a source that are in the folder, frame after frame."""
        for frame in self._records[name].frames:
            if reading := self._kept(frame.name):
                yield NamedReading(frame.name, reading)

    def _adopt_older(self, name: str) -> None:
        """Take down results that a run left which was killed before it could, or one of an earlier version.

        Only what each frame has of its own: what the frames of a source share is written after them, and may be older.
        """
        record = self._records[name]
        if record.frames or record.made_by or record.failed:
            return
        readings = list(self._unlisted(name))
        if not readings or len(readings) != readings[0].reading.source.frames:
            return
        sha256 = readings[0].reading.source.file_sha256
        alike = all(one.reading.source.file_sha256 == sha256 and self._is_by_this(one.reading) for one in readings)
        self._records[name] = replace(
            record,
            sha256=sha256,
            made_by=self._made_by if alike else "other",
            frames=tuple(self._frame_record(one.name) for one in readings),
        )

    def _unlisted(self, name: str) -> Iterator[NamedReading]:
        first = self._kept(frame_name(name, 0, 1))
        if first and first.source.frames == 1:
            yield NamedReading(name, first)
            return
        index = 0
        while reading := self._kept(frame_name(name, index, 2)):
            yield NamedReading(frame_name(name, index, 2), reading)
            index += 1

    def _frame_record(self, name: str) -> FrameRecord:
        """The files of a frame that are there."""
        paths = [document_of(self.out, name), *(path for output in self._outputs for path in output.files_of(name))]
        sizes = {path: self._size(path) for path in sorted(self._relative(paths))}
        return FrameRecord(name, {path: size for path, size in sizes.items() if size})

    def _is_by_this(self, reading: Reading) -> bool:
        return reading.bundle == self._bundle.reference and reading.settings == self._settings

    def _kept(self, name: str) -> Reading | None:
        try:
            return Reading.from_json(document_of(self.out, name).read_bytes())
        except (OSError, NonetError):
            return None

    def _is_in_form(self, record: SourceRecord) -> bool:
        """Whether what outputs wrote of each frame is in the form in which this run would write it."""
        return all(output.is_current(frame.name) for frame in record.frames for output in self._outputs)

    def _size(self, path: str) -> int | None:
        stamp = stamp_of(self.out / path)
        return stamp[0] if stamp else None

    def _remove(self, files: Iterable[str]) -> None:
        for path in files:
            with suppress(FileNotFoundError):
                (self.out / path).unlink()

    def _save(self) -> None:
        begun = time.monotonic()
        self._records.save()
        now = time.monotonic()
        self._saved_until = now + max(_SAVED_EVERY_SECONDS, (now - begun) / _SAVING_SHARE)


def _file_sha256(path: Path) -> str | None:
    try:
        return NumberedStills.of(path).sha256() if path.is_dir() else sha256_of(path)
    except (OSError, LoopError):
        return None
