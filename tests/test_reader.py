"""Frames in, readings out: the same for the same frame, honest about what is not known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import nonet
from nonet.anatomy import STRUCTURES, Grade, Structure
from nonet.bundle import Bundle
from nonet.errors import FrameError, NonetError
from nonet.frame import Frame, Region, Source, Spacing, SpacingSource
from nonet.reader import Reader
from nonet.reading import Settings
from nonet.simulate import EXAMPLE_SEEDS, Simulated, simulate


@pytest.fixture(scope="module")
def simulated() -> Simulated:
    return simulate(EXAMPLE_SEEDS[50])


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(Bundle())


@pytest.fixture
def folder(tmp_path: Path, simulated: Simulated) -> Path:
    Image.fromarray(simulated.pixels).save(tmp_path / "a.png")
    Image.fromarray(simulated.pixels[:, ::-1]).save(tmp_path / "b.png")
    return tmp_path


def frame(simulated: Simulated) -> Frame:
    return Frame(simulated.pixels, Source("PNG", "0" * 64))


def test_a_reading_has_nine_findings_in_order(reader: Reader, simulated: Simulated) -> None:
    assert tuple(f.structure for f in reader.read_frame(frame(simulated)).findings) == STRUCTURES


def test_most_of_a_simulated_head_is_found_where_it_is(reader: Reader, simulated: Simulated) -> None:
    reading = reader.read_frame(frame(simulated))
    overlaps = [
        finding.box is not None and finding.box.iou(simulated.boxes[finding.structure]) > 0.5
        for finding in reading.findings
        if finding.structure in simulated.boxes
    ]
    assert sum(overlaps) >= 6


def test_visible_means_at_or_above_the_operating_point(reader: Reader, simulated: Simulated) -> None:
    for finding in reader.read_frame(frame(simulated)).findings:
        assert finding.visible == (finding.score >= finding.operating_point) == (finding.box is not None)


def test_an_empty_frame_has_nothing_visible_and_says_so(reader: Reader) -> None:
    reading = reader.read_frame(Frame(np.zeros((480, 640), np.uint8), Source("PNG", "0" * 64)))
    assert not any(finding.visible for finding in reading.findings)
    assert reading.plane_quality.label == "non-standard"
    assert all(f.grading.reason and "hardly a standard" in f.grading.reason for f in reading.findings)


@pytest.mark.parametrize("shape", [(1, 1), (1, 4000), (4000, 1), (3, 7)])
def test_a_frame_of_any_shape_is_read(reader: Reader, shape: tuple[int, int]) -> None:
    reading = reader.read_frame(Frame(np.full(shape, 200, np.uint8), Source("PNG", "0" * 64)))
    assert len(reading.findings) == 9


def test_nothing_is_graded_without_a_grader(reader: Reader, simulated: Simulated) -> None:
    for finding in reader.read_frame(frame(simulated)).findings:
        assert finding.grading.grade is Grade.NOT_ASSESSED
        assert finding.grading.reason


def test_without_pixel_size_no_millimetre_is_printed(reader: Reader, simulated: Simulated) -> None:
    reading = reader.read_frame(frame(simulated))
    assert reading.spacing is None
    assert any("no pixel size" in warning for warning in reading.warnings)
    assert all(m.value is None and m.reason for f in reading.findings for m in f.measurements)


def test_millimetres_are_pixels_times_spacing(simulated: Simulated) -> None:
    spacing = Spacing(0.1, 0.2, SpacingSource.USER)
    reading = Reader(Bundle(), Settings((0.1, 0.2))).read_frame(replace(frame(simulated), spacing=spacing))
    for finding in reading.findings:
        if finding.box:
            width, height = finding.measurements
            assert width.value == pytest.approx(finding.box.width * 0.1, abs=0.006)
            assert height.value == pytest.approx(finding.box.height * 0.2, abs=0.006)


def test_a_structure_outside_the_calibrated_region_has_no_millimetres(reader: Reader, simulated: Simulated) -> None:
    corner = Region(0, 0, 5, 5, Spacing(0.1, 0.1, SpacingSource.US_REGION))
    reading = reader.read_frame(replace(frame(simulated), regions=(corner,)))
    assert any("outside every calibrated region" in warning for warning in reading.warnings)
    assert all(m.value is None for f in reading.findings for m in f.measurements)


def test_the_same_frame_gives_the_same_bytes_whatever_the_batch(folder: Path) -> None:
    together = [reading.to_json() for reading in nonet.read(folder)]
    alone = [reading.to_json() for name in ("a.png", "b.png") for reading in nonet.read(folder / name)]
    assert together == alone


def test_a_colour_file_of_grey_pixels_is_the_same_frame(tmp_path: Path, simulated: Simulated) -> None:
    Image.fromarray(simulated.pixels).save(tmp_path / "grey.png")
    Image.fromarray(simulated.pixels).convert("RGB").save(tmp_path / "rgb.png")
    grey, rgb = nonet.read([tmp_path / "grey.png", tmp_path / "rgb.png"])
    assert grey.image == rgb.image
    assert grey.findings == rgb.findings


def test_a_document_holds_neither_path_nor_name(folder: Path) -> None:
    for reading in nonet.read(folder):
        assert str(folder) not in reading.to_json()
        assert "a.png" not in reading.to_json()


def test_bad_files_are_told_after_the_good_ones(folder: Path) -> None:
    (folder / "c.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    (folder / "d.png").write_bytes(b"")
    with pytest.raises(ExceptionGroup, match="2 files") as caught:
        list(nonet.read(folder))
    assert all(isinstance(problem, FrameError) for problem in caught.value.exceptions)


def test_good_readings_come_before_the_group_is_raised(folder: Path) -> None:
    (folder / "c.png").write_bytes(b"")
    stream = nonet.read(folder)
    assert next(stream).image.width == next(stream).image.width
    with pytest.raises(ExceptionGroup):
        next(stream)


def test_a_folder_that_is_no_bundle_is_refused_at_once(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(NonetError, match="bundle"):
        next(nonet.read(folder, bundle=tmp_path / "nowhere"))


def test_findings_are_found_by_structure(folder: Path) -> None:
    reading = next(nonet.read(folder / "a.png"))
    assert reading.finding(Structure.PALATE).structure is Structure.PALATE
