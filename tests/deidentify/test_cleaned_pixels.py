"""Drawn text is gone: all of it outside the calibrated regions, nearly all inside, in every frame and colour model."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from planted_files import EXAMPLES, with_text
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGBaseline8Bit, RLELossless

from nonet.deidentify import Dates, Key, Options
from nonet.deidentify.clean_file import clean_file
from nonet.deidentify.pixel_mask import static_marks
from nonet.deidentify.report import CleanedFile
from nonet.deidentify.text_check import text_like_marks
from nonet.frames.overlay.blank import words
from nonet.simulate import simulate
from nonet.simulate.devices import STUDY_DEVICES, Device
from nonet.simulate.dicom_export import write_still
from nonet.simulate.screen.draw_screen import picture_rows

TEXT = "PLANTED^ANNA 1987-03-14 ST MARY"
OPTIONS = Options(Key(b"k" * 32), Dates.REMOVE)
SEEN = 12
"""Grey levels by which a drawn pixel must differ from what was there to be seen."""


def cleaned(path: Path, out: Path, **options: bool) -> tuple[CleanedFile, np.ndarray]:
    out.mkdir(exist_ok=True)
    report = clean_file(path, 1, out, replace(OPTIONS, **options), lambda caption, picture: None)
    return report, pydicom.dcmread(out / report.output).pixel_array


def left(drawn: np.ndarray, plain: np.ndarray, after: np.ndarray) -> float:
    """The share of drawn pixels that can be seen and still have their drawn value."""
    text = np.abs(drawn.astype(int) - plain) >= SEEN
    return float((text & (after == drawn)).sum() / text.sum())


@pytest.mark.slow
@pytest.mark.parametrize("device", STUDY_DEVICES, ids=lambda device: device.name)
def test_text_drawn_on_every_screen_is_gone(device: Device, tmp_path: Path) -> None:
    frame = simulate(7, device=device)
    write_still(tmp_path / "in.dcm", frame, 7)
    dataset = pydicom.dcmread(tmp_path / "in.dcm")
    height, width = frame.pixels.shape
    top, bottom = picture_rows(device.screen, height)
    edges = [(10, 2), (width // 3, height - 16)]
    dataset.SequenceOfUltrasoundRegions[0].RegionLocationMinY0 = max(top, 24)
    dataset.SequenceOfUltrasoundRegions[0].RegionLocationMaxY1 = min(bottom - 1, height - 24)
    inside = [(width // 4, height // 3), (width // 4, height // 2)]
    for level, most in ((255, 0.01), (190, 0.05), (120, 0.30)):
        drawn = with_text(with_text(frame.pixels, edges, level, 14, TEXT), inside, level, 14, TEXT)
        dataset.PixelData = drawn.tobytes() + b"\0" * (drawn.size % 2)
        dataset.save_as(tmp_path / "drawn.dcm")
        report, after = cleaned(tmp_path / "drawn.dcm", tmp_path / f"out{level}")
        outside = np.ones(drawn.shape, bool)
        outside[max(top, 24) : min(bottom - 1, height - 24) + 1] = False
        assert not after[outside].any()
        only_inside = np.where(outside, frame.pixels, drawn)
        assert left(only_inside, frame.pixels, after) <= most
        assert report.blanked_outside > 0.05
        assert report.blanked_overlay < 0.2


def test_every_frame_of_a_compressed_cine_is_cleaned(tmp_path: Path) -> None:
    report, after = cleaned(EXAMPLES / "birch-cine.dcm", tmp_path / "out")
    before = pydicom.dcmread(EXAMPLES / "birch-cine.dcm")
    region = before.SequenceOfUltrasoundRegions[0]
    assert report.frames == len(after) == before.NumberOfFrames
    assert not after[:, : region.RegionLocationMinY0].any()
    assert ((after == before.pixel_array) | (after == 0)).all()
    assert (after == before.pixel_array).mean() > 0.8


def test_text_in_a_quarter_of_the_frames_is_blanked_in_all(tmp_path: Path) -> None:
    cine = pydicom.dcmread(EXAMPLES / "birch-cine.dcm")
    plain = cine.pixel_array.copy()
    stack = plain.copy()
    for index in (1, 3):
        stack[index] = with_text(stack[index], [(200, 250)], 255, 16, TEXT)
    _save_stack(cine, stack, tmp_path / "in.dcm")
    _, after = cleaned(tmp_path / "in.dcm", tmp_path / "out")
    text = stack[1] != plain[1]
    assert all((frame[text] == 0).mean() > 0.98 for frame in after)


def test_text_in_one_frame_alone_is_blanked_there(tmp_path: Path) -> None:
    cine = pydicom.dcmread(EXAMPLES / "birch-cine.dcm")
    plain = cine.pixel_array[2].copy()
    stack = cine.pixel_array.copy()
    stack[2] = with_text(plain, [(200, 250)], 255, 16, TEXT)
    _save_stack(cine, stack, tmp_path / "in.dcm")
    _, after = cleaned(tmp_path / "in.dcm", tmp_path / "out")
    assert left(stack[2], plain, after[2]) < 0.01


@pytest.mark.parametrize("form", ["RGB", "planar", "RLE", "JPEG", "PALETTE", "MONOCHROME1"])
def test_every_colour_model_is_cleaned(form: str, tmp_path: Path) -> None:
    still = pydicom.dcmread(EXAMPLES / "fir-still.dcm")
    plain = still.pixel_array
    region = still.SequenceOfUltrasoundRegions[0]
    below = region.RegionLocationMaxY1 + 1
    drawn = with_text(plain, [(150, 200), (20, below + 2)], 255, 14, TEXT)
    _store(still, drawn, form)
    still.save_as(tmp_path / "in.dcm", enforce_file_format=True)
    report, after = cleaned(tmp_path / "in.dcm", tmp_path / "out")
    written = pydicom.dcmread(tmp_path / "out" / report.output)
    assert written.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    assert written.PhotometricInterpretation == ("MONOCHROME1" if form == "MONOCHROME1" else "RGB")
    grey = 255 - after if form == "MONOCHROME1" else after[..., 1]
    assert not grey[below:].any()
    text = np.abs(drawn.astype(int) - plain) >= SEEN
    assert (grey[text] == 0).mean() > 0.99
    kept = grey > 0
    assert np.abs(grey[kept].astype(int) - drawn[kept]).max() <= (12 if form == "JPEG" else 0)
    assert kept.mean() > 0.8


def test_a_region_that_is_the_whole_picture_is_said_to_prove_nothing(tmp_path: Path) -> None:
    still = pydicom.dcmread(EXAMPLES / "fir-still.dcm")
    still.SequenceOfUltrasoundRegions[0].RegionLocationMinY0 = 0
    still.SequenceOfUltrasoundRegions[0].RegionLocationMaxY1 = still.Rows - 1
    still.save_as(tmp_path / "in.dcm")
    report, _ = cleaned(tmp_path / "in.dcm", tmp_path / "out")
    assert report.burned_in_annotation == "YES"
    assert any("whole picture" in words for words in report.warnings)


@pytest.mark.parametrize("level", [13, 40])
def test_a_name_outside_the_sector_is_gone_also_where_a_region_holds_it(level: int, tmp_path: Path) -> None:
    still, plain, drawn = _named_above_the_sector(level)
    region = still.SequenceOfUltrasoundRegions[0]
    region.RegionLocationMinX0, region.RegionLocationMaxX1 = 0, still.Columns - 1
    region.RegionLocationMinY0, region.RegionLocationMaxY1 = 1, int(still.Rows * 0.93)
    still.save_as(tmp_path / "in.dcm", enforce_file_format=True)
    report, after = cleaned(tmp_path / "in.dcm", tmp_path / "out")
    assert left(drawn, plain, after) == 0
    assert report.burned_in_annotation == "NO"


def test_a_region_that_leaves_out_little_proves_nothing(tmp_path: Path) -> None:
    still, _, _ = _named_above_the_sector(60)
    region = still.SequenceOfUltrasoundRegions[0]
    region.RegionLocationMinX0, region.RegionLocationMaxX1 = 0, still.Columns - 2
    region.RegionLocationMinY0, region.RegionLocationMaxY1 = 1, still.Rows - 2
    still.save_as(tmp_path / "in.dcm", enforce_file_format=True)
    report, _ = cleaned(tmp_path / "in.dcm", tmp_path / "out")
    written = pydicom.dcmread(tmp_path / "out" / report.output)
    assert report.burned_in_annotation == written.BurnedInAnnotation == "YES"
    assert [item.CodeValue for item in written.DeidentificationMethodCodeSequence] == ["113100"]
    assert any("whole picture" in words for words in report.warnings)


def test_a_frame_without_a_sector_proves_nothing(tmp_path: Path) -> None:
    still = pydicom.dcmread(EXAMPLES / "fir-still.dcm")
    still.PixelData = bytes(still.Rows * still.Columns)
    still.SequenceOfUltrasoundRegions[0].RegionLocationMinY0 = 60
    still.save_as(tmp_path / "in.dcm")
    report, _ = cleaned(tmp_path / "in.dcm", tmp_path / "out")
    assert report.burned_in_annotation == "YES"
    assert any("No sector" in words for words in report.warnings)


def _named_above_the_sector(level: int) -> tuple[pydicom.FileDataset, np.ndarray, np.ndarray]:
    """The example still with a black strip above its image, and the same with a name in that strip."""
    still = pydicom.dcmread(EXAMPLES / "fir-still.dcm")
    plain = still.pixel_array.copy()
    plain[:60] = 0
    drawn = with_text(plain, [(180, 14)], level, 14, TEXT)
    still.PixelData = drawn.tobytes() + b"\0" * (drawn.size % 2)
    return still, plain, drawn


DEEP = {
    "window": ({"WindowCenter": "1500", "WindowWidth": "1000"}, 500),
    "depth": ({}, 7),
    "rescale": ({"RescaleIntercept": "-1e9", "RescaleSlope": "1e-9"}, 500),
}


@pytest.mark.parametrize("case", DEEP)
def test_what_a_window_or_depth_hides_is_not_written(case: str, tmp_path: Path) -> None:
    attributes, level = DEEP[case]
    still = pydicom.dcmread(EXAMPLES / "fir-still.dcm")
    stored = still.pixel_array.astype(np.uint16) * 4 + (1000 if case == "window" else 0)
    hole = (slice(180, 260), slice(100, 460))
    stored[hole] = 0
    mark = np.array(with_text(np.zeros((80, 360), np.uint8), [(10, 30)], 255, 14, TEXT)) > 127
    stored[hole][mark] = level
    still.BitsAllocated, still.BitsStored, still.HighBit = 16, 12, 11
    still.PixelData, still["PixelData"].VR = stored.astype("<u2").tobytes(), "OW"
    for keyword, value in attributes.items():
        setattr(still, keyword, value)
    still.save_as(tmp_path / "in.dcm")
    pictures: list[np.ndarray] = []
    (tmp_path / "out").mkdir()
    report = clean_file(
        tmp_path / "in.dcm", 1, tmp_path / "out", OPTIONS, lambda caption, picture: pictures.append(picture)
    )
    written = pydicom.dcmread(tmp_path / "out" / report.output)
    assert not written.pixel_array[hole][mark].any()
    assert (written.BitsAllocated, written.BitsStored) == (8, 8)
    assert not set(attributes) & set(written.dir())
    assert any("8 bits" in words for words in report.warnings)
    (shown,) = pictures
    assert np.array_equal(shown, written.pixel_array)


def test_each_frame_is_written_through_its_own_window(tmp_path: Path) -> None:
    cine = pydicom.dcmread(EXAMPLES / "birch-cine.dcm")
    stack = cine.pixel_array.astype(np.uint16) * 4 + 1000
    stack[:, 250:300, 200:300] = 0
    stack[:, 260:290:3, 210:290] = 500
    cine.BitsAllocated, cine.BitsStored, cine.HighBit = 16, 12, 11
    groups = [Dataset() for _ in stack]
    for group in groups:
        window = Dataset()
        window.WindowCenter, window.WindowWidth = "1500", "1000"
        group.FrameVOILUTSequence = [window]
    cine.PerFrameFunctionalGroupsSequence = groups
    cine.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    cine.PixelData, cine["PixelData"].VR = stack.astype("<u2").tobytes(), "OW"
    cine["PixelData"].is_undefined_length = False
    cine.save_as(tmp_path / "in.dcm", enforce_file_format=True)
    report, after = cleaned(tmp_path / "in.dcm", tmp_path / "out")
    assert report.frames == len(stack)
    assert after.dtype == np.uint8
    assert not after[:, 250:300, 200:300].any()


def test_the_contact_sheet_shows_colour_as_it_is_written(tmp_path: Path) -> None:
    still = pydicom.dcmread(EXAMPLES / "fir-still.dcm")
    _store(still, still.pixel_array, "RGB")
    still.save_as(tmp_path / "in.dcm", enforce_file_format=True)
    pictures: list[np.ndarray] = []
    (tmp_path / "out").mkdir()
    report = clean_file(
        tmp_path / "in.dcm", 1, tmp_path / "out", OPTIONS, lambda caption, picture: pictures.append(picture)
    )
    assert np.array_equal(pictures[0], pydicom.dcmread(tmp_path / "out" / report.output).pixel_array)


def test_marks_are_counted_over_more_frames_than_16_bits_hold() -> None:
    one = np.packbits(np.array([True, False, False, False, False, False, False, False]))
    assert static_marks([one] * 65_540).tolist() == [0b1000_0000]


def test_bits_beside_the_stored_ones_do_not_travel(tmp_path: Path) -> None:
    still = pydicom.dcmread(EXAMPLES / "fir-still.dcm")
    words = still.pixel_array.astype(np.uint16)
    still.BitsAllocated, still.BitsStored, still.HighBit = 16, 8, 7
    hidden = np.frombuffer((b"PLANTED" * words.size)[: words.size], np.uint8).reshape(words.shape).astype(np.uint16)
    still.PixelData = (words | hidden << 8).astype("<u2").tobytes()
    still["PixelData"].VR = "OW"
    still.save_as(tmp_path / "in.dcm")
    _, after = cleaned(tmp_path / "in.dcm", tmp_path / "out")
    assert after.max() <= 255


def _save_stack(cine: pydicom.FileDataset, stack: np.ndarray, path: Path) -> None:
    cine.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    cine.PixelData = stack.tobytes() + b"\0" * (stack.size % 2)
    cine["PixelData"].VR = "OB"
    cine["PixelData"].is_undefined_length = False
    cine.save_as(path, enforce_file_format=True)


def _store(still: pydicom.FileDataset, grey: np.ndarray, form: str) -> None:
    """Write a grey picture in another form."""
    if form == "MONOCHROME1":
        still.PhotometricInterpretation, still.PixelData = form, (255 - grey).tobytes()
        return
    if form == "PALETTE":
        still.PhotometricInterpretation = "PALETTE COLOR"
        for colour in ("Red", "Green", "Blue"):
            still.add_new(f"{colour}PaletteColorLookupTableDescriptor", "US", [256, 0, 8])
            still.add_new(f"{colour}PaletteColorLookupTableData", "OW", bytes(range(256)))
        still.PixelData = grey.tobytes()
        return
    rgb = np.repeat(grey[..., None], 3, axis=2)
    still.SamplesPerPixel, still.PhotometricInterpretation, still.PlanarConfiguration = 3, "RGB", 0
    still.PixelData = rgb.tobytes()
    if form == "planar":
        still.PlanarConfiguration, still.PixelData = 1, np.moveaxis(rgb, 2, 0).tobytes()
    elif form == "RLE":
        still.compress(RLELossless, rgb, generate_instance_uid=False)
    elif form == "JPEG":
        buffer = io.BytesIO()
        Image.fromarray(rgb).save(buffer, "JPEG", quality=98, subsampling=0)
        still.PhotometricInterpretation = "YBR_FULL"
        still.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
        still.PixelData = encapsulate([buffer.getvalue()])
        still["PixelData"].is_undefined_length = True


def test_the_check_warns_of_text_that_is_left_whole_and_not_of_a_clean_picture() -> None:
    plain = simulate(7, device=STUDY_DEVICES[4]).pixels
    nothing = np.zeros(plain.shape, bool)
    assert text_like_marks(with_text(plain, [(150, 200)], 190, 14, TEXT), nothing) > 0
    marked = words(plain)
    assert text_like_marks(np.where(marked, 0, plain).astype(np.uint8), marked) == 0
