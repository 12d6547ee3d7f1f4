"""The durable queue: each received instance, from its file on disk to its one end.

Every change is a transaction that is on the disk when the method returns. A file is removed only after the transaction
that makes it needless, so a crash between the two leaves a file too many, never one too few.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from nonet.errors import EnvironmentFailure
from nonet.files import sha256_of
from nonet.serve.node.config import Keep
from nonet.serve.node.database import Database
from nonet.serve.node.jobs import DeliveryState, Job, JobState, Receipt

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from nonet.errors import NonetError
    from nonet.serve.node.jobs import ResultFile
    from nonet.serve.node.spool import Spool

__all__ = ["ENDS", "FILE", "Queue"]

FILE = "queue.sqlite"
"""The queue's file in its spool."""

ENDS = (JobState.DONE, JobState.FAILED, JobState.SKIPPED)
"""States that an instance does not leave, unless it failed and is sent once more."""


class Queue:
    """The queue in a spool; any thread of one process may use it.

    Parameters
    ----------
    spool
        The folder of its files.
    keep
        Which received files stay when their instance has ended.
    storage_bytes, free_bytes
        What the spool may hold, and what stays free on its disk.
    now
        The clock, seconds since 1970.
    """

    def __init__(
        self,
        spool: Spool,
        keep: Keep = Keep.NOTHING,
        *,
        storage_bytes: int,
        free_bytes: int = 0,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.spool = spool
        self.database = Database(spool.folder / FILE)
        self.now = now
        self._keep, self._storage_bytes, self._free_bytes = keep, storage_bytes, free_bytes
        self._intake = threading.Lock()

    def put(
        self, received: Path, *, sop_instance_uid: str, sop_class_uid: str, origin: str, sha256: str | None = None
    ) -> tuple[Receipt, int]:
        """Take a file that lies in ``incoming``: on disk and in the queue when this returns.

        Parameters
        ----------
        received
            The file; it is moved, or removed where it is not needed.
        sop_instance_uid, sop_class_uid
            What it is.
        origin
            Who sent it.
        sha256
            A hash of what counts as its content; by default of the whole file.

        Returns
        -------
        What it is to the queue, and the number of its job.

        Raises
        ------
        EnvironmentFailure
            If the spool, or the disk that it lies on, has no room for it.
        """
        sha256 = sha256 or sha256_of(received)
        with self._intake:
            known = self._known(sop_instance_uid)
            receipt = _receipt(known, sha256)
            if known and receipt in (Receipt.DUPLICATE, Receipt.OTHER_VERSION):
                self._count(known["number"], receipt)
                received.unlink(missing_ok=True)
                return receipt, known["number"]
            size = received.stat().st_size
            self.check_room(size)
            name = self.spool.adopt(received)
            try:
                number = self._insert((sop_instance_uid, sop_class_uid, sha256, size, name, origin))
            except BaseException:
                (self.spool.instances / name).unlink(missing_ok=True)
                raise
        if known and known["file"]:
            (self.spool.instances / known["file"]).unlink(missing_ok=True)
        return receipt, number

    def check_room(self, size: int) -> None:
        """Raise if a file of so many bytes has no room.

        Raises
        ------
        EnvironmentFailure
            If the spool would hold more than it may, or too little of its disk would stay free.
        """
        held, free = self.bytes_held(), self.spool.free_bytes()
        if held + size > self._storage_bytes:
            raise _no_room(f"{held} of {self._storage_bytes} bytes in use", "Raise storage_bytes, or let results leave")
        if free - size < self._free_bytes:
            raise _no_room(f"{free} bytes free on its disk, {self._free_bytes} to stay", "Free some space on the disk")

    def bytes_held(self) -> int:
        """Bytes of the files that the queue holds."""
        (row,) = self.database.rows(
            "SELECT (SELECT COALESCE(SUM(bytes), 0) FROM job WHERE file IS NOT NULL) + "
            "(SELECT COALESCE(SUM(bytes), 0) FROM delivery WHERE state = ?)",
            DeliveryState.WAITING,
        )
        return int(row[0])

    def claim(self) -> Job | None:
        """The instance that has waited longest since it came or was put back, as being read; None if none waits."""
        with self.database.transaction() as connection:
            row = connection.execute(
                "SELECT * FROM job WHERE state = ? ORDER BY changed, number LIMIT 1", (JobState.WAITING,)
            ).fetchone()
            if row is None:
                return None
            attempts = row["attempts"] + 1
            self._set(connection, row["number"], JobState.READING, attempts)
        names = row["file"], row["sop_instance_uid"], row["sop_class_uid"]
        return Job(row["number"], *names, attempts=attempts, refusals=row["refusals"])

    def release(self, job: Job, *, counted: bool, refused: bool = False) -> None:
        """Let an instance that was not read wait again, behind the others.

        Parameters
        ----------
        job
            The instance.
        counted
            Whether that was an attempt.
        refused
            Whether the machine refused to read this instance, which is counted by itself.
        """
        with self.database.transaction() as connection:
            self._set(connection, job.number, JobState.WAITING, job.attempts - (not counted))
            connection.execute("UPDATE job SET refusals = refusals + ? WHERE number = ?", (int(refused), job.number))

    def uncount(self, job: Job) -> None:
        """Let the read that an instance is in be no attempt, however it ends."""
        with self.database.transaction() as connection:
            self._set(connection, job.number, JobState.READING, job.attempts - 1)

    def send(self, job: Job, results: Sequence[ResultFile], destinations: Sequence[str]) -> None:
        """Note that an instance was read, and that its results, which are on disk, go to each destination."""
        now = self.now()
        state = DeliveryState.WAITING
        rows = [
            (job.number, to, one.sop_instance_uid, one.sop_class_uid, one.file, one.bytes, state, now, now)
            for one in results
            for to in destinations
        ]  # fmt: skip
        with self.database.transaction() as connection:
            self._set(connection, job.number, JobState.SENDING, job.attempts)
            connection.execute("DELETE FROM delivery WHERE job = ?", (job.number,))
            connection.executemany(
                "INSERT INTO delivery (job, destination, sop_instance_uid, sop_class_uid, file, bytes, state, since,"
                " next_try) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )

    def fail(self, job: Job, error: NonetError) -> None:
        """Record that an instance cannot be read, and why."""
        with self.database.transaction() as connection:
            self.end(connection, job.number, JobState.FAILED, error)
        self.tidy(job.number)

    def skip(self, job: Job, reason: NonetError) -> None:
        """Record that an instance is not one to read."""
        with self.database.transaction() as connection:
            self.end(connection, job.number, JobState.SKIPPED, reason)
        self.tidy(job.number)

    def recover(self, error: NonetError, most_attempts: int) -> int:
        """After a start: instances that were being read wait again, or fail after so many attempts; leftovers go.

        Returns
        -------
        How many were being read.
        """
        with self.database.transaction() as connection:
            rows = connection.execute("SELECT * FROM job WHERE state = ?", (JobState.READING,)).fetchall()
            for row in rows:
                if row["attempts"] >= most_attempts:
                    self.end(connection, row["number"], JobState.FAILED, error)
                else:
                    self._set(connection, row["number"], JobState.WAITING, row["attempts"])
        ended = "SELECT number FROM job WHERE file IS NOT NULL AND state IN (?, ?, ?)"
        for (number,) in self.database.rows(ended, *ENDS):
            self.tidy(number)
        known = "SELECT file FROM job WHERE file IS NOT NULL UNION SELECT file FROM delivery WHERE state = ?"
        self.spool.remove_unknown({row[0] for row in self.database.rows(known, DeliveryState.WAITING)})
        return len(rows)

    def forget(self, seconds: float) -> None:
        """Forget instances that ended so long ago, and remove what was kept of them."""
        before = self.now() - seconds
        old = "state IN (?, ?, ?) AND changed < ?"
        kept = self.database.rows(f"SELECT file FROM job WHERE file IS NOT NULL AND {old}", *ENDS, before)  # noqa: S608
        with self.database.transaction() as connection:
            connection.execute(f"DELETE FROM job WHERE {old}", (*ENDS, before))  # noqa: S608
        for (name,) in kept:
            (self.spool.instances / name).unlink(missing_ok=True)

    def end(self, connection: sqlite3.Connection, number: int, state: JobState, reason: NonetError | None) -> None:
        """Set the end of an instance within a transaction; `tidy` it afterwards."""
        words = (reason.rule, reason.found, reason.remedy) if reason else (None, None, None)
        connection.execute(
            "UPDATE job SET state = ?, changed = ?, rule = ?, found = ?, remedy = ? WHERE number = ?",
            (state, self.now(), *words, number),
        )

    def tidy(self, number: int) -> None:
        """Remove the received file of an instance that has ended, unless it is to be kept."""
        rows = self.database.rows("SELECT state, file FROM job WHERE number = ? AND file IS NOT NULL", number)
        if not rows or self._keep is Keep.ALL:  # no row: it came again in the meantime, under another number
            return
        row = rows[0]
        if row["state"] == JobState.FAILED and self._keep is Keep.FAILED:
            return
        (self.spool.instances / row["file"]).unlink(missing_ok=True)
        with self.database.transaction() as connection:
            connection.execute("UPDATE job SET file = NULL WHERE number = ?", (number,))

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def _known(self, sop_instance_uid: str) -> sqlite3.Row | None:
        rows = self.database.rows("SELECT * FROM job WHERE sop_instance_uid = ?", sop_instance_uid)
        return rows[0] if rows else None

    def _count(self, number: int, receipt: Receipt) -> None:
        if receipt is Receipt.OTHER_VERSION:
            with self.database.transaction() as connection:
                connection.execute("UPDATE job SET other_versions = other_versions + 1 WHERE number = ?", (number,))

    def _insert(self, values: tuple[str, str, str, int, str, str]) -> int:
        """Note a new instance, in the place of one of that UID that failed; its number."""
        now = self.now()
        with self.database.transaction() as connection:
            connection.execute("DELETE FROM job WHERE sop_instance_uid = ?", (values[0],))
            cursor = connection.execute(
                "INSERT INTO job"
                " (sop_instance_uid, sop_class_uid, sha256, bytes, file, origin, state, received, changed)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*values, JobState.WAITING, now, now),
            )
            return int(cursor.lastrowid or 0)

    def _set(self, connection: sqlite3.Connection, number: int, state: JobState, attempts: int) -> None:
        connection.execute(
            "UPDATE job SET state = ?, attempts = ?, changed = ? WHERE number = ?",
            (state, attempts, self.now(), number),
        )


def _receipt(known: sqlite3.Row | None, sha256: str) -> Receipt:
    if known is None:
        return Receipt.NEW
    if known["state"] == JobState.FAILED:
        return Receipt.AGAIN
    if known["sha256"] == sha256 or known["state"] == JobState.SKIPPED:
        return Receipt.DUPLICATE
    return Receipt.OTHER_VERSION


def _no_room(found: str, remedy: str) -> EnvironmentFailure:
    return EnvironmentFailure("A spool has room for what is received", found=found, remedy=remedy)
