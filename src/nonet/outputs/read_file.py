"""Read one file and write the results of its frames: what a worker of `nonet.outputs.folder` does."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from nonet.bundle import Bundle
from nonet.bundle.session import set_threads
from nonet.environment import environment_failure, stops_everything
from nonet.errors import NonetError
from nonet.files import replacing
from nonet.outputs.records import FrameRecord, Stamp, stamp_of
from nonet.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nonet.frame import Frame
    from nonet.outputs.output import Output
    from nonet.reading import Reading, Settings

__all__ = ["Job", "ReadFile", "Tools", "document_of", "frame_name", "opener", "read_file"]


@dataclass(frozen=True, slots=True)
class Job:
    """A file to read, and the name of its results."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What became of a file: the results of its frames, and the error if it could not be read whole."""

    frames: tuple[FrameRecord, ...]
    sha256: str
    stamp: Stamp | None
    error: NonetError | None = None


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
    stamp, sha256, frames = stamp_of(job.path), "", []
    try:
        for frame, reading in tools.reader.read_source(job.path):
            sha256 = frame.source.file_sha256
            frames.append(_write(tools, job.name, frame, reading))
    except NonetError as error:
        return ReadFile(tuple(frames), sha256, stamp, error)
    except OSError as problem:
        if stops_everything(problem):
            raise
        return ReadFile(tuple(frames), sha256, stamp, environment_failure(problem))
    return ReadFile(tuple(frames), sha256, stamp)


def frame_name(name: str, frame: int, frames: int) -> str:
    """The name of the results of a frame, counted from 0, of a file of so many."""
    return name if frames == 1 else f"{name}.frame-{frame:04d}"


def document_of(folder: Path, name: str) -> Path:
    """Where the reading of a frame lies."""
    return folder / f"{name}.json"


def _write(tools: Tools, name: str, frame: Frame, reading: Reading) -> FrameRecord:
    own = frame_name(name, frame.source.frame, frame.source.frames)
    for output in tools.outputs:
        output.write_frame(own, frame, reading)
    target = document_of(tools.folder, own)
    target.parent.mkdir(parents=True, exist_ok=True)
    with replacing(target) as text:
        text.write(reading.to_json())
    files = [target, *(path for output in tools.outputs for path in output.files_of(own))]
    return FrameRecord(own, {path.relative_to(tools.folder).as_posix(): path.stat().st_size for path in files})
