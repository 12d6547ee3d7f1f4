"""Where millimetres come from: a calibrated region, else PixelSpacing, else the user, else nowhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dicom_files import us_dataset, us_region
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from nonet.errors import NotCalibrated
from nonet.frame import Frame, Spacing, SpacingSource
from nonet.frames import open_frames

Opened = Callable[..., Frame]
REGION = Spacing(0.1, 0.2, SpacingSource.US_REGION)
INSIDE = (20.0, 10.0, 40.0, 30.0)


@pytest.fixture
def opened(write_dicom: Callable[..., Path], ramp: np.ndarray) -> Opened:
    """A function that writes a US image with these attributes and opens it."""

    def open_with(
        *regions: Dataset, user: tuple[float, float] | None = None, force: bool = False, **attributes: Any
    ) -> Frame:
        dataset = us_dataset(ramp, **attributes)
        if regions:
            dataset.SequenceOfUltrasoundRegions = Sequence(regions)
        return next(open_frames(write_dicom(dataset), spacing_mm=user, force_spacing=force))

    return open_with


def test_a_region_gives_the_spacing_of_a_box_that_it_holds(opened: Opened) -> None:
    frame = opened(us_region())
    assert frame.spacing_at(*INSIDE) == REGION
    (region,) = frame.regions
    assert (region.x1, region.y1, region.x2, region.y2) == (10, 5, 60, 45)
    assert frame.warnings == ()


@pytest.mark.parametrize(
    "box", [(9.0, 10.0, 40.0, 30.0), (20.0, 10.0, 60.5, 30.0), (20.0, 4.5, 40.0, 30.0), (20.0, 10.0, 40.0, 45.1)]
)
def test_a_box_that_leaves_the_region_has_no_spacing(opened: Opened, box: tuple[float, ...]) -> None:
    assert opened(us_region(), PixelSpacing=[0.3, 0.3]).spacing_at(*box) is None


def test_the_regions_of_the_file_win_and_nothing_is_known_outside_them(opened: Opened) -> None:
    frame = opened(us_region(), user=(0.5, 0.5), PixelSpacing=[0.2, 0.1])
    assert frame.spacing_at(*INSIDE) == REGION
    assert frame.spacing_at(0, 0, 5, 5) is None
    assert frame.spacing is None


def test_a_forced_spacing_is_the_only_one(opened: Opened) -> None:
    frame = opened(us_region(), user=(0.5, 0.5), force=True, PixelSpacing=[0.2, 0.1])
    assert frame.regions == ()
    assert frame.spacing == frame.spacing_at(*INSIDE) == Spacing(0.5, 0.5, SpacingSource.USER)
    assert len(frame.warnings) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"RegionSpatialFormat": 2},
        {"RegionSpatialFormat": 3},
        {"RegionDataType": 2},
        {"PhysicalUnitsXDirection": 4},
        {"PhysicalUnitsYDirection": 7},
        {"PhysicalUnitsYDirection": 0},
    ],
    ids=lambda change: "{}={}".format(*next(iter(change.items()))),
)
def test_a_region_of_another_kind_does_not_count(opened: Opened, change: dict[str, int]) -> None:
    frame = opened(us_region(**change), PixelSpacing=[0.4, 0.3])
    assert frame.regions == ()
    assert frame.spacing_at(*INSIDE) == Spacing(0.3, 0.4, SpacingSource.PIXEL_SPACING)


@pytest.mark.parametrize(
    "change",
    [
        {"PhysicalDeltaX": 0.0},
        {"PhysicalDeltaY": float("nan")},
        {"PhysicalDeltaX": 1e9},
        {"RegionLocationMinX0": 60},
        {"RegionLocationMinY0": 48, "RegionLocationMaxY1": 90},
    ],
    ids=str,
)
def test_a_region_without_scale_or_area_is_a_warning(opened: Opened, change: dict[str, float]) -> None:
    frame = opened(us_region(**change))
    assert frame.regions == ()
    assert frame.spacing_at(*INSIDE) is None
    assert len(frame.warnings) == 1


def test_a_delta_may_be_negative(opened: Opened) -> None:
    assert opened(us_region(PhysicalDeltaX=-0.01)).spacing_at(*INSIDE) == REGION


def test_a_region_is_cut_to_the_image(opened: Opened) -> None:
    (region,) = opened(us_region(RegionLocationMaxX1=64, RegionLocationMaxY1=49)).regions
    assert (region.x2, region.y2) == (64, 48)


@pytest.mark.parametrize("changes", [{"RegionLocationMaxX1": 66}, {"RegionLocationMaxY1": 5000}], ids=str)
@pytest.mark.parametrize("form", [1, 3], ids=["tissue", "spectral"])
def test_a_region_past_the_image_takes_all_millimetres_away(opened: Opened, changes: dict[str, int], form: int) -> None:
    past = us_region(RegionSpatialFormat=form, **changes)
    frame = opened(us_region(), past, PixelSpacing=[0.1, 0.1])
    assert (frame.regions, frame.spacing) == ((), None)
    assert len(frame.warnings) == 1


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"RegionDataType": 2}, "colour flow"),
        ({"RegionSpatialFormat": 2}, "M-mode"),
        ({"RegionSpatialFormat": 3, "RegionDataType": 3}, "spectral"),
        ({"PhysicalUnitsXDirection": 4}, "centimetres"),
    ],
    ids=str,
)
def test_a_region_that_is_passed_over_is_named(opened: Opened, changes: dict[str, int], named: str) -> None:
    frame = opened(us_region(), us_region(**changes))
    assert len(frame.regions) == 1
    assert [named in warning for warning in frame.warnings] == [True]


def test_a_region_that_cannot_be_parsed_leaves_the_others(opened: Opened) -> None:
    frame = opened(us_region(PhysicalDeltaX=float("nan")), us_region())
    assert len(frame.regions) == 1
    assert len(frame.warnings) == 1


def test_a_pixel_spacing_of_one_millimetre_is_doubted(opened: Opened) -> None:
    frame = opened(PixelSpacing=[1, 1])
    assert frame.spacing is not None
    assert (frame.spacing.x_mm, len(frame.warnings)) == (1, 1)
    assert not opened(PixelSpacing=[1, 0.9]).warnings


def test_where_regions_overlap_the_one_of_high_priority_counts(opened: Opened) -> None:
    low = us_region(RegionFlags=1, PhysicalDeltaX=0.05, PhysicalDeltaY=0.05)
    frame = opened(low, us_region())
    assert frame.spacing_at(*INSIDE) == REGION
    assert "disagree" in frame.warnings[0]


def test_regions_side_by_side_do_not_disagree(opened: Opened) -> None:
    left = us_region(RegionLocationMinX0=0, RegionLocationMaxX1=29)
    right = us_region(RegionLocationMinX0=30, RegionLocationMaxX1=63, PhysicalDeltaX=0.05)
    frame = opened(left, right)
    assert frame.warnings == ()
    assert frame.spacing_at(5, 10, 25, 30) == REGION
    assert frame.spacing_at(32, 10, 60, 30) == Spacing(0.5, 0.2, SpacingSource.US_REGION)


def test_pixel_spacing_is_down_then_right(opened: Opened) -> None:
    assert opened(PixelSpacing=[0.4, 0.3]).spacing == Spacing(0.3, 0.4, SpacingSource.PIXEL_SPACING)


def test_the_file_counts_before_the_user_and_the_difference_is_a_warning(opened: Opened) -> None:
    frame = opened(user=(0.5, 0.5), PixelSpacing=[0.4, 0.3])
    assert frame.spacing == Spacing(0.3, 0.4, SpacingSource.PIXEL_SPACING)
    assert frame.warnings == (
        "Pixel sizes disagree: 0.3 x 0.4 mm (pixel_spacing) and 0.5 x 0.5 mm (user); the first is used",
    )


def test_a_difference_of_one_percent_is_none(opened: Opened) -> None:
    assert opened(us_region(), user=(0.1005, 0.2), PixelSpacing=[0.2, 0.1]).warnings == ()


@pytest.mark.parametrize("spacing", [[0, 0], [-0.1, 0.1], [50, 50], [0.1]], ids=str)
def test_nonsense_pixel_spacing_is_a_warning(opened: Opened, spacing: list[float]) -> None:
    frame = opened(PixelSpacing=spacing)
    assert frame.spacing is None
    assert frame.warnings == ("PixelSpacing is not a pixel size and is not used",)


def test_without_any_source_there_is_no_spacing(opened: Opened) -> None:
    assert opened().spacing_at(*INSIDE) is None


def test_each_frame_has_the_spacing_of_its_functional_groups(
    write_dicom: Callable[..., Path], ramp: np.ndarray
) -> None:
    def group(spacing: float) -> Dataset:
        measures, item = Dataset(), Dataset()
        measures.PixelSpacing = [spacing, spacing]
        item.PixelMeasuresSequence = Sequence([measures])
        return item

    dataset = us_dataset(np.stack([ramp] * 2), NumberOfFrames=2)
    dataset.PerFrameFunctionalGroupsSequence = Sequence([group(0.2), group(0.3)])
    frames = list(open_frames(write_dicom(dataset)))
    assert [frame.spacing.x_mm for frame in frames if frame.spacing] == [0.2, 0.3]


@pytest.mark.parametrize("spacing", [(0.0, 0.1), (-1.0, 1.0), (float("inf"), 0.1), (0.1,)], ids=str)
def test_a_user_spacing_that_is_none_is_refused_at_once(tmp_path: Path, spacing: tuple[float, float]) -> None:
    with pytest.raises(NotCalibrated):
        open_frames(tmp_path / "not looked at.png", spacing_mm=spacing)
