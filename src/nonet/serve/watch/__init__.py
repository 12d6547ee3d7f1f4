"""A watch folder: what is put into it is read once it is whole."""

from __future__ import annotations

from nonet.serve.watch.watch_folder import WatchFolder

__all__ = ["WatchFolder"]
