"""The body of a request, held to a size and a time before it is held in memory."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from nonet.errors import InputTooLarge, NonetError

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = ["TooSlow", "receive_body"]


class TooSlow(NonetError):
    """A peer does not send what it announced in the time that it has."""


async def receive_body(request: Request, most_bytes: int, seconds: float) -> bytes:
    """The body of a request.

    Parameters
    ----------
    request
        A request whose body has not been read.
    most_bytes
        A body that announces more is not read at all; one that announces nothing is read up to here.
    seconds
        In this time the whole body must have come.

    Raises
    ------
    InputTooLarge
        If there is more.
    TooSlow
        If it takes longer.
    """
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced) > most_bytes:
        raise _too_large(most_bytes, f"{int(announced)} bytes")
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds):
            async for part in request.stream():
                size += len(part)
                if size > most_bytes:
                    raise _too_large(most_bytes, "more")
                parts.append(part)
    except TimeoutError as problem:
        raise TooSlow(
            f"A body comes within {seconds:g} seconds",
            found=f"{size} bytes and no end",
            remedy="Send it in one go, or raise --receive-seconds",
        ) from problem
    return b"".join(parts)


def _too_large(most_bytes: int, found: str) -> InputTooLarge:
    return InputTooLarge(
        f"A body has at most {most_bytes} bytes",
        found=found,
        remedy="Send fewer frames, or raise --most-mib",
    )
