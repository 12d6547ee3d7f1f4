"""The one way to do many items: in this process, or in processes of their own."""

from __future__ import annotations

from nonet.work.pool import run_items

__all__ = ["run_items"]
