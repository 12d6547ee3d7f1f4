"""DICOM ultrasound becomes frames: every transfer syntax, every colour model, every frame by itself."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import jpeg_ls
import numpy as np
import pytest
from dicom_files import compressed, us_dataset
from openjpeg.utils import encode_array
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, encapsulate_extended, generate_frames
from pydicom.uid import (
    MPEG4HP41,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)

from nonet.errors import DicomError, NotAnImage
from nonet.frame import Frame, luma
from nonet.frames import open_frames

Write = Callable[..., Path]
NATIVE = [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]


def only(path: Path) -> Frame:
    (frame,) = open_frames(path)
    return frame


def jpeg(picture: np.ndarray) -> bytes:
    stream = BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=95)
    return stream.getvalue()


@pytest.mark.parametrize("syntax", NATIVE, ids=lambda uid: uid.name)
def test_native_pixels_are_kept(write_dicom: Write, ramp: np.ndarray, syntax: str) -> None:
    frame = only(write_dicom(us_dataset(ramp, syntax=syntax)))
    np.testing.assert_array_equal(frame.pixels, ramp)
    assert frame.source.format == "DICOM"
    assert frame.source.sop_class_uid == "1.2.840.10008.5.1.4.1.1.6.1"
    assert frame.source.sop_instance_uid == "1.2.826.0.1.3680043.10.1"


@pytest.mark.parametrize("syntax", NATIVE, ids=lambda uid: uid.name)
def test_native_colour_of_an_odd_number_of_bytes_is_kept(write_dicom: Write, colours: np.ndarray, syntax: str) -> None:
    frames = np.stack([colours[:5, :7], colours[5:10, 7:14], colours[10:15, :7]])
    dataset = us_dataset(frames, syntax=syntax, NumberOfFrames=3)
    data = frames.tobytes() + b"\0"
    if syntax == ExplicitVRBigEndian:
        dataset["PixelData"].VR = "OW"
        data = np.frombuffer(data, "<u2").byteswap().tobytes()
    dataset.PixelData = data
    read = [frame.pixels for frame in open_frames(write_dicom(dataset))]
    np.testing.assert_array_equal(read, luma(frames))


@pytest.mark.parametrize("uid", ["1.2.840.10008.5.1.4.1.1.6", "1.2.840.10008.5.1.4.1.1.3"], ids=["still", "cine"])
def test_the_retired_ultrasound_classes_are_read(write_dicom: Write, ramp: np.ndarray, uid: str) -> None:
    pixels = np.stack([ramp, ramp[::-1]])
    read = list(open_frames(write_dicom(us_dataset(pixels, SOPClassUID=uid, NumberOfFrames=2))))
    np.testing.assert_array_equal([frame.pixels for frame in read], pixels)
    assert [frame.source.frame for frame in read] == [0, 1]
    assert {frame.source.sop_class_uid for frame in read} == {uid}


def test_monochrome1_is_inverted(write_dicom: Write, ramp: np.ndarray) -> None:
    dataset = us_dataset(ramp, PhotometricInterpretation="MONOCHROME1")
    np.testing.assert_array_equal(only(write_dicom(dataset)).pixels, 255 - ramp)


@pytest.mark.parametrize("planar", [0, 1])
def test_rgb_becomes_luma(write_dicom: Write, colours: np.ndarray, planar: int) -> None:
    dataset = us_dataset(colours, PlanarConfiguration=planar)
    if planar:
        dataset.PixelData = colours.transpose(2, 0, 1).tobytes()
    np.testing.assert_array_equal(only(write_dicom(dataset)).pixels, luma(colours))


def test_colour_of_sixteen_bits_keeps_the_high_eight(write_dicom: Write, colours: np.ndarray) -> None:
    deep = colours.astype(np.uint16) << 8 | 0x5A
    np.testing.assert_array_equal(only(write_dicom(us_dataset(deep))).pixels, luma(colours))


def ybr(rgb: np.ndarray) -> np.ndarray:
    matrix = np.array([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]])
    return np.clip(np.rint(rgb @ matrix.T + [0, 128, 128]), 0, 255).astype(np.uint8)


def test_ybr_full_becomes_luma(write_dicom: Write, colours: np.ndarray) -> None:
    dataset = us_dataset(ybr(colours), PhotometricInterpretation="YBR_FULL")
    assert np.abs(only(write_dicom(dataset)).pixels.astype(int) - luma(colours)).max() <= 2


@pytest.mark.parametrize("width", ["half", "full"])
def test_ybr_full_422_becomes_luma_even_where_its_chroma_has_full_width(write_dicom: Write, width: str) -> None:
    wide = np.repeat(np.random.default_rng(3).integers(0, 256, (48, 32, 3), np.uint8), 2, axis=1)
    stored = ybr(wide)
    dataset = us_dataset(stored, PhotometricInterpretation="YBR_FULL_422")
    if width == "half":
        pairs = np.stack([stored[:, ::2, 0], stored[:, 1::2, 0], stored[:, ::2, 1], stored[:, ::2, 2]], axis=-1)
        dataset.PixelData = pairs.tobytes()
    assert np.abs(only(write_dicom(dataset)).pixels.astype(int) - luma(wide)).max() <= 2


@pytest.mark.parametrize(
    ("syntax", "encode"),
    [
        (JPEG2000Lossless, lambda a: encode_array(a, photometric_interpretation=2)),
        (JPEGLSLossless, lambda a: bytes(jpeg_ls.encode_array(a))),
        (JPEGBaseline8Bit, jpeg),
    ],
    ids=["JPEG 2000", "JPEG-LS", "JPEG"],
)
def test_a_compressed_frame_is_decoded(write_dicom: Write, syntax: str, encode: Callable[..., bytes]) -> None:
    smooth = np.add.outer(np.arange(64), np.arange(80)).astype(np.uint8)
    frame = only(write_dicom(compressed(us_dataset(smooth), [encode(smooth)], syntax)))
    assert np.abs(frame.pixels.astype(int) - smooth).max() <= (3 if syntax == JPEGBaseline8Bit else 0)


@pytest.mark.parametrize("bits", [8, 16])
def test_rle_is_decoded(write_dicom: Write, colours: np.ndarray, bits: int) -> None:
    stored = colours if bits == 8 else colours.astype(np.uint16) << 8
    dataset = us_dataset(stored)
    dataset.compress(RLELossless, encoding_plugin="pydicom")
    np.testing.assert_array_equal(only(write_dicom(dataset)).pixels, luma(colours))


def rle(frame: np.ndarray) -> bytes:
    dataset = us_dataset(frame)
    dataset.compress(RLELossless, encoding_plugin="pydicom")
    return next(generate_frames(dataset.PixelData, number_of_frames=1))


def with_tables(dataset: Dataset, encoded: list[bytes]) -> None:
    value, offsets, lengths = encapsulate_extended(encoded)
    dataset.PixelData, dataset.ExtendedOffsetTable, dataset.ExtendedOffsetTableLengths = value, offsets, lengths


FRAGMENTS: dict[str, Callable[[Dataset, list[bytes]], None]] = {
    "a table of offsets": lambda d, e: setattr(d, "PixelData", encapsulate(e, has_bot=True)),
    "no table, one fragment a frame": lambda d, e: setattr(d, "PixelData", encapsulate(e, has_bot=False)),
    "two fragments a frame": lambda d, e: setattr(d, "PixelData", encapsulate(e, fragments_per_frame=2)),
    "an extended table": with_tables,
}


@pytest.mark.parametrize("form", FRAGMENTS)
def test_the_fragments_of_a_cine_are_joined_to_frames(write_dicom: Write, ramp: np.ndarray, form: str) -> None:
    pictures = [ramp, ramp[::-1], 250 - ramp]
    dataset = compressed(us_dataset(np.stack(pictures), NumberOfFrames=3), [b"\0\0"], RLELossless)
    FRAGMENTS[form](dataset, [rle(picture) for picture in pictures])
    read = [frame.pixels for frame in open_frames(write_dicom(dataset))]
    np.testing.assert_array_equal(read, pictures)


def test_fragments_without_a_table_are_split_where_a_codestream_begins(write_dicom: Write, ramp: np.ndarray) -> None:
    pictures = [ramp, ramp[::-1]]
    dataset = compressed(us_dataset(np.stack(pictures), NumberOfFrames=2), [b"\0\0"], JPEGLSLossless)
    encoded = [bytes(jpeg_ls.encode_array(picture)) for picture in pictures]
    dataset.PixelData = encapsulate(encoded, fragments_per_frame=3, has_bot=False)
    np.testing.assert_array_equal([frame.pixels for frame in open_frames(write_dicom(dataset))], pictures)


def test_frames_are_decoded_one_at_a_time(write_dicom: Write, ramp: np.ndarray) -> None:
    encoded = [rle(ramp), rle(ramp)]
    encoded[1] = encoded[1][:70]
    path = write_dicom(compressed(us_dataset(np.stack([ramp, ramp]), NumberOfFrames=2), encoded, RLELossless))
    frames = open_frames(path)
    np.testing.assert_array_equal(next(frames).pixels, ramp)
    with pytest.raises((DicomError, NotAnImage)):
        next(frames)


def test_two_files_may_be_read_in_turn(write_dicom: Write, ramp: np.ndarray) -> None:
    one = compressed(us_dataset(np.stack([ramp] * 2), NumberOfFrames=2), [rle(ramp)] * 2, RLELossless)
    other = compressed(us_dataset(np.stack([ramp.T] * 2), NumberOfFrames=2), [rle(ramp.T)] * 2, RLELossless)
    both = zip(open_frames(write_dicom(one, "one.dcm")), open_frames(write_dicom(other, "other.dcm")), strict=True)
    for left, right in both:
        np.testing.assert_array_equal(left.pixels, right.pixels.T)


def test_a_video_is_refused_by_name(write_dicom: Write, ramp: np.ndarray) -> None:
    with pytest.raises(DicomError) as caught:
        only(write_dicom(compressed(us_dataset(ramp), [b"\0\0"], MPEG4HP41)))
    assert MPEG4HP41.name in caught.value.found


def test_no_patient_is_in_the_frame(write_dicom: Write, ramp: np.ndarray) -> None:
    frame = only(write_dicom(us_dataset(ramp, PixelSpacing=[0.1, "bad"][:1])))
    assert "secret" not in repr((frame.source, frame.warnings, frame.regions)).lower()


def test_a_name_in_place_of_a_uid_is_dropped(write_dicom: Write, ramp: np.ndarray) -> None:
    path = write_dicom(us_dataset(ramp))
    uid = b"1.2.826.0.1.3680043.10.1"
    data = path.read_bytes()
    at = data.rindex(uid)
    path.write_bytes(data[:at] + b"Secret^Name".ljust(len(uid), b"x") + data[at + len(uid) :])
    assert only(path).source.sop_instance_uid == ""
