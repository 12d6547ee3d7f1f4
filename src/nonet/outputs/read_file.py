"""Read one file and write the results of its frames: what a worker of `nonet.outputs.folder` does."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from nonet.bundle import Bundle
from nonet.bundle.session import set_threads
from nonet.environment import environment_failure, stops_everything
from nonet.errors import NonetError
from nonet.files import replacing
from nonet.outputs.frame_result import FrameResult
from nonet.outputs.loop_result import is_loop, loop_path
from nonet.outputs.loop_writer import LoopWriter
from nonet.outputs.records import FrameRecord, Stamp, stamp_of
from nonet.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from nonet.frame import Frame
    from nonet.outputs.loop_writer import WatchFrames
    from nonet.outputs.output import Output
    from nonet.reading import Reading, Settings

__all__ = [
    "Job",
    "ReadFile",
    "Tools",
    "document_of",
    "frame_name",
    "killed_by",
    "killing",
    "opener",
    "read_file",
    "source_name",
]

_OF_STILLS = "a loop of stills; its instances get results without --loop"


@dataclass(frozen=True, slots=True)
class Job:
    """A file to read, and the name of its results."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What became of a file: the results of its frames, and the error if it could not be read whole.

    ``without`` says for each output that has nothing to say of the file why that is.
    """

    frames: tuple[FrameRecord, ...]
    sha256: str
    stamp: Stamp | None
    error: NonetError | None = None
    without: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tools:
    """What a worker holds open: a reader, the output folder, and what is written into it.

    Of a loop the ``best`` frames get results, or all where it is None; ``loop_workers`` processes look at its frames,
    which ``watch_frames`` yields one by one, given how many there are.
    """

    reader: Reader
    folder: Path
    outputs: Sequence[Output]
    best: int | None = None
    loop_workers: int = 1
    watch_frames: WatchFrames | None = None


def opener(
    bundle: Path,
    settings: Settings,
    folder: Path,
    outputs: Sequence[Output],
    threads: int,
    *,
    best: int | None = None,
) -> Callable[[], Tools]:
    """A function that opens the tools, here or in another process, with so many threads an inference."""
    return partial(_open, bundle, settings, folder, tuple(outputs), threads, best)


def _open(
    bundle: Path, settings: Settings, folder: Path, outputs: Sequence[Output], threads: int, best: int | None
) -> Tools:
    set_threads(threads)
    return Tools(Reader(Bundle(bundle), settings), folder, outputs, best)


def read_file(tools: Tools, job: Job) -> ReadFile:
    """Read a file and write its results; an error of the file is part of the answer.

    Raises
    ------
    OSError
        If the machine refuses what every other file would need too, such as space on the disk.
    """
    stamp, results = stamp_of(job.path), _Results(tools, job)
    errors = [error for step in results.steps if (error := _error_of(step))]
    return ReadFile(tuple(results.frames), results.sha256, stamp, errors[0] if errors else None, results.without)


def killed_by(job: Job) -> ReadFile:
    """What became of a file that killed each process that read it."""
    return ReadFile((), "", None, killing(job))


def killing(job: Job) -> NonetError:
    """The error of a file that killed each process that read it."""
    return NonetError(
        "A file is read without the process that reads it being killed",
        found=f"{job.name}: every one that read it alone ended",
        remedy="Look at the file, or free some memory",
    )


def _error_of(step: Callable[[], None]) -> NonetError | None:
    """What a step of one file ended with, unless it would stop every other file too."""
    try:
        step()
    except NonetError as error:
        return error
    except OSError as problem:
        if stops_everything(problem):
            raise
        return environment_failure(problem)
    return None


def frame_name(name: str, frame: int, frames: int) -> str:
    """The name of the results of a frame, counted from 0, of a file of so many."""
    return name if frames == 1 else f"{name}.frame-{frame:04d}"


def source_name(name: str, frame: int, frames: int) -> str:
    """The name of the results of a file, from that of one of its frames."""
    return name if frames == 1 else name.removesuffix(frame_name("", frame, frames))


def document_of(folder: Path, name: str) -> Path:
    """Where the reading of a frame lies."""
    return folder / f"{name}.json"


class _Results:
    """The results of one file, as they are written."""

    def __init__(self, tools: Tools, job: Job) -> None:
        self.tools, self.job = tools, job
        self.frames: list[FrameRecord] = []
        self.sha256 = ""
        self.without: dict[str, str] = {}
        self._outputs: Sequence[Output] = ()
        self._readings: list[Reading] = []
        self._loop: LoopWriter | None = None

    @property
    def steps(self) -> tuple[Callable[[], None], ...]:
        """What there is to do, in order."""
        return self.write_frames, self.write_source, self.write_loop

    def write_frames(self) -> None:
        """Read the frames, and write the results of each, or of the best of a loop."""
        for frame, reading in self._read():
            if not self.frames:
                self.sha256 = self._loop.sha256 if self._loop else frame.source.file_sha256
                self._choose_outputs(frame)
            self.frames.append(self._write(frame, reading))
            if any(output.source_files_of(self.job.name) for output in self._outputs):
                self._readings.append(reading)

    def _read(self) -> Iterator[tuple[Frame, Reading]]:
        reader, path, watch = self.tools.reader, self.job.path, self.tools.watch_frames
        frames: Iterator[Frame] = iter(())
        if path.is_dir():
            self._loop = LoopWriter.of_stills(path, reader, watch)
        else:
            frames = reader.open_source(path)
            first = next(frames, None)
            frames = chain([first] if first else [], frames)
            if first and is_loop(first):
                frames = watch(frames, first.source.frames) if watch else frames
                self._loop = LoopWriter(path, reader, frames, first.source.file_sha256)
        if self._loop is None:
            return ((frame, reader.read_frame(frame)) for frame in frames)
        if self.tools.best is None:
            return self._loop.read_all()
        return self._loop.read_best(self.tools.best, self.tools.loop_workers)

    def write_source(self) -> None:
        """Write what the frames share; its files count as the last frame's."""
        for output in self._outputs if self._readings else ():
            output.write_source(self.job.name, self.job.path, self._readings)
            self._count(output.source_files_of(self.job.name))

    def write_loop(self) -> None:
        """Write the document of a loop, and what outputs make of it."""
        if self._loop is None or not self.frames:
            return
        result = self._loop.result()
        target = loop_path(self.tools.folder, self.job.name)
        with replacing(target) as text:
            text.write(result.loop.to_json())
        self._count([target])
        for output in self._outputs:
            output.write_loop(self.job.name, result)
            self._count(output.loop_files_of(self.job.name))

    def _count(self, paths: Sequence[Path]) -> None:
        """Count files as the last frame's."""
        self.frames[-1] = replace(self.frames[-1], files={**self.frames[-1].files, **self._sizes(paths)})

    def _choose_outputs(self, frame: Frame) -> None:
        reasons = {output.name: output.declines(frame.source) for output in self.tools.outputs}
        if self.job.path.is_dir():
            of_instances = [output for output in self.tools.outputs if output.source_files_of(self.job.name)]
            reasons |= {output.name: _OF_STILLS for output in of_instances}
        self.without = {name: reason for name, reason in reasons.items() if reason}
        self._outputs = [output for output in self.tools.outputs if output.name not in self.without]

    def _write(self, frame: Frame, reading: Reading) -> FrameRecord:
        own = frame_name(self.job.name, frame.source.frame, frame.source.frames)
        result = FrameResult(frame, reading)
        for output in self._outputs:
            output.write_frame(own, result)
        target = document_of(self.tools.folder, own)
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacing(target) as text:
            text.write(reading.to_json())
        return FrameRecord(own, self._sizes([target, *(path for one in self._outputs for path in one.files_of(own))]))

    def _sizes(self, paths: Sequence[Path]) -> dict[str, int]:
        return {path.relative_to(self.tools.folder).as_posix(): path.stat().st_size for path in paths}
