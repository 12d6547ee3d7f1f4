"""The results of the queue on their way: which are due, what a destination has, and when it is tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.errors import NonetError
from nonet.serve.node.jobs import Delivery, DeliveryState, JobState, ResultFile

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection

    from nonet.serve.node.queue import Queue

__all__ = ["Deliveries"]


class Deliveries:
    """The results that a queue has to deliver.

    Parameters
    ----------
    queue
        The queue.
    """

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._database = queue.database

    def due(self, destination: str, most: int) -> list[Delivery]:
        """Results that may be sent to a destination now, those that are due for longest first."""
        rows = self._database.rows(
            "SELECT * FROM delivery WHERE state = ? AND destination = ? AND next_try <= ?"
            " ORDER BY next_try, job LIMIT ?",
            DeliveryState.WAITING, destination, self._queue.now(), most,
        )  # fmt: skip
        return [_delivery(row) for row in rows]

    def delivered(self, delivery: Delivery) -> None:
        """Note that a destination has a result."""
        self._end(delivery, DeliveryState.DELIVERED, None)

    def give_up(self, delivery: Delivery, reason: str) -> None:
        """Record that a destination does not get a result, and why."""
        self._end(delivery, DeliveryState.FAILED, reason)

    def put_off(self, delivery: Delivery, seconds: float, reason: str, *, rejected: bool = False) -> None:
        """Let a result wait so long before it is sent again."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE delivery SET attempts = attempts + 1, rejections = rejections + ?, next_try = ?, reason = ?"
                " WHERE job = ? AND sop_instance_uid = ? AND destination = ?",
                (int(rejected), self._queue.now() + seconds, reason, *_key(delivery)),
            )

    def give_up_old(self, seconds: float) -> list[Delivery]:
        """Give up, and return, what has not been delivered for so long."""
        rows = self._database.rows(
            "SELECT * FROM delivery WHERE state = ? AND since < ?",
            DeliveryState.WAITING, self._queue.now() - seconds,
        )  # fmt: skip
        return [self._given_up(row, row["reason"] or "not sent for too long") for row in rows]

    def give_up_removed(self, destinations: Collection[str]) -> list[Delivery]:
        """Give up, and return, what was to go to a destination that is none of these any more."""
        rows = self._database.rows("SELECT * FROM delivery WHERE state = ?", DeliveryState.WAITING)
        removed = [row for row in rows if row["destination"] not in destinations]
        return [self._given_up(row, "taken out of the configuration") for row in removed]

    def _given_up(self, row: sqlite3.Row, reason: str) -> Delivery:
        delivery = _delivery(row)
        self.give_up(delivery, reason)
        return delivery

    def note_peer(self, destination: str, reason: str | None) -> None:
        """Note that a destination took something, or why it did not."""
        column = "last_success" if reason is None else "last_failure"
        with self._database.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO peer (destination) VALUES (?)", (destination,))
            connection.execute(
                f"UPDATE peer SET {column} = ?, reason = ? WHERE destination = ?",  # noqa: S608 - one of two names
                (self._queue.now(), reason, destination),
            )

    def _end(self, delivery: Delivery, state: DeliveryState, reason: str | None) -> None:
        """End a delivery and, with the last one, its instance; remove the files that nothing needs any more."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE delivery SET state = ?, attempts = attempts + 1, reason = ?"
                " WHERE job = ? AND sop_instance_uid = ? AND destination = ?",
                (state, reason, *_key(delivery)),
            )
            ended = self._end_job(connection, delivery.job)
            waiting = connection.execute(
                "SELECT 1 FROM delivery WHERE file = ? AND state = ?", (delivery.result.file, DeliveryState.WAITING)
            ).fetchone()
        if not waiting:
            (self._queue.spool.results / delivery.result.file).unlink(missing_ok=True)
        if ended:
            self._queue.tidy(delivery.job)

    def _end_job(self, connection: sqlite3.Connection, number: int) -> bool:
        rows = connection.execute("SELECT state, destination, reason FROM delivery WHERE job = ?", (number,)).fetchall()
        if any(row["state"] == DeliveryState.WAITING for row in rows):
            return False
        lost = [row for row in rows if row["state"] == DeliveryState.FAILED]
        self._queue.end(connection, number, JobState.FAILED if lost else JobState.DONE, _undelivered(lost))
        return True


def _undelivered(lost: list[sqlite3.Row]) -> NonetError | None:
    if not lost:
        return None
    peers = ", ".join(sorted({f"{row['destination']}: {row['reason']}" for row in lost}))
    return NonetError(
        "Each destination takes the results of an instance",
        found=peers,
        remedy="Correct what nonet node check finds, then send the instance once more",
    )


def _key(delivery: Delivery) -> tuple[int, str, str]:
    return delivery.job, delivery.result.sop_instance_uid, delivery.destination


def _delivery(row: sqlite3.Row) -> Delivery:
    result = ResultFile(row["file"], row["sop_instance_uid"], row["sop_class_uid"], row["bytes"])
    return Delivery(row["job"], result, row["destination"], row["attempts"], row["rejections"], row["since"])
