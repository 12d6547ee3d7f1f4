"""What workers of the engine tests do; a module of its own, which other processes can import."""

from __future__ import annotations

import os
import signal

KILLING = 5


def tools() -> str:
    return "opened"


def square(opened: str, item: int) -> tuple[str, int, int]:
    return opened, item * item, os.getpid()


def fail(opened: str, item: int) -> int:
    raise ValueError(f"{opened} {item}")


def kill_or_square(opened: str, item: int) -> tuple[str, int]:
    """One item kills the process that does it, as a decoder that runs wild or the kernel might."""
    if item == KILLING:
        os.kill(os.getpid(), signal.SIGKILL)
    return opened, item * item


def lost(item: int) -> tuple[str, int]:
    return "lost", item
