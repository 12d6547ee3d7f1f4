"""Read one file and write the results of its frames: what a worker of `nonet.outputs.folder` does."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from nonet.bundle import Bundle
from nonet.bundle.session import set_threads
from nonet.environment import environment_failure, stops_everything
from nonet.errors import NonetError
from nonet.files import replacing
from nonet.outputs.frame_result import FrameResult
from nonet.outputs.records import FrameRecord, Stamp, stamp_of
from nonet.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nonet.frame import Frame
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
    """What a worker holds open: a reader, the output folder, and what is written into it."""

    reader: Reader
    folder: Path
    outputs: Sequence[Output]


def opener(
    bundle: Path, settings: Settings, folder: Path, outputs: Sequence[Output], threads: int
) -> Callable[[], Tools]:
    """A function that opens the tools, here or in another process, with so many threads an inference."""
    return partial(_open, bundle, settings, folder, tuple(outputs), threads)


def _open(bundle: Path, settings: Settings, folder: Path, outputs: Sequence[Output], threads: int) -> Tools:
    set_threads(threads)
    return Tools(Reader(Bundle(bundle), settings), folder, outputs)


def read_file(tools: Tools, job: Job) -> ReadFile:
    """Read a file and write its results; an error of the file is part of the answer.

    Raises
    ------
    OSError
        If the machine refuses what every other file would need too, such as space on the disk.
    """
    stamp, results = stamp_of(job.path), _Results(tools, job)
    errors = [error for step in (results.write_frames, results.write_source) if (error := _error_of(step))]
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

    def write_frames(self) -> None:
        """Read the frames, and write the results of each."""
        for frame, reading in self.tools.reader.read_source(self.job.path):
            if not self.frames:
                self.sha256 = frame.source.file_sha256
                self._choose_outputs(frame)
            self.frames.append(self._write(frame, reading))
            if any(output.source_files_of(self.job.name) for output in self._outputs):
                self._readings.append(reading)

    def write_source(self) -> None:
        """Write what the frames share; its files count as the last frame's."""
        for output in self._outputs if self._readings else ():
            output.write_source(self.job.name, self.job.path, self._readings)
            files = self._sizes(output.source_files_of(self.job.name))
            self.frames[-1] = replace(self.frames[-1], files={**self.frames[-1].files, **files})

    def _choose_outputs(self, frame: Frame) -> None:
        reasons = {output.name: output.declines(frame.source) for output in self.tools.outputs}
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
