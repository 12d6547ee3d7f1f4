"""Keeps reader processes at work: hands out what waits in the queue, and records what became of it.

A reader that dies or takes too long is replaced. Its instance waits again, or is a failure once it has been begun so
often that it must be what ends its readers. A read that a stop interrupts is not counted.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import connection, get_context
from typing import TYPE_CHECKING

from nonet.errors import NonetError
from nonet.serve.node.log import log
from nonet.serve.node.read_worker import READY, Refused, Setup, Skipped, Task, Unread, work
from nonet.serve.node.vital import MachineRefused, machine, vital_thread

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

    from nonet.serve.node.config import Config
    from nonet.serve.node.jobs import Job
    from nonet.serve.node.queue import Queue
    from nonet.serve.node.read_worker import Outcome

__all__ = ["STOP_SECONDS", "Readers", "ended_its_reader"]

_PAUSE_SECONDS = 10.0
"""How long nothing is begun after the machine refused something."""
STOP_SECONDS = 60.0
"""How long instances in hand may take to end after a stop; their readers are ended then."""
_RESTART_SECONDS = 2.0
_CHECK_SECONDS = 1.0


@dataclass(slots=True)
class _Reader:
    process: SpawnProcess
    channel: Connection
    ready: bool = False
    job: Job | None = None
    begun: float = 0.0

    @property
    def is_free(self) -> bool:
        return self.ready and self.job is None


@dataclass(frozen=True, slots=True)
class _Ended:
    """What became of an instance: a reader's answer, or None where the reader died."""

    job: Job
    answer: Outcome | None
    seconds: float


class Readers:
    """A fixed number of reader processes, served by one thread.

    Parameters
    ----------
    config
        How many, with which limits.
    setup
        What each is opened with.
    queue
        Where instances come from.
    has_results
        Called when there is something new to send.
    """

    def __init__(self, config: Config, setup: Setup, queue: Queue, has_results: Callable[[], None]) -> None:
        self._config, self._setup, self._queue, self._has_results = config, setup, queue, has_results
        self._readers: list[_Reader] = []
        self._awake, self._waker = get_context("spawn").Pipe(duplex=False)
        self._stopping = False
        self._paused_until = 0.0
        self._restart_at = 0.0
        self._waking = threading.Lock()
        self._unrecorded: list[_Ended] = []
        self._thread = vital_thread("readers", self._run)

    def start(self) -> None:
        """Start the processes and the thread that serves them."""
        self._thread.start()

    def wake(self) -> None:
        """Look into the queue now."""
        with self._waking:
            if not self._awake.poll():
                self._waker.send_bytes(b"1")

    def stop(self) -> None:
        """Begin no other instance, give those in hand some time, and end the processes."""
        self._stopping = True
        self.wake()
        self._thread.join()

    @property
    def ready(self) -> int:
        """Readers with their bundle open."""
        return sum(reader.ready for reader in self._readers)

    @property
    def paused(self) -> bool:
        """Whether reading waits because the machine refused something."""
        return time.monotonic() < self._paused_until

    def _run(self) -> None:
        while not self._stopping:
            self._turn()
        self._finish()

    def _turn(self) -> None:
        """Hand out what can be, then wait for something to happen, and act on it."""
        self._replace_missing()
        try:
            self._record_ended()
            self._hand_out()
        except MachineRefused:
            self._paused_until = time.monotonic() + _PAUSE_SECONDS
        found = {one: reader for reader in self._readers for one in (reader.channel, reader.process.sentinel)}
        for one in connection.wait([*found, self._awake], timeout=_CHECK_SECONDS):
            if one is self._awake:
                self._awake.recv_bytes()
            elif found[one] in self._readers:  # type: ignore[index]
                self._hear(found[one])  # type: ignore[index]
        self._end_slow()

    def _finish(self) -> None:
        """Give what is in hand some time, then end it; it waits again at the next start, and was no attempt."""
        ends = time.monotonic() + STOP_SECONDS
        with suppress(MachineRefused), machine():
            for job in [reader.job for reader in self._readers if reader.job]:
                self._queue.uncount(job)
        while self._busy and time.monotonic() < ends:
            self._turn()
        for reader in self._busy:
            self._lose(reader)
        with suppress(MachineRefused):
            self._record_ended()
        for reader in self._readers:
            if not reader.ready:  # it opens its bundle, and would only then see that nobody is there any more
                reader.process.kill()
            reader.channel.close()
        for reader in self._readers:
            reader.process.join(5)
            reader.process.kill()

    @property
    def _busy(self) -> list[_Reader]:
        return [reader for reader in self._readers if reader.job is not None]

    def _replace_missing(self) -> None:
        while not self._stopping and len(self._readers) < self._config.workers:
            if time.monotonic() < self._restart_at:
                return
            ours, theirs = get_context("spawn").Pipe()
            process = get_context("spawn").Process(target=work, args=(theirs, self._setup), name="reader", daemon=True)
            process.start()
            theirs.close()
            self._readers.append(_Reader(process, ours))

    def _hand_out(self) -> None:
        for reader in self._readers:
            if self._stopping or self.paused or not reader.is_free:
                continue
            with machine():
                job = self._queue.claim()
            if job is None:
                return
            reader.job, reader.begun = job, time.monotonic()
            path = self._queue.spool.instances / job.file
            task = Task(job.number, path, job.sop_instance_uid, job.sop_class_uid)
            try:
                reader.channel.send(task)
            except OSError:
                self._lose(reader)
                return

    def _hear(self, reader: _Reader) -> None:
        try:
            answer = reader.channel.recv() if reader.channel.poll() else None
        except (EOFError, OSError):
            answer = None
        if answer is None:
            self._lose(reader)
        elif answer == READY:
            reader.ready = True
        elif reader.job is None:
            log("reader", error=answer.error)
            self._lose(reader)
        else:
            self._unrecorded.append(_Ended(reader.job, answer, time.monotonic() - reader.begun))
            reader.job = None

    def _record_ended(self) -> None:
        """Record what became of instances; where the machine refuses, the rest is kept for later."""
        while self._unrecorded:
            with machine():
                self._record(self._unrecorded[0])
            del self._unrecorded[0]

    def _record(self, ended: _Ended) -> None:
        job, answer, took = ended.job, ended.answer, f"{ended.seconds:.2f}"
        if answer is None:
            self._record_lost(job)
        elif isinstance(answer, Unread):
            self._queue.fail(job, answer.error)
            log("failed", job=job.number, reason=answer.error, seconds=took)
        elif isinstance(answer, Skipped):
            self._queue.skip(job, answer.reason)
            log("skipped", job=job.number, reason=answer.reason.found)
        elif isinstance(answer, Refused):
            self._record_refused(job, answer)
        else:
            self._queue.send(job, answer, [one.ae_title for one in self._config.destinations])
            log("read", job=job.number, results=len(answer), seconds=took)
            self._has_results()

    def _record_refused(self, job: Job, answer: Refused) -> None:
        """Let what the machine refused wait, for a while for all; one that it never reads is a failure in the end."""
        self._paused_until = time.monotonic() + _PAUSE_SECONDS
        if answer.reading and job.refusals + 1 >= self._config.limits.read_refusals:
            self._queue.fail(job, answer.error)
            log("failed", job=job.number, reason=answer.error, refusals=job.refusals + 1)
            return
        self._queue.release(job, counted=False, refused=answer.reading)
        log("paused", job=job.number, reason=answer.error)

    def _lose(self, reader: _Reader) -> None:
        """Take a reader off that has died, and decide about what it had in hand."""
        self._readers.remove(reader)
        reader.channel.close()
        reader.process.kill()
        reader.process.join(5)
        self._restart_at = time.monotonic() + (0 if reader.ready else _RESTART_SECONDS)
        number = reader.job.number if reader.job else None
        log("reader", reason="ended", code=reader.process.exitcode, job=number)
        if reader.job is not None:
            self._unrecorded.append(_Ended(reader.job, None, time.monotonic() - reader.begun))

    def _record_lost(self, job: Job) -> None:
        """Let an instance whose reader died wait again, or fail; what the reader left of its results goes."""
        self._queue.spool.remove_results(job.number)
        if self._stopping or job.attempts < self._config.limits.read_attempts:
            self._queue.release(job, counted=not self._stopping)
            return
        self._queue.fail(job, ended_its_reader(job.attempts))
        log("failed", job=job.number, reason="ended its reader", attempts=job.attempts)

    def _end_slow(self) -> None:
        for reader in self._busy:
            if time.monotonic() - reader.begun > self._config.limits.read_seconds:
                log("reader", reason=f"longer than {self._config.limits.read_seconds:g} s", job=reader.job.number)  # type: ignore[union-attr]
                self._lose(reader)


def ended_its_reader(attempts: int) -> NonetError:
    """The failure of an instance that was begun so often, and each time ended the process that read it."""
    return NonetError(
        "An instance is read within its time and without ending its reader",
        found=f"{attempts} attempts that ended in neither a result nor an error",
        remedy="Report it, with the file if it may be shared",
    )
