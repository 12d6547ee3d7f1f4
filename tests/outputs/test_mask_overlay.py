"""Masking hides what a machine burnt in where pixels are shown; a result in the other form is written again."""

from __future__ import annotations

import json
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image, ImageDraw, ImageFont

from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.frame import Frame, Source
from nonet.frames import open_frames
from nonet.frames.overlay.blank import blank
from nonet.outputs.burnt_in import BurntIn
from nonet.outputs.coco import CocoOutput
from nonet.outputs.dicom.capture import secondary_capture
from nonet.outputs.dicom.source import header_of
from nonet.outputs.frame_result import FrameResult
from nonet.outputs.output import Entry, Output
from nonet.outputs.page import PageOutput
from nonet.outputs.picture.caption import HEADER
from nonet.outputs.picture.draw import draw, drawn
from nonet.outputs.picture.picture_output import PictureOutput
from nonet.outputs.pixel_output import PixelOutput, mask_overlays
from nonet.outputs.registry import OUTPUTS
from nonet.outputs.yolo import YoloOutput
from nonet.reader import Reader
from nonet.reading import Reading

EXAMPLE = Path(__file__).parents[2] / "examples" / "dicom" / "fir-still.dcm"


@pytest.fixture(scope="module")
def frame() -> Frame:
    """The example still with a name drawn across its image."""
    (plain,) = open_frames(EXAMPLE)
    image = Image.fromarray(plain.pixels)
    ImageDraw.Draw(image).text((200, 250), "PLANTED^ANNA", fill=255, font=ImageFont.load_default(18))
    return Frame(np.asarray(image), plain.source, regions=plain.regions)


def coco(folder: Path, frame: Frame, reading: Reading, *, masked: bool) -> tuple[CocoOutput, np.ndarray]:
    output = CocoOutput(folder)
    if masked:
        mask_overlays([output])
    output.write_frame("a", FrameResult(frame, reading))
    return output, np.asarray(Image.open(folder / "coco/images/a.png"))


def test_the_name_and_all_outside_the_region_are_black(tmp_path: Path, frame: Frame, reading: Reading) -> None:
    _, pixels = coco(tmp_path, frame, reading, masked=True)
    (plain,) = open_frames(EXAMPLE)
    name = np.abs(frame.pixels.astype(int) - plain.pixels) >= 12
    assert (pixels[name] == 0).mean() > 0.99
    (region,) = frame.regions
    assert not pixels[int(region.y2) :].any()
    assert ((pixels == frame.pixels) | (pixels == 0)).all()
    assert (pixels == frame.pixels).mean() > 0.85


def test_without_regions_all_outside_the_sector_is_black(tmp_path: Path, reading: Reading) -> None:
    sector = np.zeros((240, 320), np.uint8)
    sector[60:200, 60:260] = np.random.default_rng(0).integers(70, 90, (140, 200))
    sector[4:10, 4:10] = 30
    _, pixels = coco(tmp_path, Frame(sector, Source("array", "")), reading, masked=True)
    assert not pixels[:40].any()
    assert (pixels[80:180, 80:240] > 0).mean() > 0.9


def test_pixels_are_kept_unless_masking_is_asked_for(tmp_path: Path, frame: Frame, reading: Reading) -> None:
    _, pixels = coco(tmp_path, frame, reading, masked=False)
    assert (pixels == frame.pixels).all()


def test_a_result_in_the_other_form_is_not_current(tmp_path: Path, frame: Frame, reading: Reading) -> None:
    kept, _ = coco(tmp_path, frame, reading, masked=False)
    masking = CocoOutput(tmp_path)
    mask_overlays([masking])
    assert kept.is_current("a") and not masking.is_current("a")
    coco(tmp_path, frame, reading, masked=True)
    assert masking.is_current("a") and not kept.is_current("a")
    kept.write_frame("a", FrameResult(frame, reading))
    assert kept.is_current("a") and not masking.is_current("a")


def test_a_write_that_breaks_off_leaves_nothing_that_passes_for_masked(
    tmp_path: Path, frame: Frame, reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    masking, _ = coco(tmp_path, frame, reading, masked=True)
    kept = CocoOutput(tmp_path)
    monkeypatch.setattr(kept, "note_written", lambda name: (_ for _ in ()).throw(OSError))
    with pytest.raises(OSError):
        kept.write_frame("a", FrameResult(frame, reading))
    assert not masking.is_current("a")


def test_coco_says_of_each_image_what_it_shows(tmp_path: Path, frame: Frame, reading: Reading) -> None:
    for masked, word in ((False, "kept"), (True, "masked")):
        output, _ = coco(tmp_path, frame, reading, masked=masked)
        output.write_folder([Entry("a", reading)], [])
        (image,) = json.loads((tmp_path / "coco/annotations.json").read_text())["images"]
        assert image["burnt_in_text"] == word


def test_a_picture_says_what_it_shows_in_other_words(frame: Frame, reading: Reading) -> None:
    kept, masked = (np.asarray(draw(frame.pixels, reading, choice)) for choice in BurntIn)
    assert kept.shape == masked.shape
    rows = np.flatnonzero((kept != masked).any(axis=(1, 2)))
    assert rows.size
    assert rows.min() > HEADER + 490


def test_a_page_says_what_its_pictures_show(tmp_path: Path, frame: Frame, reading: Reading) -> None:
    said = {}
    for masked in (False, True):
        output = PageOutput(tmp_path)
        mask_overlays([output] if masked else [])
        output.write_frame("a", FrameResult(frame, reading))
        output.write_folder([Entry("a", reading)], [])
        said[masked] = (tmp_path / "index.html").read_text()
    assert BurntIn.KEPT.words in said[False] and BurntIn.MASKED.words not in said[False]
    assert BurntIn.MASKED.words in said[True] and BurntIn.KEPT.words not in said[True]


def test_a_page_on_which_one_picture_keeps_it_says_so(tmp_path: Path, frame: Frame, reading: Reading) -> None:
    for name, masked in (("a", True), ("b", False)):
        output = PageOutput(tmp_path)
        mask_overlays([output] if masked else [])
        output.write_frame(name, FrameResult(frame, reading))
    output.write_folder([Entry("a", reading), Entry("b", reading)], [])
    assert BurntIn.KEPT.words in (tmp_path / "index.html").read_text()


def test_outputs_without_pixels_are_left_as_they_are(tmp_path: Path) -> None:
    outputs: list[Output] = [Output(tmp_path), PictureOutput(tmp_path)]
    mask_overlays(outputs)
    assert [getattr(output, "burnt_in", None) for output in outputs] == [None, BurntIn.MASKED]
    assert PixelOutput.burnt_in is BurntIn.KEPT


def files_written(kind: type[Output], folder: Path, result: FrameResult, *, masked: bool) -> dict[str, bytes]:
    """All files that an output writes, by their path below its folder, but the note of times and sizes."""
    folder.mkdir(parents=True)
    output = kind(folder)
    mask_overlays([output] if masked else [])
    assert output.declines(result.frame.source) is None
    output.write_frame("a", result)
    output.write_source("a", EXAMPLE, [result.reading])
    output.write_folder([Entry("a", result.reading)], [])
    found = [path for path in folder.rglob("*") if path.is_file() and path.name != "written.json"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


OF_STILLS = {name: kind for name, kind in OUTPUTS.items() if name != "cvat"}


@pytest.mark.parametrize("kind", OF_STILLS.values(), ids=list(OF_STILLS))
def test_whatever_shows_pixels_obeys_the_choice(
    kind: type[Output], tmp_path: Path, frame: Frame, read: tuple[Frame, Reading]
) -> None:
    plain, reading = read
    named = FrameResult(replace(plain, pixels=frame.pixels), reading)
    kept = files_written(kind, tmp_path / "named", named, masked=False)
    shows_pixels = kept != files_written(kind, tmp_path / "plain", FrameResult(plain, reading), masked=False)
    assert issubclass(kind, PixelOutput) is shows_pixels
    assert shows_pixels is (kind.name in {"picture", "page", "coco", "yolo", "sc"})
    masked = files_written(kind, tmp_path / "masked", named, masked=True)
    changed = {name for name in kept if masked[name] != kept[name] and pixels_are_in(name)}
    assert changed == {name for name in kept if pixels_are_in(name) and shows_pixels}


def pixels_are_in(name: str) -> bool:
    return name.endswith((".png", ".webp", ".dcm"))


@pytest.fixture(scope="module")
def read() -> tuple[Frame, Reading]:
    """The example still and what Nonet says of it."""
    return next(iter(Reader(Bundle(DEFAULT_BUNDLE)).read_source(EXAMPLE)))


def test_yolo_says_of_its_images_what_they_show_and_none_shows_the_name(
    tmp_path: Path, frame: Frame, reading: Reading
) -> None:
    for masked, word in ((False, "kept"), (True, "masked")):
        output = YoloOutput(tmp_path)
        mask_overlays([output] if masked else [])
        output.write_frame("a", FrameResult(frame, reading))
        output.write_folder([Entry("a", reading)], [])
        assert yaml.safe_load((tmp_path / "yolo/data.yaml").read_text())["burnt_in_text"] == word
        pixels = np.asarray(Image.open(tmp_path / "yolo/images/a.png"))
        assert np.array_equal(pixels, blank(frame) if masked else frame.pixels)


def test_a_masked_capture_is_an_instance_of_its_own(frame: Frame, read: tuple[Frame, Reading]) -> None:
    plain, reading = read
    named, header = replace(plain, pixels=frame.pixels), header_of(EXAMPLE)
    kept, masked = (secondary_capture(reading, named, header, choice) for choice in BurntIn)
    assert kept.SOPInstanceUID != masked.SOPInstanceUID
    assert secondary_capture(reading, named, header).SOPInstanceUID == kept.SOPInstanceUID
    assert {kept.BurnedInAnnotation, masked.BurnedInAnnotation} == {"YES"}
    assert "masked" in masked.DerivationDescription and "masked" not in kept.DerivationDescription
    wanted = draw(blank(named), reading, BurntIn.MASKED)
    assert np.array_equal(masked.pixel_array, np.asarray(wanted))


def test_nothing_of_a_frame_outlives_it(frame: Frame, reading: Reading, tmp_path: Path) -> None:
    pixels = frame.pixels.copy()
    gone = weakref.ref(pixels)
    outputs = [CocoOutput(tmp_path), PictureOutput(tmp_path)]
    mask_overlays(outputs)
    result = FrameResult(replace(frame, pixels=pixels), reading)
    for output in outputs:
        output.write_frame("a", result)
    picture = weakref.ref(drawn(result, BurntIn.MASKED))
    assert picture() is drawn(result, BurntIn.MASKED)
    del pixels, result
    assert gone() is None
    assert picture() is None
