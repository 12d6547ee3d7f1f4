"""The ruler gives a pixel size where none is known, and replaces one only where that is forced."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nonet.frame import Frame, Region, Spacing, SpacingSource
from nonet.frames import open_frames
from nonet.frames.ruler import with_ruler
from nonet.frames.ruler.ruler_spacing import NO_RULER

OWN = Spacing(0.2, 0.2, SpacingSource.PIXEL_SPACING)


@pytest.fixture(scope="module")
def frame() -> Frame:
    return next(open_frames("examples/alder-right.png"))


def test_a_frame_without_a_pixel_size_gets_the_rulers(frame: Frame) -> None:
    spacing = with_ruler(frame).spacing
    assert spacing is not None and spacing.source is SpacingSource.RULER
    assert spacing.x_mm == spacing.y_mm
    assert spacing.relative_error is not None and 0 < spacing.relative_error < 0.01


def test_a_files_own_calibration_stays(frame: Frame) -> None:
    assert with_ruler(replace(frame, spacing=OWN)).spacing == OWN
    region = Region(0, 0, 600, 400, OWN)
    assert with_ruler(replace(frame, regions=(region,))).regions == (region,)


def test_forced_it_replaces_the_calibration(frame: Frame) -> None:
    calibrated = replace(frame, regions=(Region(0, 0, 600, 400, OWN),))
    forced = with_ruler(calibrated, force=True)
    assert forced.regions == () and forced.spacing == with_ruler(frame).spacing


def test_where_none_is_read_a_warning_says_so(frame: Frame) -> None:
    blank = replace(frame, pixels=frame.pixels * 0)
    assert with_ruler(blank).spacing is None
    assert NO_RULER in with_ruler(blank).warnings
    kept = with_ruler(replace(blank, spacing=OWN), force=True)
    assert kept.spacing == OWN and NO_RULER in kept.warnings
