"""What the queue holds, in numbers: for ``nonet node status`` and the health endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nonet.serve.node.jobs import DeliveryState, JobState

if TYPE_CHECKING:
    from nonet.serve.node.queue import Queue

__all__ = ["Summary", "summarise"]

_MOST_FAILURES = 100


@dataclass(frozen=True, slots=True)
class Summary:
    """The queue at one moment.

    Parameters
    ----------
    instances
        How many are in each state.
    oldest_seconds
        Age of the oldest that has not ended; None if all have.
    results
        How many results wait for, went to, and did not get to each destination.
    peers
        Seconds since each destination last took a result, and last did not, with the reason.
    bytes_held, bytes_free
        What the spool holds, and what its disk has left.
    failures
        The newest failures: number, SOP Instance UID, age, rule, found, remedy.
    """

    instances: dict[str, int]
    oldest_seconds: float | None
    results: dict[str, dict[str, int]]
    peers: dict[str, dict[str, Any]]
    bytes_held: int
    bytes_free: int
    failures: tuple[dict[str, Any], ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {name: getattr(self, name) for name in self.__slots__}


def summarise(queue: Queue, *, failures: int = _MOST_FAILURES) -> Summary:
    """The queue as it is now, with so many of its newest failures."""
    now, rows = queue.now(), queue.database.rows
    counts = {str(row[0]): int(row[1]) for row in rows("SELECT state, COUNT(*) FROM job GROUP BY state")}
    (oldest,) = rows(
        "SELECT MIN(received) FROM job WHERE state IN (?, ?, ?)",
        JobState.WAITING, JobState.READING, JobState.SENDING,
    )  # fmt: skip
    results: dict[str, dict[str, int]] = {}
    for to, state, count in rows("SELECT destination, state, COUNT(*) FROM delivery GROUP BY destination, state"):
        results.setdefault(to, dict.fromkeys(map(str, DeliveryState), 0))[state] = count
    return Summary(
        instances={str(state): counts.get(state, 0) for state in JobState}
        | {"other_versions": int(rows("SELECT COALESCE(SUM(other_versions), 0) FROM job")[0][0])},
        oldest_seconds=None if oldest[0] is None else round(now - oldest[0], 1),
        results=results,
        peers={row["destination"]: _peer(row, now) for row in rows("SELECT * FROM peer ORDER BY destination")},
        bytes_held=queue.bytes_held(),
        bytes_free=queue.spool.free_bytes(),
        failures=tuple(
            _failure(row, now)
            for row in rows(
                "SELECT * FROM job WHERE state = ? ORDER BY changed DESC LIMIT ?", JobState.FAILED, failures
            )
        ),
    )


def _peer(row: Any, now: float) -> dict[str, Any]:  # noqa: ANN401 - a row of SQLite
    return {
        "seconds_since_success": None if row["last_success"] is None else round(now - row["last_success"], 1),
        "seconds_since_failure": None if row["last_failure"] is None else round(now - row["last_failure"], 1),
        "reason": row["reason"],
    }


def _failure(row: Any, now: float) -> dict[str, Any]:  # noqa: ANN401 - a row of SQLite
    named = {
        name: row[name] for name in ("number", "sop_instance_uid", "origin", "attempts", "rule", "found", "remedy")
    }
    return named | {"age_seconds": round(now - row["changed"], 1)}
