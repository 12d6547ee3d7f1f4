"""The queue's SQLite file: its tables, and transactions that are on the disk when they return."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nonet.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Database"]

_VERSION = 1
_WAIT_SECONDS = 30
_TABLES = """
CREATE TABLE job (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    sop_instance_uid TEXT NOT NULL UNIQUE,
    sop_class_uid TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    file TEXT,
    origin TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    refusals INTEGER NOT NULL DEFAULT 0,
    other_versions INTEGER NOT NULL DEFAULT 0,
    received REAL NOT NULL,
    changed REAL NOT NULL,
    rule TEXT, found TEXT, remedy TEXT
);
CREATE INDEX job_by_state ON job (state, changed, number);
CREATE INDEX job_on_disk ON job (bytes) WHERE file IS NOT NULL;
CREATE TABLE delivery (
    job INTEGER NOT NULL REFERENCES job (number) ON DELETE CASCADE,
    destination TEXT NOT NULL,
    sop_instance_uid TEXT NOT NULL,
    sop_class_uid TEXT NOT NULL,
    file TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    rejections INTEGER NOT NULL DEFAULT 0,
    since REAL NOT NULL,
    next_try REAL NOT NULL,
    reason TEXT,
    PRIMARY KEY (job, sop_instance_uid, destination)
);
CREATE INDEX delivery_due ON delivery (state, destination, next_try);
CREATE TABLE peer (destination TEXT PRIMARY KEY, last_success REAL, last_failure REAL, reason TEXT);
"""


class Database:
    """One connection that all threads of a process share, one transaction at a time.

    Parameters
    ----------
    path
        The file; it is made if it is not there.

    Raises
    ------
    SettingsError
        If the file is no queue of this version.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        try:
            self._prepare()
        except sqlite3.DatabaseError as problem:
            self._connection.close()
            raise _no_queue(path, str(problem)) from problem

    def _prepare(self) -> None:
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            self._connection.execute(f"PRAGMA {pragma}")
        with self.transaction() as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                for statement in filter(str.strip, _TABLES.split(";")):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {_VERSION}")
            elif version != _VERSION:
                raise sqlite3.DatabaseError(f"version {version}, where {_VERSION} is known")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of the block or nothing of it; on the disk once it is left."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.rollback()
                raise
            try:
                self._connection.execute("COMMIT")
            except sqlite3.Error:
                self._connection.rollback()
                raise

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        """The rows of a query."""
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()


def _no_queue(path: Path, found: str) -> SettingsError:
    return SettingsError(
        "A spool holds a queue that this version of Nonet wrote",
        found=f"{path}: {found}",
        remedy="Name another spool, or move this one away",
    )
