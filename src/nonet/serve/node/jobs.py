"""What the queue holds: an instance to read, its results, and what has become of each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Delivery", "DeliveryState", "Job", "JobState", "Receipt", "ResultFile"]


class JobState(StrEnum):
    """Where an instance stands. The last three are ends: each instance comes to exactly one of them.

    ``SKIPPED``: not an image to read, such as a result of Nonet's own that came back.
    """

    WAITING = "waiting"
    READING = "reading"
    SENDING = "sending"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


class DeliveryState(StrEnum):
    """Where one result stands with one destination; the last two are ends."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class Receipt(StrEnum):
    """What a received instance is to the queue.

    ``NEW``: it is read. ``AGAIN``: its last read or delivery failed, and it is read once more, whatever its bytes.
    ``DUPLICATE``: the same bytes are in the queue or have been read; nothing is done. ``OTHER_VERSION``: other bytes
    under the UID of an instance that is in the queue or has been read; they are refused and counted.
    """

    NEW = "new"
    AGAIN = "again"
    DUPLICATE = "duplicate"
    OTHER_VERSION = "other version"


@dataclass(frozen=True, slots=True)
class Job:
    """An instance to read: its number, its file in the spool, and how often it was begun and refused."""

    number: int
    file: str
    sop_instance_uid: str
    sop_class_uid: str
    attempts: int
    refusals: int = 0


@dataclass(frozen=True, slots=True)
class ResultFile:
    """A result on disk: the name of its file in the spool, its identity and its size."""

    file: str
    sop_instance_uid: str
    sop_class_uid: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """A result that is to go to a destination; ``since`` is when it was queued, seconds since 1970."""

    job: int
    result: ResultFile
    destination: str
    attempts: int
    rejections: int
    since: float
