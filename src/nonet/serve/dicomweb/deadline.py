"""A time at which a connection ends, whatever comes over it: a timeout of a socket begins anew with every byte."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Deadline", "DeadlineAdapter"]


class Deadline:
    """Shuts the newest connection down when the time of a request is over.

    One request is made at a time, so the newest connection is the one that it uses. It is held by a second
    descriptor, which TLS and a connection that is given away leave as it is.
    """

    def __init__(self) -> None:
        self.is_over = False
        self._connection: socket.socket | None = None
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    def start(self, seconds: float) -> None:
        """Give the next request so much time."""
        self.stop()
        self.is_over = False
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._timer.start()

    def stop(self) -> None:
        """End the time of a request that has been answered."""
        if self._timer:
            self._timer.cancel()
        self._timer = None

    def hold(self, connection: socket.socket) -> None:
        """Watch a connection that was just made."""
        with self._lock:
            if self._connection:
                self._connection.close()
            self._connection = connection.dup()
            if self.is_over:
                self._shut()

    def close(self) -> None:
        """Let go of the connection."""
        self.stop()
        with self._lock:
            if self._connection:
                self._connection.close()
            self._connection = None

    def _end(self) -> None:
        with self._lock:
            self.is_over = True
            self._shut()

    def _shut(self) -> None:
        with suppress(OSError):
            if self._connection:
                self._connection.shutdown(socket.SHUT_RDWR)


class DeadlineAdapter(HTTPAdapter):
    """The transport of requests, each of whose connections is held by a deadline.

    Parameters
    ----------
    deadline
        Ends the connections.
    """

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - requests' own
        """Make the pools, with connections that say when they are made."""
        super().init_poolmanager(*arguments, **options)
        hold = self._deadline.hold
        self.poolmanager.pool_classes_by_scheme = {"http": _plain(hold), "https": _encrypted(hold)}

    def close(self) -> None:
        """Close the connections."""
        super().close()
        self._deadline.close()


def _plain(hold: Callable[[socket.socket], None]) -> type[HTTPConnectionPool]:
    class Connection(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            made = super()._new_conn()
            hold(made)
            return made

    class Pool(HTTPConnectionPool):
        ConnectionCls = Connection

    return Pool


def _encrypted(hold: Callable[[socket.socket], None]) -> type[HTTPSConnectionPool]:
    class Connection(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            made = super()._new_conn()
            hold(made)
            return made

    class Pool(HTTPSConnectionPool):
        ConnectionCls = Connection

    return Pool
