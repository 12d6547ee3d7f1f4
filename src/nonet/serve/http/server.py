"""The server: uvicorn on a socket of our own, with a time in which a connection must say what it wants."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from ipaddress import ip_address
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from nonet.serve.http.app import HttpLimits, make_app

if TYPE_CHECKING:
    from nonet.reader import Reader

__all__ = ["is_loopback", "serve"]

_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
_END_SECONDS = 30


def is_loopback(host: str) -> bool:
    """Whether a name or address is reached from this machine alone."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def serve(reader: Reader, host: str, port: int, limits: HttpLimits) -> None:
    """Answer requests until SIGTERM or SIGINT comes; what is being read then is finished.

    Parameters
    ----------
    reader
        What reads.
    host, port
        Where to listen; port 0 takes a free one. The address is written to standard error once requests are taken.
    limits
        What peers may ask for.

    Raises
    ------
    OSError
        If the address cannot be listened on.
    """
    hosts = _LOOPBACK_NAMES if is_loopback(host) else ("*",)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host.strip("[]"), port), family=family) as listening:
        config = uvicorn.Config(
            make_app(reader, limits, hosts),
            http=_protocol(limits.receive_seconds),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            headers=[("Connection", "close")],
            limit_concurrency=limits.connections,
            timeout_graceful_shutdown=_END_SECONDS,
        )
        for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn ends on them, then raises them once more
            signal.signal(number, lambda *_: None)
        sys.stderr.write(f"listening on http://{host}:{listening.getsockname()[1]}\n")
        uvicorn.Server(config).run(sockets=[listening])


def _protocol(seconds: float) -> type[asyncio.Protocol]:
    """HTTP/1.1 in which a request's header must have come, and an answer must have gone, within so many seconds."""

    class Impatient(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._ending = self.loop.call_later(seconds, self._end_if_silent)

        def connection_lost(self, exc: Exception | None) -> None:
            self._ending.cancel()
            super().connection_lost(exc)

        def pause_writing(self) -> None:
            super().pause_writing()
            self._end_soon()

        def resume_writing(self) -> None:
            self._ending.cancel()
            super().resume_writing()

        def on_response_complete(self) -> None:
            self._end_soon()
            super().on_response_complete()

        def _end_soon(self) -> None:
            """Give the peer that time to take what it asked for."""
            self._ending.cancel()
            self._ending = self.loop.call_later(seconds, self.transport.abort)

        def _end_if_silent(self) -> None:
            if self.cycle is None:
                self.transport.abort()

    return Impatient
