"""How stored monochrome values become brightness: PS3.3, section C.11, worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dicom_files import us_dataset
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from nonet.frame import Frame
from nonet.frames import open_frames

Shown = Callable[..., list[int]]
Opened = Callable[..., Frame]


@pytest.fixture
def opened(write_dicom: Callable[..., Path]) -> Opened:
    """The frame of a row of stored values."""

    def read(values: list[int], dtype: str = "<i2", **attributes: Any) -> Frame:
        return next(open_frames(write_dicom(us_dataset(np.array([values], dtype), **attributes))))

    return read


@pytest.fixture
def shown(opened: Opened) -> Shown:
    """The grey levels that a row of stored values gets."""
    return lambda values, dtype="<i2", **attributes: opened(values, dtype, **attributes).pixels[0].tolist()


def test_without_a_window_the_stored_range_is_shown(shown: Shown) -> None:
    assert shown([0, 2048, 4095], "<u2", BitsStored=12, HighBit=11) == [0, 128, 255]
    assert shown([-32768, 0, 32767]) == [0, 128, 255]


def test_a_linear_window_has_its_half_pixel(shown: Shown) -> None:
    """Centre 2048, width 4096 maps 0..4095 to the full range (C.11.2.1.2.1, note)."""
    assert shown([0, 4095, -5, 9000], WindowCenter=2048, WindowWidth=4096) == [0, 255, 0, 255]
    assert shown([0, 1], WindowCenter=1, WindowWidth=1) == [0, 255]


def test_a_linear_exact_window_has_none(shown: Shown) -> None:
    exact = {"VOILUTFunction": "LINEAR_EXACT", "WindowCenter": 100, "WindowWidth": 100}
    assert shown([50, 100, 150], **exact) == [0, 128, 255]


def test_a_sigmoid_window(shown: Shown) -> None:
    sigmoid = {"VOILUTFunction": "SIGMOID", "WindowCenter": 100, "WindowWidth": 40}
    assert shown([-30000, 100, 140, 30000], **sigmoid) == [0, 128, round(255 / (1 + np.exp(-4))), 255]


def test_the_first_of_several_windows_counts(shown: Shown) -> None:
    assert shown([0, 255], WindowCenter=[128, 1], WindowWidth=[256, 2]) == [0, 255]


def test_rescale_comes_before_the_window(shown: Shown) -> None:
    rescaled = {"RescaleSlope": 2, "RescaleIntercept": -100, "WindowCenter": 128, "WindowWidth": 256}
    assert shown([50, 177], **rescaled) == [0, 254]


def test_monochrome1_is_inverted_after_the_window(shown: Shown) -> None:
    inverted = {"PhotometricInterpretation": "MONOCHROME1", "WindowCenter": 128, "WindowWidth": 256}
    assert shown([0, 10, 255], **inverted) == [255, 245, 0]


def lut(first: int, entries: list[int], bits: int) -> Sequence:
    item = Dataset()
    item.add_new("LUTDescriptor", "SS" if first < 0 else "US", [len(entries), first, bits])
    item.add_new("LUTData", "US", entries)
    return Sequence([item])


def test_a_voi_table_counts_before_a_window(shown: Shown) -> None:
    table = {"VOILUTSequence": lut(-1, [0, 51, 255], 8), "WindowCenter": 1, "WindowWidth": 2}
    assert shown([-9, -1, 0, 1, 9], **table) == [0, 0, 51, 255, 255]


def test_a_modality_table_gives_the_range(shown: Shown) -> None:
    assert shown([0, 1, 2], ModalityLUTSequence=lut(0, [0, 2048, 4095], 12)) == [0, 128, 255]


def test_bits_beside_the_sample_are_dropped(shown: Shown) -> None:
    """Bits 4 to 11 hold the sample; old overlay planes lie above and below it."""
    stored = [0xF00F, 0x0FF7, 0x8800]
    assert shown(stored, "<u2", BitsStored=8, HighBit=11) == [0, 255, 128]


@pytest.mark.parametrize(
    "window",
    [
        {"WindowCenter": 1, "WindowWidth": 0},
        {"WindowCenter": 1, "WindowWidth": -4},
        {"WindowCenter": 1, "WindowWidth": 0, "VOILUTFunction": "SIGMOID"},
        {"WindowCenter": 1, "WindowWidth": 9, "VOILUTFunction": "CURLY"},
    ],
    ids=str,
)
def test_a_window_that_is_none_is_passed_over_with_a_warning(opened: Opened, window: dict[str, Any]) -> None:
    frame = opened([0, 255], "|u1", **window)
    assert frame.pixels.tolist() == [[0, 255]]
    assert len(frame.warnings) == 1


def test_a_function_in_small_letters_is_understood(shown: Shown) -> None:
    window = {"WindowCenter": 2, "WindowWidth": 4}
    assert shown([0, 1, 2, 3], **window, VOILUTFunction="linear_exact") == shown(
        [0, 1, 2, 3], **window, VOILUTFunction="LINEAR_EXACT"
    )


@pytest.mark.parametrize("keyword", ["VOILUTSequence", "ModalityLUTSequence"])
@pytest.mark.parametrize("table", ["too short", "empty item"])
def test_a_table_that_is_none_is_passed_over_with_a_warning(opened: Opened, keyword: str, table: str) -> None:
    item = lut(0, [0, 1], 8)[0] if table == "too short" else Dataset()
    if table == "too short":
        item.LUTDescriptor = [300, 0, 8]
    frame = opened([0, 255], "|u1", **{keyword: Sequence([item])})
    assert frame.pixels.tolist() == [[0, 255]]
    assert [keyword in warning for warning in frame.warnings] == [True]


def test_values_of_eight_bits_in_samples_of_sixteen_are_read_by_what_the_file_says(opened: Opened) -> None:
    ramp = list(range(0, 201, 4))
    said = opened(ramp, "<u2", SmallestImagePixelValue=0, LargestImagePixelValue=200)
    assert said.pixels.tolist() == [ramp]
    assert said.warnings == ()
    silent = opened(ramp, "<u2")
    assert silent.pixels.max() <= 1
    assert len(silent.warnings) == 1
