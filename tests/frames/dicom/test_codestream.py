"""A codestream is decoded only if its own header agrees with the attributes around it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import jpeg_ls
import numpy as np
import pytest
from dicom_files import compressed, us_dataset
from openjpeg.utils import encode_array
from pydicom.uid import UID, JPEG2000Lossless, JPEGBaseline8Bit, JPEGLosslessSV1, JPEGLSLossless, RLELossless

from nonet.errors import DicomError, FrameError
from nonet.frames import open_frames

Write = Callable[..., Path]


def jpeg_header(width: int, height: int, components: int = 1, marker: int = 0xC0) -> bytes:
    sof = struct.pack(">BHHB", 8, height, width, components) + bytes([1, 0x11, 0]) * components
    return b"\xff\xd8\xff" + bytes([marker]) + struct.pack(">H", len(sof) + 2) + sof + b"\xff\xd9"


def rle_header(count: int, *offsets: int) -> bytes:
    return struct.pack("<16L", count, *offsets, *[0] * (15 - len(offsets)))


def refuse(path: Path, match: str) -> None:
    with pytest.raises(DicomError):
        next(open_frames(path))


@pytest.mark.parametrize("syntax", [JPEGBaseline8Bit, JPEGLosslessSV1], ids=lambda uid: uid.name)
@pytest.mark.parametrize("size", [(65535, 65535), (64, 49), (63, 48)], ids=str)
def test_a_jpeg_of_another_size_is_refused(
    write_dicom: Write, ramp: np.ndarray, syntax: UID, size: tuple[int, int]
) -> None:
    refuse(
        write_dicom(compressed(us_dataset(ramp), [jpeg_header(*size)], syntax)),
        f"{size[0]} x {size[1]} x 1 in the data",
    )


def test_a_jpeg_of_more_components_is_refused(write_dicom: Write, ramp: np.ndarray) -> None:
    refuse(write_dicom(compressed(us_dataset(ramp), [jpeg_header(64, 48, 3)], JPEGBaseline8Bit)), "64 x 48 x 3")


def test_a_jpeg_2000_of_another_size_is_refused(write_dicom: Write, ramp: np.ndarray) -> None:
    stream = bytearray(encode_array(ramp, photometric_interpretation=2))
    at = stream.index(b"\xff\x51")
    stream[at + 6 : at + 14] = struct.pack(">LL", 60000, 60000)
    refuse(write_dicom(compressed(us_dataset(ramp), [bytes(stream)], JPEG2000Lossless)), "60000 x 60000")


def test_a_jpeg_ls_of_another_size_is_refused(write_dicom: Write, ramp: np.ndarray) -> None:
    stream = bytearray(bytes(jpeg_ls.encode_array(ramp)))
    at = stream.index(b"\xff\xf7")
    stream[at + 5 : at + 9] = struct.pack(">HH", 50000, 50000)
    refuse(write_dicom(compressed(us_dataset(ramp), [bytes(stream)], JPEGLSLossless)), "50000 x 50000")


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"\xff\xd8\xff\xe0\xff\xff", b"no codestream at all"], ids=repr)
def test_data_without_a_header_is_refused(write_dicom: Write, ramp: np.ndarray, data: bytes) -> None:
    refuse(write_dicom(compressed(us_dataset(ramp), [data or b"\0\0"], JPEGBaseline8Bit)), "header of its codec")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(rle_header(15, *range(64, 79)) + b"\0" * 90, id="too many segments"),
        pytest.param(rle_header(0) + b"\0" * 90, id="none"),
        pytest.param(rle_header(1, 4_000_000_000) + b"\0" * 90, id="an offset past the end"),
        pytest.param(rle_header(1, 8) + b"\0" * 90, id="an offset into the header"),
        pytest.param(rle_header(1, 64) + b"\x81\0" * 100_000, id="a hundred thousand runs for three thousand pixels"),
        pytest.param(b"\1\0\0\0", id="cut off"),
    ],
)
def test_rle_segments_that_do_not_fit_are_refused(write_dicom: Write, ramp: np.ndarray, data: bytes) -> None:
    refuse(write_dicom(compressed(us_dataset(ramp), [data], RLELossless)), "RLE data of this image has 1 segments")


def test_rle_that_unpacks_to_too_little_is_refused(write_dicom: Write, ramp: np.ndarray) -> None:
    path = write_dicom(compressed(us_dataset(ramp), [rle_header(1, 64) + b"\x81\0\x81\0"], RLELossless))
    with pytest.raises(FrameError):
        next(open_frames(path))
