"""Frame: grey by integers, spacing from whoever is entitled to say it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nonet.frame import Frame, Region, Source, Spacing, SpacingSource, luma, pixels_sha256

SOURCE = Source("PNG", "0" * 64)
REGION_SPACING = Spacing(0.1, 0.2, SpacingSource.US_REGION)
FILE_SPACING = Spacing(0.3, 0.3, SpacingSource.PIXEL_SPACING)
USER_SPACING = Spacing(0.5, 0.5, SpacingSource.USER)


def frame(spacing: Spacing | None, *regions: Region) -> Frame:
    return Frame(np.zeros((100, 200), np.uint8), SOURCE, spacing, regions)


@given(st.integers(0, 255))
def test_grey_stored_as_colour_comes_back_unchanged(level: int) -> None:
    assert luma(np.full((1, 1, 3), level, np.uint8))[0, 0] == level


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_luma_is_the_rounded_itu_weighting(rgb: tuple[int, int, int]) -> None:
    exact = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]
    assert abs(int(luma(np.array(rgb, np.uint8))) - exact) <= 0.51


def test_hash_tells_shapes_apart() -> None:
    assert pixels_sha256(np.zeros((2, 8), np.uint8)) != pixels_sha256(np.zeros((4, 4), np.uint8))


def test_hash_does_not_depend_on_memory_layout() -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert pixels_sha256(pixels) == pixels_sha256(np.asfortranarray(pixels))


def test_a_region_that_holds_the_whole_box_speaks_for_it() -> None:
    region = Region(0, 0, 100, 100, REGION_SPACING)
    assert frame(FILE_SPACING, region).spacing_at(10, 10, 100, 100) == REGION_SPACING


def test_a_box_that_leaves_every_region_has_no_millimetres() -> None:
    region = Region(0, 0, 100, 100, REGION_SPACING)
    assert frame(FILE_SPACING, region).spacing_at(10, 10, 101, 50) is None


def test_outside_the_regions_of_a_frame_there_are_no_millimetres_whatever_the_user_gave() -> None:
    region = Region(0, 0, 100, 100, REGION_SPACING)
    assert frame(USER_SPACING, region).spacing_at(10, 10, 101, 50) is None


def test_without_regions_the_files_pixel_spacing_counts() -> None:
    assert frame(FILE_SPACING).spacing_at(0, 0, 5, 5) == FILE_SPACING


def test_without_any_calibration_nothing_is_assumed() -> None:
    assert frame(None).spacing_at(0, 0, 5, 5) is None
