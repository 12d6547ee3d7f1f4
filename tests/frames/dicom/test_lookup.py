"""PALETTE COLOR images: plain and segmented palettes, of 8 and 16 bits, in either byte order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from dicom_files import us_dataset
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian

from errors_raised import raised
from nonet.errors import DicomError
from nonet.frame import luma
from nonet.frames import open_frames

Write = Callable[..., Path]
RAMPS = np.stack([np.arange(256), 255 - np.arange(256), np.full(256, 40)], axis=1).astype(np.uint8)


def with_palette(pixels: np.ndarray, tables: list[bytes], descriptor: list[int], prefix: str = "") -> Dataset:
    dataset = us_dataset(pixels, PhotometricInterpretation="PALETTE COLOR")
    for colour, table in zip(("Red", "Green", "Blue"), tables, strict=True):
        dataset.add_new(f"{colour}PaletteColorLookupTableDescriptor", "US", descriptor)
        dataset.add_new(f"{prefix}{colour}PaletteColorLookupTableData", "OW", table)
    return dataset


def grey(path: Path) -> np.ndarray:
    return next(open_frames(path)).pixels


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian], ids=["little", "big"])
@pytest.mark.parametrize("form", ["8 bits packed", "16 bits", "8 bits in 16"])
def test_a_palette_is_looked_up(write_dicom: Write, ramp: np.ndarray, syntax: str, form: str) -> None:
    order = ">" if syntax == ExplicitVRBigEndian else "<"
    words = {"8 bits packed": RAMPS, "16 bits": RAMPS.astype(np.uint16) << 8, "8 bits in 16": RAMPS.astype(np.uint16)}
    columns = words[form].T
    if form == "8 bits packed":
        tables = [column.copy().view("<u2").astype(f"{order}u2").tobytes() for column in columns]
    else:
        tables = [column.astype(f"{order}u2").tobytes() for column in columns]
    dataset = with_palette(ramp, tables, [256, 0, 8 if form == "8 bits packed" else 16])
    dataset.file_meta.TransferSyntaxUID = syntax
    np.testing.assert_array_equal(grey(write_dicom(dataset)), luma(RAMPS[ramp]))


def test_values_outside_the_palette_take_its_ends(write_dicom: Write) -> None:
    tables = [np.array([16, 200], np.uint16).tobytes()] * 3
    values = np.array([[0, 99, 100, 101, 102, 255]], np.uint8)
    assert grey(write_dicom(with_palette(values, tables, [2, 100, 16]))).tolist() == [[16, 16, 16, 200, 200, 200]]


def segments(*words: int) -> list[bytes]:
    return [np.array(words, np.uint16).tobytes()] * 3


def test_segments_are_written_out(write_dicom: Write) -> None:
    """Discrete 10, 20; linear in four steps to 100; then the discrete segment once more by reference."""
    values = np.arange(8, dtype=np.uint8)[None]
    codes = segments(0, 2, 10 << 8, 20 << 8, 1, 4, 100 << 8, 2, 1, 0, 0)
    dataset = with_palette(values, codes, [8, 0, 16], "Segmented")
    assert grey(write_dicom(dataset)).tolist() == [[10, 20, 40, 60, 80, 100, 10, 20]]


@pytest.mark.parametrize(
    "codes",
    [
        pytest.param((1, 4, 100), id="linear first"),
        pytest.param((0, 2, 10), id="cut off"),
        pytest.param((0, 1, 10, 7, 1, 1), id="unknown"),
        pytest.param((0, 1, 10, 2, 65535, 6, 0), id="itself"),
        pytest.param((), id="empty"),
    ],
)
def test_segments_that_make_no_palette_are_refused(write_dicom: Write, codes: tuple[int, ...]) -> None:
    dataset = with_palette(np.arange(8, dtype=np.uint8)[None], segments(*codes), [8, 0, 16], "Segmented")
    with raised(DicomError, found="another number, or no table"):
        grey(write_dicom(dataset))


def test_segments_never_outgrow_the_palette(write_dicom: Write) -> None:
    """Four thousand linear segments of 65,535 entries each are cut at the announced 256."""
    codes = segments(0, 1, 0, *(1, 65535, 65535) * 4000)
    dataset = with_palette(np.arange(8, dtype=np.uint8)[None], codes, [256, 0, 16], "Segmented")
    assert grey(write_dicom(dataset)).shape == (1, 8)


def test_a_palette_image_without_palette_is_refused(write_dicom: Write, ramp: np.ndarray) -> None:
    with raised(DicomError, found="another number, or no table"):
        grey(write_dicom(us_dataset(ramp, PhotometricInterpretation="PALETTE COLOR")))
