"""A box becomes millimetres, where the pixel size is known, and two bright lines a thickness."""

from __future__ import annotations

from nonet.measure.extent import measure_extent
from nonet.measure.thickness import measure_thickness, without_thickness

__all__ = ["measure_extent", "measure_thickness", "without_thickness"]
