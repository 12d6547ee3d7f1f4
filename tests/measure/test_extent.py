"""Millimetres only where the pixel size is known."""

from __future__ import annotations

from nonet.frame import Spacing, SpacingSource
from nonet.measure import measure_extent
from nonet.reading import Box


def test_width_and_height_use_their_own_spacing() -> None:
    width, height = measure_extent(Box(10, 10, 30, 20), Spacing(0.1, 0.25, SpacingSource.US_REGION))
    assert (width.name, width.value, width.unit) == ("box_width", 2.0, "mm")
    assert (height.name, height.value, height.unit) == ("box_height", 2.5, "mm")


def test_without_a_pixel_size_there_is_a_reason_and_no_number() -> None:
    for measurement in measure_extent(Box(10, 10, 30, 20), None):
        assert measurement.value is None
        assert measurement.reason is not None and "pixel size" in measurement.reason
