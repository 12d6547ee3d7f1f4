"""One part of a data set of readings: some files, read by one worker into one Parquet object, there whole or not.

The object's name is made of the names and bytes of its files, the bundle and the settings. A worker that is asked for a
part that is there, since the one before it was killed after its last write, leaves it.
"""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nonet.bundle import Bundle
from nonet.bundle.session import set_threads
from nonet.environment import environment_failure, stops_everything
from nonet.errors import BundleError, EnvironmentFailure, Failure, FrameError, NonetError
from nonet.frames.discovery import MARKER
from nonet.frames.guards import open_regular
from nonet.outputs.made_by import made_by_hash
from nonet.outputs.output import Output
from nonet.outputs.parquet.reading_table import failure_row, item_key, parquet_bytes, reading_row
from nonet.outputs.pixel_output import mask_overlays
from nonet.outputs.read_file import Tools, read_file
from nonet.outputs.registry import make_outputs
from nonet.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nonet.outputs.frame_result import FrameResult
    from nonet.outputs.read_file import Job
    from nonet.outputs.store.places import Store
    from nonet.reading import Reading, Settings

__all__ = [
    "READINGS",
    "Finished",
    "Part",
    "PartDone",
    "PartSettings",
    "PartTools",
    "lost_row",
    "open_tools",
    "part_path",
    "read_part",
]

READINGS = "readings"
"""The folder of the Parquet objects in a store."""

_READ_THREADS = 1


@dataclass(frozen=True, slots=True)
class Part:
    """Files whose readings lie together."""

    jobs: tuple[Job, ...]


@dataclass(frozen=True, slots=True)
class PartDone:
    """What became of a part.

    Attributes
    ----------
    read, kept, failed_before
        How many of its files were read now, how many an earlier run had finished, and how many of these are failures.
    frames
        How many frames were read now.
    failures
        Files that could not be read, and why.
    far_out
        Of each frame, the share of the grader's own frames that lie as far out; NaN where it is not known.
    lost
        The files of a part that killed its worker: none of them is done.
    """

    read: int = 0
    kept: int = 0
    failed_before: int = 0
    frames: int = 0
    failures: tuple[Failure, ...] = ()
    far_out: tuple[float, ...] = ()
    lost: tuple[Job, ...] = ()


@dataclass(frozen=True, slots=True)
class PartSettings:
    """What all parts of a run share.

    Attributes
    ----------
    bundle
        Folder of the bundle; None is the one that comes with Nonet, wherever a worker has it.
    bundle_sha256
        The bundle that it must be.
    settings
        What the user chose.
    store
        Where results go.
    outputs
        What is written of each frame besides its row, by the names of `nonet.outputs.registry` and ``json``.
    mask
        Whether what is burnt in is masked.
    """

    bundle: Path | None
    bundle_sha256: str
    settings: Settings
    store: Store
    outputs: tuple[str, ...] = ()
    mask: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """The keys of the files that earlier runs finished, and of those among them that could not be read; both sorted."""

    keys: NDArray[np.bytes_]
    failed: NDArray[np.bytes_]

    def has(self, key: str) -> bool:
        """Whether a file is finished."""
        return _has(self.keys, key)

    def has_failed(self, key: str) -> bool:
        """Whether a file is finished, and could not be read."""
        return _has(self.failed, key)


def _has(keys: NDArray[np.bytes_], key: str) -> bool:
    place = int(np.searchsorted(keys, key.encode()))
    return place < len(keys) and bool(keys[place] == key.encode())


@dataclass(frozen=True, slots=True)
class PartTools:
    """What a worker holds open."""

    reader: Reader
    run: PartSettings
    finished: Finished
    made_by: str


def open_tools(run: PartSettings, finished: Finished) -> PartTools:
    """Open the bundle, once a worker.

    Raises
    ------
    BundleError
        If the worker's bundle is another than the one that the run began with.
    """
    set_threads(_READ_THREADS)
    bundle = Bundle(run.bundle) if run.bundle else Bundle()
    if bundle.sha256 != run.bundle_sha256:
        raise BundleError(
            "All workers read with one bundle",
            found=f"{bundle.folder}: sha256 {bundle.sha256[:12]}..., the run has {run.bundle_sha256[:12]}...",
            remedy="Install the same version of Nonet on every machine, and put --bundle where all see it",
        )
    return PartTools(Reader(bundle, run.settings), run, finished, made_by_hash(bundle.sha256, run.settings))


def part_path(made_by: str, keys: Sequence[str]) -> str:
    """Where the part of files with these keys lies in a store."""
    name = hashlib.sha256("".join(sorted(keys)).encode()).hexdigest()[:32]
    return f"{READINGS}/{made_by}/part-{name}.parquet"


def read_part(tools: PartTools, part: Part) -> PartDone:
    """Read the files of a part that are not finished, and put their rows, and what else was asked for, into the store.

    A file that cannot be read is a row with the reason, and finished. One that the machine refuses is a failure and no
    row: the next run tries again.

    Raises
    ------
    OSError, EnvironmentFailure
        If the machine or the store refuses what every other part would need too.
    """
    digests, failures = _digests(part)
    keys = {job: item_key(job.name, digest, tools.made_by) for job, digest in digests.items()}
    waiting = {job: key for job, key in keys.items() if not tools.finished.has(key)}
    kept, failed = len(keys) - len(waiting), sum(map(tools.finished.has_failed, keys.values()))
    target = part_path(tools.made_by, list(waiting.values()))
    if not waiting or tools.run.store.has(target):
        return PartDone(kept=len(keys), failed_before=failed, failures=tuple(failures))
    with tempfile.TemporaryDirectory(prefix="nonet-") as folder:
        work = _Work(tools, Path(folder))
        for job, key in waiting.items():
            work.read(job, key, digests[job])
        work.put_files()
    if work.rows:
        tools.run.store.write(target, parquet_bytes(work.rows))
    return PartDone(
        len(waiting), kept, failed, len(work.far_out), (*failures, *work.failures), far_out=tuple(work.far_out)
    )


def _digests(part: Part) -> tuple[dict[Job, str], list[Failure]]:
    """SHA-256 of the bytes of each file, and those that cannot be opened."""
    digests: dict[Job, str] = {}
    failures = []
    for job in part.jobs:
        try:
            digests[job] = _digest(job.path)
        except FrameError as error:
            failures.append(Failure(job.name, error))
        except OSError as problem:
            if stops_everything(problem):
                raise
            failures.append(Failure(job.name, environment_failure(problem)))
    return digests, failures


def _digest(path: Path) -> str:
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass
class _Work:
    """Files as they are read, in a folder of this machine."""

    tools: PartTools
    folder: Path
    rows: list[dict[str, Any]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    far_out: list[float] = field(default_factory=list)

    def read(self, job: Job, key: str, digest: str) -> None:
        """Read one file; its rows count only if it is the one that was hashed, and the machine let it be read."""
        run, collected = self.tools.run, _Collected(self.folder)
        forms = make_outputs(",".join(name for name in run.outputs if name != "json"), self.folder)
        if run.mask:
            mask_overlays(forms)
        read = read_file(Tools(self.tools.reader, self.folder, (collected, *forms)), job)
        error = read.error
        if read.sha256 and read.sha256 != digest:
            error = EnvironmentFailure(
                "A file stays as it is while it is read",
                found=f"{job.name}: other bytes than a moment before",
                remedy="Run the same command again once it is whole",
            )
        if error:
            self.failures.append(Failure(job.name, error))
        if isinstance(error, EnvironmentFailure):
            return
        self.rows += [reading_row(name, key, self.tools.made_by, reading) for name, reading in collected.readings]
        self.far_out += [_far_out(reading) for _, reading in collected.readings]
        if error:
            named = Failure(job.name, _without_path(error, job))
            self.rows.append(failure_row(named, key, digest, self.tools.made_by))

    def put_files(self) -> None:
        """Put what else was written of the files into the store, by the same names; documents only if asked for."""
        left_out = set() if "json" in self.tools.run.outputs else {".json"}
        for path in sorted(self.folder.rglob("*")):
            below = path.relative_to(self.folder)
            if path.is_file() and below.parts[0] != MARKER and path.suffix not in left_out:
                self.tools.run.store.write(below.as_posix(), path.read_bytes())


class _Collected(Output):
    """Keeps the readings of a file."""

    name = "collected"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.readings: list[tuple[str, Reading]] = []

    def write_frame(self, name: str, result: FrameResult) -> None:
        """Keep a reading."""
        self.readings.append((name, result.reading))


def _without_path(error: NonetError, job: Job) -> NonetError:
    """An error that names the file by the name of its results, as a reading does: a path may tell who was examined."""
    return NonetError(error.rule, found=error.found.replace(str(job.path), job.name), remedy=error.remedy)


def _far_out(reading: Reading) -> float:
    share = reading.plane_quality.as_far_out
    return float("nan") if share is None else share


def lost_row(failure: Failure, digest: str, made_by: str) -> tuple[str, bytes]:
    """The part of a file that kills its worker: where it lies, and its bytes."""
    key = item_key(failure.name, digest, made_by)
    return part_path(made_by, [key]), parquet_bytes([failure_row(failure, key, digest, made_by)])
