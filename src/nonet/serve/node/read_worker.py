"""What a reader process does: the bundle opened once, then one instance after the other, its results on disk.

A file that harms its reader harms this process alone; the decoders of `nonet.frames` run in a sandbox below it.
"""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import dataclass, replace
from importlib import import_module
from multiprocessing import connection, parent_process
from typing import TYPE_CHECKING, Any

from nonet.environment import environment_failure, stops_everything
from nonet.errors import DicomError, EnvironmentFailure, NonetError
from nonet.serve.node.config import ResultKind
from nonet.serve.node.jobs import ResultFile
from nonet.serve.node.sop_classes import IMAGES, RESULTS
from nonet.serve.node.spool import Spool, sync

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from pathlib import Path

    from pydicom.dataset import Dataset

    from nonet.frame import Frame
    from nonet.reader import Reader

__all__ = ["READY", "Outcome", "Refused", "Setup", "Skipped", "Task", "Unread", "work"]

READY = "ready"
"""What a reader says once its bundle is open."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a reader is opened with: the bundle, what is made of each instance, and the spool."""

    bundle: Path
    kinds: tuple[str, ...]
    spool: Path


@dataclass(frozen=True, slots=True)
class Task:
    """An instance to read: its number, its file and what it was sent as."""

    number: int
    path: Path
    sop_instance_uid: str
    sop_class_uid: str


@dataclass(frozen=True, slots=True)
class Unread:
    """The instance cannot be read."""

    error: NonetError


@dataclass(frozen=True, slots=True)
class Skipped:
    """The instance is not one to read."""

    reason: NonetError


@dataclass(frozen=True, slots=True)
class Refused:
    """The machine refused something, so that the instance has to wait; ``reading``: it would not read this instance."""

    error: EnvironmentFailure
    reading: bool = False


Outcome = tuple[ResultFile, ...] | Unread | Skipped | Refused


def work(channel: Connection, setup: Setup) -> None:
    """Open a reader, say so, and answer tasks until the other side hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.umask(0o077)
    from nonet.serve.node.log import silence_libraries

    silence_libraries()
    try:
        reader, spool = _open_reader(setup), Spool(setup.spool)
    except NonetError as problem:
        channel.send(Unread(problem))
        return
    channel.send(READY)
    while (task := _next_task(channel)) is not None:
        channel.send(read_instance(reader, spool, setup.kinds, task))


def read_instance(reader: Reader, spool: Spool, kinds: tuple[str, ...], task: Task) -> Outcome:
    """Read one instance and write its results, synced, into the spool."""
    results = _read(reader, kinds, task)
    if not isinstance(results, list):
        return results
    try:
        return _written(spool, results, task.number)
    except OSError as problem:
        return Refused(environment_failure(problem))


def _read(reader: Reader, kinds: tuple[str, ...], task: Task) -> list[Dataset] | Unread | Skipped | Refused:
    """The results of an instance, or why there are none."""
    try:
        if reason := _not_to_read(task):
            return Skipped(reason)
        return _results(reader, kinds, task)
    except EnvironmentFailure as problem:
        return Refused(problem, reading=True)
    except NonetError as problem:
        return Unread(problem)
    except OSError as problem:
        failure = environment_failure(problem)
        return Refused(failure) if stops_everything(problem) else Unread(failure)
    except Exception as problem:
        return Unread(_fault(problem))


def _open_reader(setup: Setup) -> Reader:
    from nonet.bundle import Bundle
    from nonet.bundle.session import set_threads
    from nonet.reader import Reader

    import_module("highdicom.sr")  # so that the first instance does not wait for it
    set_threads(1)
    return Reader(Bundle(setup.bundle))


def _next_task(channel: Connection) -> Task | None:
    try:
        task: Task | None = channel.recv()
    except EOFError:
        return None
    return task


def _end_with_parent() -> None:
    """Let a reader not outlive a node that was killed: the next node's readers work in its place."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _results(reader: Reader, kinds: tuple[str, ...], task: Task) -> list[Dataset]:
    from nonet.outputs.dicom import results_of

    pairs = [(_light(frame, kinds), reading) for frame, reading in reader.read_source(task.path)]
    said = pairs[0][0].source
    if (said.sop_instance_uid, said.sop_class_uid) != (task.sop_instance_uid, task.sop_class_uid):
        raise DicomError(
            "An instance is what its sender says it is",
            found="another SOP Instance UID or SOP class in the data set than in the C-STORE",
            remedy="Have the sender correct its database, and send the image again",
        )
    return results_of(task.path, pairs, kinds)


def _light(frame: Frame, kinds: tuple[str, ...]) -> Frame:
    """A frame without its pixels where no result shows them, so that a long loop takes little memory."""
    if ResultKind.SC in kinds:
        return frame
    return replace(frame, pixels=frame.pixels[:1, :1].copy(), overlay=None, sector=None)


def _written(spool: Spool, results: list[Dataset], job: int) -> tuple[ResultFile, ...]:
    """All results on disk, or none of them."""
    try:
        files = tuple(_write(result, spool.new_result(job)) for result in results)
        sync(spool.results)
    except BaseException:
        spool.remove_results(job)
        raise
    return files


def _write(result: Dataset, path: Path) -> ResultFile:
    from nonet.files import replacing_bytes

    with replacing_bytes(path) as file:
        result.save_as(file, enforce_file_format=True)
    return ResultFile(path.name, str(result.SOPInstanceUID), str(result.SOPClassUID), path.stat().st_size)


def _not_to_read(task: Task) -> NonetError | None:
    """Why an instance is not to be read, if it is not: Nonet's own results come back where a study is sent whole."""
    from nonet.outputs.dicom import is_own
    from nonet.outputs.dicom.source import header_of

    if is_own(header_of(task.path)):
        return _skipped("a result that Nonet made")
    if task.sop_class_uid not in IMAGES:
        _, name = RESULTS.get(task.sop_class_uid, ("", "another SOP class"))
        return _skipped(f"{name} that Nonet did not make")
    return None


def _skipped(found: str) -> NonetError:
    return NonetError("The node reads ultrasound images", found=found, remedy="Leave it out of what is sent")


def _fault(problem: Exception) -> NonetError:
    """An error that no guard foresaw; its words may quote the data set, so they stay here."""
    trace: Any = problem.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f", line {trace.tb_lineno} of {os.path.basename(trace.tb_frame.f_code.co_filename)}" if trace else ""  # noqa: PTH119
    return NonetError(
        "An instance is read without a fault of the program",
        found=f"{type(problem).__name__}{place}",
        remedy="Report it, with the file if it may be shared",
    )
