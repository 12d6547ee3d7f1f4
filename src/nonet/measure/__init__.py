"""A box becomes millimetres, where the pixel size is known."""

from __future__ import annotations

from nonet.measure.extent import measure_extent

__all__ = ["measure_extent"]
