"""Meta information, missing or odd, and deflated data sets, true ones and bombs."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from dicom_files import us_dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from errors_raised import raised
from nonet.errors import DicomError, InputTooLarge
from nonet.frames import Limits, open_frames
from nonet.frames.dicom.part10 import open_part10

Write = Callable[..., Path]


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian], ids=lambda uid: uid.name
)
def test_a_bare_data_set_is_read_by_the_look_of_its_first_element(
    tmp_path: Path, ramp: np.ndarray, syntax: str
) -> None:
    stream = DicomBytesIO()
    stream.is_implicit_VR = syntax == ImplicitVRLittleEndian
    stream.is_little_endian = syntax != ExplicitVRBigEndian
    write_dataset(stream, us_dataset(ramp))
    (tmp_path / "bare").write_bytes(stream.getvalue())
    np.testing.assert_array_equal(next(open_frames(tmp_path / "bare")).pixels, ramp)


def test_meta_information_that_runs_past_the_file_is_refused() -> None:
    data = b"\0" * 128 + b"DICM" + b"\x02\x00\x10\x00UI\xff\x7f1.2"
    with raised(DicomError, found="an element that reaches past that"):
        open_part10(BytesIO(data), len(data), Limits())


def deflated(path: Path, content: bytes, repeat: int = 1) -> Path:
    """The file with its deflated data set exchanged for ``content``, ``repeat`` times."""
    whole = path.read_bytes()
    start = 144 + int.from_bytes(whole[140:144], "little")
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    with path.open("wb") as stream:
        stream.write(whole[:start])
        for _ in range(repeat):
            stream.write(packer.compress(content))
        stream.write(packer.flush())
    return path


@pytest.fixture
def deflated_file(write_dicom: Write, ramp: np.ndarray) -> Path:
    return write_dicom(us_dataset(ramp, syntax=DeflatedExplicitVRLittleEndian))


def test_a_deflated_file_is_inflated(deflated_file: Path, ramp: np.ndarray) -> None:
    np.testing.assert_array_equal(next(open_frames(deflated_file)).pixels, ramp)


def test_a_bomb_is_refused_by_its_ratio(deflated_file: Path) -> None:
    path = deflated(deflated_file, b"\0" * (1 << 20), 64)
    with raised(InputTooLarge, found="bytes from the first"):
        next(open_frames(path))


def test_a_slow_bomb_is_refused_by_its_size(deflated_file: Path) -> None:
    path = deflated(deflated_file, np.random.default_rng(0).bytes(1 << 20), 2)
    with raised(InputTooLarge, found="bytes from the first"):
        next(open_frames(path, limits=Limits(inflated_bytes=1_000_000)))


def test_deflated_data_that_is_cut_off_or_damaged_is_refused(deflated_file: Path) -> None:
    whole = deflated_file.read_bytes()
    for damaged in (whole[:-200], whole[:-200] + b"\xff" * 200):
        deflated_file.write_bytes(damaged)
        with pytest.raises(DicomError):
            next(open_frames(deflated_file))
