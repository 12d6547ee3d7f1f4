"""Threads without which the node is no node: one that meets a fault ends the process, for a supervisor to start again.

A node may end at any moment and loses nothing by it; one that goes on without its readers or couriers would.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nonet.serve.node.log import log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["MachineRefused", "machine", "vital_thread"]

_FAULT = 70
"""Exit code of a process that met a fault of its own (EX_SOFTWARE of sysexits.h)."""


class MachineRefused(Exception):
    """The disk or the database refuses for now: try again later."""


@contextmanager
def machine() -> Iterator[None]:
    """Within it, what the disk or the database refuses is raised as `MachineRefused`."""
    try:
        yield
    except (OSError, sqlite3.Error) as problem:
        log("refused by the machine", reason=f"{type(problem).__name__}: {problem}")
        raise MachineRefused from problem


def vital_thread(name: str, work: Callable[[], None]) -> threading.Thread:
    """A thread, not yet started, that ends the process if its work raises."""

    def run() -> None:
        try:
            work()
        except BaseException as problem:
            trace = problem.__traceback__
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            place = f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else None  # noqa: PTH119
            log("fault", thread=name, error=type(problem).__name__, place=place)
            os._exit(_FAULT)

    return threading.Thread(target=run, name=name, daemon=True)
