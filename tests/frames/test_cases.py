"""Small files that other readers get wrong, in `tests/cases`: each is read right, or refused by name."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from dicom_files import compressed, us_dataset
from openjpeg.utils import encode_array
from PIL import Image
from pydicom.uid import (
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)
from typer.testing import CliRunner

from nonet.cli.main import app
from nonet.errors import DicomError, InputTooLarge, NotAnImage
from nonet.frame import Frame, luma
from nonet.frames import find_files, open_frames

jpeg_ls = pytest.importorskip("jpeg_ls")

Write = Callable[..., Path]
CASES = Path(__file__).parents[1] / "cases"


def only(path: Path) -> Frame:
    (frame,) = open_frames(path)
    return frame


def jpeg(picture: np.ndarray, **options: object) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=95, **options)
    return stream.getvalue()


def smooth(height: int = 64, width: int = 96) -> np.ndarray:
    """A colour picture that every codec keeps to a few grey levels."""
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 2, y * 3, (x + y) % 160], axis=2).astype(np.uint8)


# Wrong pixels


def test_planar_configuration_has_no_meaning_for_a_jpeg() -> None:
    frame = only(CASES / "planar1_compressed/jpg_planar1.dcm")
    truth = np.load(CASES / "planar1_compressed/jpg_planar1.npy").astype(int)
    assert np.abs(frame.pixels.astype(int) - truth).max() <= 6


@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize("codec", ["JPEG", "JPEG 2000", "JPEG-LS", "RLE"])
def test_planar_configuration_has_no_meaning_for_any_codec(write_dicom: Write, codec: str, planar: int) -> None:
    picture = smooth()
    dataset = us_dataset(picture)
    if codec == "JPEG":
        compressed(dataset, [jpeg(picture, subsampling=0)], JPEGBaseline8Bit)
        dataset.PhotometricInterpretation = "YBR_FULL"
    elif codec == "JPEG 2000":
        compressed(dataset, [encode_array(picture, photometric_interpretation=1)], JPEG2000Lossless)
        dataset.PhotometricInterpretation = "YBR_RCT"
    elif codec == "JPEG-LS":
        compressed(dataset, [bytes(jpeg_ls.encode_array(picture, interleave_mode=2))], JPEGLSLossless)
    else:
        dataset.compress(RLELossless, encoding_plugin="pydicom")
    dataset.PlanarConfiguration = planar
    difference = only(write_dicom(dataset)).pixels.astype(int) - luma(picture)
    assert np.abs(difference).max() <= 6


@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL", "YBR_FULL_422"])
@pytest.mark.parametrize("marker", ["JFIF", "Adobe", "component ids"])
def test_a_jpeg_that_states_its_colour_model_is_believed(write_dicom: Write, marker: str, photometric: str) -> None:
    picture = smooth()
    data = jpeg(picture, subsampling=0) if marker == "JFIF" else jpeg(picture, subsampling=0, keep_rgb=True)
    if marker == "component ids":
        data = named_components(data)
    dataset = compressed(us_dataset(picture), [data], JPEGBaseline8Bit)
    dataset.PhotometricInterpretation = photometric
    difference = only(write_dicom(dataset)).pixels.astype(int) - luma(picture)
    assert np.abs(difference).max() <= 6


def named_components(data: bytes) -> bytes:
    """A JPEG in RGB whose only sign of it is the names of its components: its Adobe marker is taken out."""
    at = data.index(b"\xff\xee")
    plain = data[:at] + data[at + 2 + int.from_bytes(data[at + 2 : at + 4], "big") :]
    assert b"Adobe" not in plain
    return plain


def test_half_a_jpeg_is_refused_though_it_has_its_end_marker() -> None:
    with pytest.raises(NotAnImage) as caught:
        only(CASES / "jpeg_half_with_eoi/half_eoi.jpg")
    assert "half_eoi.jpg" in caught.value.found
    assert only(CASES / "jpeg_half_with_eoi/whole.jpg").warnings == ()


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("end", [b"", b"\xff\xd9"], ids=["no end", "end"])
@pytest.mark.parametrize("dicom", [False, True], ids=["still", "DICOM"])
def test_a_jpeg_cut_anywhere_is_refused(
    tmp_path: Path, write_dicom: Write, share: float, end: bytes, dicom: bool
) -> None:
    picture = np.random.default_rng(3).integers(0, 256, (64, 96), np.uint8)
    data = jpeg(picture)
    cut = data[: int(len(data) * share)] + end
    path = tmp_path / "a.jpg"
    path.write_bytes(cut)
    if dicom:
        path = write_dicom(compressed(us_dataset(picture), [cut], JPEGBaseline8Bit))
    with pytest.raises(NotAnImage):
        only(path)


@pytest.mark.parametrize("codec", ["JPEG 2000", "JPEG-LS", "RLE"])
def test_half_a_frame_of_another_codec_is_never_taken_for_a_whole_one(write_dicom: Write, codec: str) -> None:
    picture = np.random.default_rng(3).integers(0, 256, (64, 96), np.uint8)
    if codec == "RLE":
        dataset = us_dataset(picture)
        dataset.compress(RLELossless, encoding_plugin="pydicom")
        from pydicom.encaps import generate_frames

        data, syntax = next(generate_frames(dataset.PixelData, number_of_frames=1)), RLELossless
    elif codec == "JPEG 2000":
        data, syntax = encode_array(picture, photometric_interpretation=2), JPEG2000Lossless
    else:
        data, syntax = bytes(jpeg_ls.encode_array(picture)), JPEGLSLossless
    cut = data[: len(data) // 2] + (b"" if codec == "RLE" else b"\xff\xd9")
    try:
        frame = only(write_dicom(compressed(us_dataset(picture), [cut], syntax)))
    except (NotAnImage, DicomError):
        return
    assert frame.warnings


def test_a_progressive_jpeg_without_its_last_scans_is_read_with_a_warning(tmp_path: Path) -> None:
    data = jpeg(np.random.default_rng(3).integers(0, 256, (64, 96), np.uint8), progressive=True)
    (tmp_path / "whole.jpg").write_bytes(data)
    (tmp_path / "less.jpg").write_bytes(data[: data.rindex(b"\xff\xda")] + b"\xff\xd9")
    assert only(tmp_path / "whole.jpg").warnings == ()
    assert len(only(tmp_path / "less.jpg").warnings) == 1


def test_a_jpeg_that_lacks_only_its_last_marker_is_read_with_a_warning(write_dicom: Write) -> None:
    frame = only(CASES / "small_tolerances/jpg_noeoi.jpg")
    assert len(frame.warnings) == 1
    picture = smooth()[..., 0]
    dataset = compressed(us_dataset(picture), [jpeg(picture)[:-2]], JPEGBaseline8Bit)
    frame = only(write_dicom(dataset))
    assert np.abs(frame.pixels.astype(int) - picture).max() <= 6
    assert len(frame.warnings) == 1


def test_jpeg_ls_with_padding_before_its_end_is_read(write_dicom: Write) -> None:
    picture = np.random.default_rng(3).integers(0, 256, (64, 96), np.uint8)
    data = bytes(jpeg_ls.encode_array(picture))
    padded = data[:-2] + bytes(64) + data[-2:]
    frame = only(write_dicom(compressed(us_dataset(picture), [padded], JPEGLSLossless)))
    np.testing.assert_array_equal(frame.pixels, picture)


@pytest.mark.parametrize("name", ["mono8_in16_stored16.dcm", "png16_8in16.png"])
def test_a_frame_that_comes_out_black_warns_of_its_grey_levels(name: str) -> None:
    frame = only(CASES / "dark_sixteen_bit" / name)
    assert len(frame.warnings) == 1


@pytest.mark.parametrize("bits", [10, 12])
@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_values_of_some_bits_in_a_still_of_sixteen_warn(tmp_path: Path, bits: int, form: str) -> None:
    deep = np.random.default_rng(3).integers(0, 1 << bits, (40, 60), np.uint16)
    Image.fromarray(deep).save(tmp_path / "low", form)
    Image.fromarray(deep << (16 - bits)).save(tmp_path / "high", form)
    assert len(only(tmp_path / "low").warnings) == 1
    assert only(tmp_path / "high").warnings == ()


def test_a_row_of_an_odd_number_of_pixels_is_not_sheared() -> None:
    truth = np.load(CASES / "planar1_compressed/jpg_planar1.npy").astype(int)[:, :127]
    frame = only(CASES / "small_tolerances/ybr422_native_oddw.dcm")
    assert np.abs(frame.pixels.astype(int) - truth).max() <= 6


@pytest.mark.parametrize("padded", [True, False], ids=["whole pairs", "packed"])
def test_odd_width_in_half_chroma_is_read_by_its_length(write_dicom: Write, padded: bool) -> None:
    columns = np.arange(31) * 8
    luma_row = np.append(columns, columns[-1]) if padded else columns
    pairs = -(-len(luma_row) // 2)
    row = np.full((pairs, 4), 128, np.uint8)
    row[:, 0], row[: len(luma_row) // 2, 1] = luma_row[::2], luma_row[1::2]
    packed = np.tile(row.ravel()[: 2 * len(luma_row)], 20)
    dataset = us_dataset(np.zeros((20, 31, 3), np.uint8), PhotometricInterpretation="YBR_FULL_422")
    dataset.PixelData = packed.tobytes()
    if padded:
        np.testing.assert_array_equal(only(write_dicom(dataset)).pixels, np.tile(columns, (20, 1)))


# Lost frames


@pytest.mark.parametrize("name", ["nf_less.dcm", "nf_less_jpeg.dcm"])
def test_frames_that_the_file_does_not_announce_are_counted_in_a_warning(name: str) -> None:
    frames = list(open_frames(CASES / "frames_lost" / name))
    assert len(frames) == 2
    assert all("2 frames and holds 3" in frame.warnings[0] for frame in frames)


def test_one_announced_frame_of_many_warns_too(write_dicom: Write) -> None:
    picture = smooth()[..., 0]
    dataset = compressed(us_dataset(picture), [jpeg(picture), jpeg(255 - picture), jpeg(picture)], JPEGBaseline8Bit)
    frame = only(write_dicom(dataset))
    assert np.abs(frame.pixels.astype(int) - picture).max() <= 6
    assert "1 frames and holds 3" in frame.warnings[0]


@pytest.mark.parametrize("table", [[0, 0, 0], [0, 7, 13], [4, 8, 12], [0, 0], [0xFFFFFFFF] * 3], ids=str)
def test_an_offset_table_that_names_other_places_is_passed_over(write_dicom: Write, table: list[int]) -> None:
    assert len(list(open_frames(CASES / "offset_table_wrong/bot_zeros.dcm"))) == 3
    picture = smooth()[..., 0]
    dataset = us_dataset(np.stack([picture] * 3), NumberOfFrames=3)
    compressed(dataset, [jpeg(np.roll(picture, 8 * one, 0)) for one in range(3)], JPEGBaseline8Bit)
    items = dataset.PixelData
    own = int.from_bytes(items[4:8], "little")
    entries = b"".join(one.to_bytes(4, "little") for one in table)
    dataset.PixelData = items[:4] + len(entries).to_bytes(4, "little") + entries + items[8 + own :]
    read = list(open_frames(write_dicom(dataset)))
    assert [
        int(np.abs(frame.pixels.astype(int) - np.roll(picture, 8 * one, 0)).max()) <= 6
        for one, frame in enumerate(read)
    ] == [True] * 3


def test_the_frames_after_a_damaged_one_are_read() -> None:
    frames: list[Frame] = []
    with pytest.raises(DicomError) as caught:
        frames.extend(open_frames(CASES / "small_tolerances/cine_damaged_mid.dcm"))
    assert [frame.source.frame for frame in frames] == [0, 1, 3, 4]
    assert "number 3" in caught.value.found


def test_the_whole_frames_of_a_cine_that_is_cut_off_are_read(write_dicom: Write) -> None:
    picture = smooth()[..., 0]
    native = write_dicom(us_dataset(np.stack([picture] * 4), NumberOfFrames=4), "native.dcm")
    native.write_bytes(native.read_bytes()[:-3000])
    encapsulated = us_dataset(np.stack([picture] * 4), NumberOfFrames=4)
    path = write_dicom(compressed(encapsulated, [jpeg(picture)] * 4, JPEGBaseline8Bit), "jpeg.dcm")
    path.write_bytes(path.read_bytes()[:-500])
    for cut in (native, path):
        frames: list[Frame] = []
        with pytest.raises(DicomError) as caught:
            frames.extend(open_frames(cut))
        assert len(frames) == 3
        assert "3 whole ones of 4" in caught.value.found


# Refused without need


@pytest.mark.parametrize("name", ["win_zero.dcm", "lut_empty_items.dcm"])
def test_a_display_step_that_cannot_be_applied_is_a_warning(name: str) -> None:
    frame = only(CASES / "voi_refused" / name)
    assert set(np.unique(frame.pixels)) == {100} or frame.pixels.std() > 0
    assert frame.warnings


def test_a_colour_model_in_small_letters_is_read_with_a_warning() -> None:
    frame = only(CASES / "small_tolerances/pi_lower.dcm")
    np.testing.assert_array_equal(frame.pixels, only(CASES / "region_past_image/reg_max_beyond.dcm").pixels)
    assert len(frame.warnings) == 1


def test_a_jpeg_in_rgb_by_its_component_names_is_read() -> None:
    frame = only(CASES / "small_tolerances/jpg_rgb_nomarker.dcm")
    assert frame.pixels[48, 64] == 188


@pytest.mark.parametrize("said", [ExplicitVRLittleEndian, ImplicitVRLittleEndian], ids=lambda uid: uid.name)
def test_a_meta_header_that_lies_about_the_encoding_is_not_believed(tmp_path: Path, said: str) -> None:
    picture = smooth()[..., 0]
    written = ImplicitVRLittleEndian if said == ExplicitVRLittleEndian else ExplicitVRLittleEndian
    dataset = us_dataset(picture, syntax=written)
    stream = io.BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    data = stream.getvalue()
    lie, truth = (uid.encode() + b"\0" * (len(uid) % 2) for uid in (said, written))
    at = data.index(b"\x02\x00\x10\x00UI")
    data = data[: at + 6] + len(lie).to_bytes(2, "little") + lie + data[at + 8 + len(truth) :]
    path = tmp_path / "lie.dcm"
    path.write_bytes(data)
    frame = only(path)
    np.testing.assert_array_equal(frame.pixels, picture)
    assert len(frame.warnings) == 1


# Refused by name


def test_files_of_forms_that_are_not_read_are_found_and_named() -> None:
    folder = CASES / "folder_of_unsupported"
    found = find_files([folder])
    assert [path.name for path in found] == ["gif.gif", "IM0001", "jp2.jp2"]
    for path, name in zip(found, ("GIF", "DICOM", "JPEG 2000"), strict=True):
        with pytest.raises(NotAnImage) as caught:
            only(path)
        assert name in caught.value.found


def test_a_folder_of_forms_that_are_not_read_is_not_silent(tmp_path: Path) -> None:
    run = CliRunner().invoke(app, ["read", str(CASES / "folder_of_unsupported"), "-o", str(tmp_path / "out")])
    assert run.exit_code == 1
    assert all(name in run.output for name in ("gif.gif", "IM0001", "jp2.jp2", "0 of 3 files"))


def test_text_without_a_suffix_is_no_image(tmp_path: Path) -> None:
    (tmp_path / "README").write_text("US CS UI " * 200)
    (tmp_path / "Makefile").write_bytes(b"\x08\x00 all: \x28\x00\n")
    assert find_files([tmp_path]) == []


def test_a_transfer_syntax_that_is_not_read_is_named(write_dicom: Write) -> None:
    dataset = compressed(us_dataset(smooth()[..., 0]), [b"\0\0"], HTJ2KLossless)
    with pytest.raises(DicomError) as caught:
        only(write_dicom(dataset))
    assert "High-Throughput JPEG 2000" in caught.value.found
    assert HTJ2KLossless in caught.value.found


def test_two_kilobytes_do_not_become_sixteen_megapixels(tmp_path: Path, write_dicom: Write) -> None:
    flat = np.zeros((4000, 4000), np.uint8)
    Image.fromarray(flat).save(tmp_path / "a.webp", lossless=True)
    assert (tmp_path / "a.webp").stat().st_size < 3000
    with pytest.raises(InputTooLarge) as caught:
        only(tmp_path / "a.webp")
    assert "16000000 pixels" in caught.value.found
    data = encode_array(flat, photometric_interpretation=2)
    with pytest.raises(InputTooLarge):
        only(write_dicom(compressed(us_dataset(flat), [data], JPEG2000Lossless)))
