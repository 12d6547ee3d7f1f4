"""Files made to do harm give one clear error each, soon, and with little memory."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import jpeg_ls
import numpy as np
import pytest
from dicom_files import compressed, us_dataset
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openjpeg.utils import encode_array
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)

from errors_raised import raised
from nonet.errors import DicomError, FrameError, InputTooLarge, NonetError, NotAnImage
from nonet.frames import Limits, open_frames

Write = Callable[..., Path]
MEBI = 1 << 20

MEASURE = """
import json, resource, sys, time
from pathlib import Path
from nonet.errors import NonetError
from nonet.frames import open_frames
message = ""
start = time.perf_counter()
try:
    list(open_frames(Path(sys.argv[1])))
except NonetError as problem:
    message = f"{type(problem).__name__} {problem}"
print(json.dumps({
    "message": message,
    "seconds": time.perf_counter() - start,
    "bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
}))
"""


def measured(path: Path) -> dict[str, float | str]:
    """Message, seconds and greatest memory of a fresh process that reads one file."""
    run = subprocess.run([sys.executable, "-c", MEASURE, path], capture_output=True, check=True, text=True)
    cost: dict[str, float | str] = json.loads(run.stdout)
    return cost


def meta_end(data: bytes) -> int:
    return 144 + int.from_bytes(data[140:144], "little")


def gibibyte_in_a_mebibyte(path: Path) -> None:
    """Exchange a deflated data set for one with a private element of 1 GiB."""
    whole = path.read_bytes()
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    element = packer.compress(b"\x09\x00\x01\x10OB\0\0" + struct.pack("<L", 1 << 30))
    element += packer.flush(zlib.Z_FULL_FLUSH)
    zeros = packer.compress(bytes(MEBI)) + packer.flush(zlib.Z_FULL_FLUSH)
    path.write_bytes(whole[: meta_end(whole)] + element + 1024 * zeros + packer.flush())


def three_hundred_sequences(path: Path) -> None:
    """Put 300 sequences inside one another before the pixels."""
    whole = path.read_bytes()
    opened = b"\x08\x00\x15\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff" * 300
    closed = b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0" * 300
    path.write_bytes(whole[: meta_end(whole)] + opened + closed + whole[meta_end(whole) :])


@pytest.mark.skipif(sys.platform == "win32", reason="needs the resource module")
@pytest.mark.parametrize("harm", [gibibyte_in_a_mebibyte, three_hundred_sequences])
def test_a_bomb_costs_at_most_a_second_and_200_mb_above_a_good_file(
    write_dicom: Write, ramp: np.ndarray, harm: Callable[[Path], None]
) -> None:
    good = write_dicom(us_dataset(ramp, syntax=DeflatedExplicitVRLittleEndian), "good.dcm")
    syntax = DeflatedExplicitVRLittleEndian if harm is gibibyte_in_a_mebibyte else "1.2.840.10008.1.2.1"
    bomb = write_dicom(us_dataset(ramp, syntax=syntax), "bomb.dcm")
    harm(bomb)
    assert bomb.stat().st_size < 1.1 * MEBI
    usual, cost = measured(good), measured(bomb)
    assert usual["message"] == ""
    assert str(cost["message"]).startswith("InputTooLarge")
    assert "\n" not in str(cost["message"])
    assert float(cost["seconds"]) <= float(usual["seconds"]) + 1
    assert float(cost["bytes"]) <= float(usual["bytes"]) + 200 * MEBI


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [
        ({"Rows": 0}, NotAnImage),
        ({"Columns": 0}, NotAnImage),
        ({"Rows": 65535, "Columns": 65535}, InputTooLarge),
        ({"NumberOfFrames": 2**31}, InputTooLarge),
        ({"NumberOfFrames": 0}, DicomError),
        ({"NumberOfFrames": -3}, DicomError),
        ({"NumberOfFrames": 5000}, DicomError),
        ({"BitsAllocated": 7}, DicomError),
        ({"BitsAllocated": 0}, DicomError),
        ({"BitsAllocated": 64}, DicomError),
        ({"BitsStored": 12}, DicomError),
        ({"BitsStored": 8, "HighBit": 60000}, DicomError),
        ({"HighBit": 2}, DicomError),
        ({"SamplesPerPixel": 200}, DicomError),
        ({"PlanarConfiguration": 7}, DicomError),
        ({"PhotometricInterpretation": "RGB"}, DicomError),
        ({"PhotometricInterpretation": "CMYK"}, DicomError),
        ({"PhotometricInterpretation": ""}, DicomError),
    ],
    ids=str,
)
def test_nonsense_attributes_are_refused(
    write_dicom: Write, ramp: np.ndarray, attributes: dict[str, object], kind: type[FrameError]
) -> None:
    dataset = us_dataset(ramp)
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    with pytest.raises(kind):
        list(open_frames(write_dicom(dataset)))


@pytest.mark.parametrize("keyword", ["Rows", "Columns", "BitsAllocated", "PhotometricInterpretation", "PixelData"])
def test_a_missing_attribute_is_named_or_its_absence_reported(
    write_dicom: Write, ramp: np.ndarray, keyword: str
) -> None:
    dataset = us_dataset(ramp)
    delattr(dataset, keyword)
    with pytest.raises((DicomError, NotAnImage)):
        list(open_frames(write_dicom(dataset)))


def test_a_table_larger_than_any_table_is_refused(write_dicom: Write, ramp: np.ndarray) -> None:
    dataset = us_dataset(ramp)
    dataset.add_new("RedPaletteColorLookupTableData", "OW", bytes(5 * MEBI))
    with raised(InputTooLarge, found="more"):
        list(open_frames(write_dicom(dataset)))


def test_a_codestream_larger_than_any_of_its_image_is_refused(write_dicom: Write, ramp: np.ndarray) -> None:
    dataset = compressed(us_dataset(ramp), [bytes(2 * MEBI)], JPEGBaseline8Bit)
    with raised(InputTooLarge, found="2097152"):
        list(open_frames(write_dicom(dataset)))


def png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG made by hand."""
    header = struct.pack(">LLBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(b"\0" * 65)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data)) for name, data in parts
    )


BOMB = zlib.compress(bytes(64 * MEBI), 9)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(png(2**31 - 1, 2**31 - 1), id="declared size"),
        pytest.param(png(40_000, 40_000), id="declared size, plausible"),
        pytest.param(png(8, 8, (b"zTXt", b"a\0\0" + BOMB)), id="zTXt"),
        pytest.param(png(8, 8, (b"iTXt", b"a\0\1\0\0\0" + BOMB)), id="iTXt"),
        pytest.param(png(8, 8, (b"iCCP", b"a\0\0" + BOMB)), id="iCCP"),
    ],
)
def test_a_png_bomb_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises((InputTooLarge, NotAnImage)):
        list(open_frames(tmp_path / "a.png"))


def test_a_jpeg_of_too_many_pixels_is_refused(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(tmp_path / "a.jpg")
    data = bytearray((tmp_path / "a.jpg").read_bytes())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", 65000, 65000)
    (tmp_path / "a.jpg").write_bytes(data)
    with raised(InputTooLarge, found="65000 columns x 65000 rows"):
        list(open_frames(tmp_path / "a.jpg"))


@pytest.mark.slow
def test_a_jpeg_that_is_scanned_ten_thousand_times_runs_out_of_time(tmp_path: Path) -> None:
    """A progressive JPEG repeats a refinement scan: each costs the decoder a pass over the image."""
    Image.fromarray(np.zeros((2048, 2048), np.uint8)).save(tmp_path / "a.jpg", progressive=True)
    data = (tmp_path / "a.jpg").read_bytes()
    last = data.rindex(b"\xff\xda")
    (tmp_path / "a.jpg").write_bytes(data[:last] + data[last:-2] * 10_000 + data[-2:])
    with raised(InputTooLarge, found="one that takes longer"):
        list(open_frames(tmp_path / "a.jpg", limits=Limits(decode_seconds=1)))


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux only")
def test_an_image_that_needs_more_memory_than_allowed_is_refused(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((4000, 4000, 3), np.uint8)).save(tmp_path / "a.png")
    with raised(InputTooLarge, found="one that needs more"):
        list(open_frames(tmp_path / "a.png", limits=Limits(decode_bytes=20_000_000)))


def test_a_tiff_whose_pages_run_in_a_circle_ends(tmp_path: Path, ramp: np.ndarray) -> None:
    Image.fromarray(ramp).save(tmp_path / "a.tif")
    data = bytearray((tmp_path / "a.tif").read_bytes())
    directory = int.from_bytes(data[4:8], "little")
    entries = int.from_bytes(data[directory : directory + 2], "little")
    data[directory + 2 + 12 * entries : directory + 6 + 12 * entries] = directory.to_bytes(4, "little")
    (tmp_path / "a.tif").write_bytes(data)
    try:
        frames = list(open_frames(tmp_path / "a.tif", limits=Limits(decode_seconds=5)))
    except FrameError:
        return
    assert len(frames) == 1


def still(form: str) -> bytes:
    stream = BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (24, 40, 3), np.uint8)).save(stream, form)
    return stream.getvalue()


def dicom(**kinds: object) -> bytes:
    picture = np.random.default_rng(1).integers(0, 256, (64, 64), np.uint8)
    dataset = us_dataset(picture, PixelSpacing=[0.1, 0.1])
    name = str(kinds["kind"])
    if name == "RLE":
        dataset.compress(RLELossless, encoding_plugin="pydicom")
    elif name == "JPEG 2000":
        compressed(dataset, [encode_array(picture, photometric_interpretation=2)], JPEG2000Lossless)
    elif name == "JPEG-LS":
        compressed(dataset, [bytes(jpeg_ls.encode_array(picture))], JPEGLSLossless)
    elif name == "deflated":
        dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    elif name == "big endian":
        dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    stream = BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


WHOLE = {form: still(form) for form in ("PNG", "JPEG", "TIFF", "BMP", "WEBP")}
WHOLE |= {kind: dicom(kind=kind) for kind in ("native", "RLE", "JPEG 2000", "JPEG-LS", "deflated", "big endian")}


def read_or_refused(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    try:
        frames = list(open_frames(path, limits=Limits(decode_seconds=5)))
    except NonetError as problem:
        assert "\n" not in str(problem)
        assert "SECRET" not in str(problem).upper().replace(str(path).upper(), "")
        return
    assert all(frame.pixels.dtype == np.uint8 and frame.pixels.ndim == 2 for frame in frames)


@pytest.mark.parametrize("form", WHOLE)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_off_anywhere_is_read_or_refused(tmp_path: Path, form: str, share: float) -> None:
    read_or_refused(tmp_path / "cut", WHOLE[form][: int(share * len(WHOLE[form]))])


@pytest.mark.parametrize("form", WHOLE)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_file_with_wrong_bytes_is_read_or_refused(
    tmp_path: Path, form: str, changes: list[tuple[float, int]]
) -> None:
    data = bytearray(WHOLE[form])
    for share, value in changes:
        data[int(share * len(data))] = value
    read_or_refused(tmp_path / "wrong", bytes(data))


@pytest.mark.parametrize("form", ["native", "RLE", "JPEG-LS", "JPEG 2000", "deflated", "PNG", "JPEG", "BMP"])
def test_a_file_that_lacks_its_second_half_is_refused(tmp_path: Path, form: str) -> None:
    (tmp_path / "half").write_bytes(WHOLE[form][: len(WHOLE[form]) // 2])
    with pytest.raises(FrameError):
        list(open_frames(tmp_path / "half"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with raised(FrameError, found="a pipe, socket or device"):
        list(open_frames(tmp_path / "pipe.png"))


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs /dev/zero")
def test_a_device_is_refused() -> None:
    with raised(FrameError, found="a pipe, socket or device"):
        list(open_frames(Path("/dev/zero")))


def test_text_chunks_of_a_good_size_do_no_harm(tmp_path: Path, ramp: np.ndarray) -> None:
    info = PngInfo()
    info.add_text("comment", "a" * 10_000, zip=True)
    Image.fromarray(ramp).save(tmp_path / "a.png", pnginfo=info)
    np.testing.assert_array_equal(next(open_frames(tmp_path / "a.png")).pixels, ramp)
