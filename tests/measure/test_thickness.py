"""A gap becomes a thickness with an interval, a place and a unit, or says why not."""

from __future__ import annotations

import numpy as np
import pytest

from nonet.anatomy import STRUCTURES, Structure
from nonet.bundle import Bundle
from nonet.detect import Detector
from nonet.detect.detector import Located
from nonet.detect.head_frame import HEAD_SCALE
from nonet.frame import Frame, Source, Spacing, SpacingSource
from nonet.frames import hide_overlay
from nonet.measure import measure_extent
from nonet.measure.thickness import measure_thickness, thickness_interval, without_thickness
from nonet.reading import Box
from nonet.simulate import Simulated, simulate

NUCHAL = Structure.NUCHAL_TRANSLUCENCY


@pytest.fixture(scope="module")
def made() -> Simulated:
    return simulate(9_000_301)


@pytest.fixture(scope="module")
def located(made: Simulated) -> Located:
    return Detector(Bundle()).locate(hide_overlay(Frame(made.pixels, Source("PNG", "0" * 64))))


@pytest.fixture(scope="module")
def box(located: Located) -> Box:
    return located.detections[STRUCTURES.index(NUCHAL)].box


def test_millimetres_follow_the_pixel_size_and_lie_in_their_interval(
    located: Located, box: Box, made: Simulated
) -> None:
    spacing = Spacing(made.mm_per_px, made.mm_per_px, SpacingSource.USER)
    found = measure_thickness(located, box, spacing)
    double = measure_thickness(located, box, Spacing(2 * made.mm_per_px, 2 * made.mm_per_px, SpacingSource.USER))
    assert found.value is not None and found.low is not None and found.high is not None and found.place is not None
    assert found.unit == "mm"
    assert found.low < found.value < found.high
    assert double.value == pytest.approx(2 * found.value, abs=0.02)
    across = np.subtract(*found.place) * made.mm_per_px
    assert np.hypot(*across) == pytest.approx(found.value, abs=0.05)
    assert found.value == pytest.approx(made.truth["nt_mm"], abs=0.6)
    inside = [box.x1 - 5 <= x <= box.x2 + 5 and box.y1 - box.height <= y <= box.y2 + box.height for x, y in found.place]
    assert all(inside)


def test_pixels_that_are_not_square_are_measured_along_the_line(located: Located, box: Box) -> None:
    square = measure_thickness(located, box, Spacing(0.1, 0.1, SpacingSource.USER))
    tall = measure_thickness(located, box, Spacing(0.1, 0.2, SpacingSource.USER))
    assert square.value is not None and tall.value is not None
    assert square.value < tall.value <= 2 * square.value + 0.01


def test_without_a_pixel_size_it_is_a_ratio(located: Located, box: Box) -> None:
    found = measure_thickness(located, box, None)
    assert found.unit == "head units"
    assert found.value is not None and 0 < found.value < 1
    millimetres = measure_thickness(located, box, Spacing(1.0, 1.0, SpacingSource.USER))
    assert millimetres.value is not None
    assert found.value * HEAD_SCALE / located.place.scale == pytest.approx(millimetres.value, rel=0.01)


def test_on_another_plane_the_thickness_is_withheld_and_the_extent_stays(located: Located, box: Box) -> None:
    spacing = Spacing(0.1, 0.1, SpacingSource.USER)
    extent = measure_extent(box, spacing)
    *same, withheld = without_thickness((*extent, measure_thickness(located, box, spacing)))
    assert tuple(same) == extent
    assert (withheld.value, withheld.reason, withheld.place) == (None, "withheld: the plane is not standard", None)


def test_without_borders_there_is_a_reason(located: Located, box: Box) -> None:
    dark = Detector(Bundle()).locate(hide_overlay(Frame(np.zeros((400, 600), np.uint8), Source("PNG", "0" * 64))))
    nothing = measure_thickness(dark, Box(100, 200, 300, 230), None)
    assert nothing.value is None
    assert nothing.reason is not None and nothing.reason.startswith("not measurable")


def test_the_interval_says_what_it_is_from() -> None:
    interval = thickness_interval()
    assert interval.frames >= 70
    assert interval.share == 0.9
    assert 0.5 < interval.factor < 5
    assert "print" in interval.source
