"""Boxes become measurements: two bright lines a thickness, a bright line a length, in millimetres where known."""

from __future__ import annotations

from nonet.measure.extent import measure_extent
from nonet.measure.structures import measure_spans, measure_structures, withheld

__all__ = ["measure_extent", "measure_spans", "measure_structures", "withheld"]
