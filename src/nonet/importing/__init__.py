"""Models that were made elsewhere become bundles."""

from __future__ import annotations

from nonet.importing.detector import import_detector

__all__ = ["import_detector"]
