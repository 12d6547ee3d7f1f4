"""The one way to do many items: in this process, in processes of their own, or on the machines of a Ray cluster."""

from __future__ import annotations

from nonet.work.engine import Engine
from nonet.work.pool import LocalEngine
from nonet.work.run_items import run_items
from nonet.work.stream import stream_items

__all__ = ["Engine", "LocalEngine", "run_items", "stream_items"]
