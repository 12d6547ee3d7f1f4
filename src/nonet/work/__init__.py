"""The one way to do many items: in this process, or in processes of their own."""

from __future__ import annotations

from nonet.work.pool import run_items
from nonet.work.stream import stream_items

__all__ = ["run_items", "stream_items"]
