"""How long a connection is held, in the protocol that the server uses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

pytest.importorskip("uvicorn")

import uvicorn
from starlette.responses import Response
from uvicorn.server import ServerState

from nonet.serve.http.server import _protocol

SECONDS = 0.2


async def held_after(request: bytes, answer: Response, take: bool) -> float:
    """For how many seconds the server holds a connection over which one peer says this."""
    state, loop = ServerState(), asyncio.get_running_loop()
    config = uvicorn.Config(answer, http=_protocol(SECONDS), lifespan="off", log_config=None)
    make: Callable[[], asyncio.Protocol] = lambda: config.http_protocol_class(config, state, {})  # noqa: E731
    config.load()
    server = await loop.create_server(make, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname(), limit=1024)
    begun = loop.time()
    writer.write(request)
    if take:
        await reader.read(-1)
    else:
        await asyncio.sleep(0.05)
    while state.connections and loop.time() < begun + 5:
        await asyncio.sleep(0.01)
    writer.transport.abort()
    server.close()
    return loop.time() - begun


@pytest.mark.parametrize(
    ("request_", "size", "take"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 64 << 20, False),
        (b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 64 << 20, False),
        (b"GET / HT", 10, True),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\nG", 10, False),
    ],
    ids=["does not read", "closes and does not read", "does not ask", "asks again and never ends"],
)
def test_a_peer_that_stops_is_let_go(request_: bytes, size: int, take: bool) -> None:
    seconds = asyncio.run(held_after(request_, Response(b"x" * size), take))
    assert SECONDS / 2 < seconds < 2
