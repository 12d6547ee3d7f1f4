"""Frames in, readings out: the same for the same frame, honest about what is not known."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image

import nonet
from nonet.anatomy import STRUCTURES, Grade, GradeBasis, Structure
from nonet.bundle import Bundle
from nonet.errors import FrameError, NonetError, NotAnImage
from nonet.frame import Frame, Region, Source, Spacing, SpacingSource
from nonet.grade import NotAssessed, NotAssessedReason
from nonet.measure.protocols import MEASURED
from nonet.reader import Reader
from nonet.reading import Settings
from nonet.simulate import EXAMPLE_SEEDS, Simulated, simulate

DICOM = Path(__file__).parents[1] / "examples/dicom"


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
    why = NotAssessed(NotAssessedReason.NON_STANDARD_PLANE).words
    assert {finding.grading.reason for finding in reading.findings} == {why}


@pytest.mark.parametrize("shape", [(1, 1), (1, 4000), (4000, 1), (3, 7)])
def test_a_frame_of_any_shape_is_read(reader: Reader, shape: tuple[int, int]) -> None:
    reading = reader.read_frame(Frame(np.full(shape, 200, np.uint8), Source("PNG", "0" * 64)))
    assert len(reading.findings) == 9


def test_every_grade_says_that_it_is_trained_on_controlled_edits_and_a_structure_without_a_norm_has_none(
    reader: Reader, simulated: Simulated
) -> None:
    found = {one.structure: one.grading for one in reader.read_frame(frame(simulated)).findings}
    graded = {structure for structure, grading in found.items() if grading.grade is not Grade.NOT_ASSESSED}
    assert graded
    assert {found[structure].basis for structure in graded} == {GradeBasis.EDITS}
    without = (Structure.THALAMI, Structure.NASAL_TIP, Structure.NASAL_SKIN)
    assert {found[structure].grade for structure in without} == {Grade.NOT_ASSESSED}


def test_without_pixel_size_no_millimetre_is_printed(reader: Reader, simulated: Simulated) -> None:
    reading = reader.read_frame(frame(simulated))
    assert reading.spacing is None
    assert any("no pixel size" in warning for warning in reading.warnings)
    measured = [m for f in reading.findings for m in f.measurements]
    assert all(m.value is None and m.reason for m in measured if m.unit == "mm")
    assert {m.unit for m in measured} <= {"mm", "head units", "ratio to skin"}, "a ratio is called that"
    lengths = {m.name for m in measured if m.unit == "head units"}
    assert lengths <= {name for _, name in MEASURED}


def test_millimetres_are_pixels_times_spacing(simulated: Simulated) -> None:
    spacing = Spacing(0.1, 0.2, SpacingSource.USER)
    reading = Reader(Bundle(), Settings((0.1, 0.2))).read_frame(replace(frame(simulated), spacing=spacing))
    for finding in reading.findings:
        if finding.box:
            width, height, *_ = finding.measurements
            assert width.value == pytest.approx(finding.box.width * 0.1, abs=0.006)
            assert height.value == pytest.approx(finding.box.height * 0.2, abs=0.006)


def test_a_structure_outside_the_calibrated_region_has_no_millimetres(reader: Reader, simulated: Simulated) -> None:
    corner = Region(0, 0, 5, 5, Spacing(0.1, 0.1, SpacingSource.US_REGION))
    reading = reader.read_frame(replace(frame(simulated), regions=(corner,)))
    assert any("outside every calibrated region" in warning for warning in reading.warnings)
    assert all(m.value is None for f in reading.findings for m in f.measurements if m.unit == "mm")


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


def test_bad_files_are_raised_after_the_good_ones(folder: Path) -> None:
    (folder / "c.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    (folder / "d.png").write_bytes(b"")
    with pytest.raises(ExceptionGroup, match="2 sources") as caught:
        list(nonet.read(folder))
    assert all(isinstance(problem, FrameError) for problem in caught.value.exceptions)


def test_good_readings_come_before_the_group_is_raised(folder: Path) -> None:
    (folder / "c.png").write_bytes(b"")
    stream = nonet.read(folder)
    assert next(stream).image.width == next(stream).image.width
    with pytest.raises(ExceptionGroup):
        next(stream)


def test_a_folder_that_is_no_bundle_is_refused_at_once(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(NonetError):
        next(nonet.read(folder, bundle=tmp_path / "nowhere"))


def test_findings_are_found_by_structure(folder: Path) -> None:
    reading = next(nonet.read(folder / "a.png"))
    assert reading.finding(Structure.PALATE).structure is Structure.PALATE


def test_a_reading_knows_its_file_beside_the_document(folder: Path) -> None:
    reading = next(nonet.read(folder / "a.png"))
    assert (reading.name, reading.path) == ("a.png", folder / "a.png")
    assert reading == replace(reading, name="", path=None)
    assert "a.png" in repr(reading) and len(repr(reading).splitlines()) == 1


def test_a_finding_has_the_key_of_its_structure(folder: Path) -> None:
    reading = next(nonet.read(folder / "a.png"))
    assert reading["nasal_bone"] is reading[Structure.NASAL_BONE]
    with pytest.raises(KeyError):
        reading["ear"]


def test_a_file_its_bytes_its_pixels_and_its_image_give_the_same_findings(folder: Path) -> None:
    path = folder / "a.png"
    pixels = np.asarray(Image.open(path))
    sources = [path, str(path), path.read_bytes(), pixels, np.dstack([pixels] * 3), Image.open(path)]
    readings = list(nonet.read(sources))
    assert len(readings) == len(sources)
    assert len({reading.image.pixels_sha256 for reading in readings}) == 1
    assert all(reading.findings == readings[0].findings for reading in readings)
    (alone,) = nonet.read(pixels)
    assert alone.findings == readings[0].findings


def test_a_pydicom_data_set_is_read_as_its_file() -> None:
    path = DICOM / "fir-still.dcm"
    (own,), (of_file,) = nonet.read(pydicom.dcmread(path)), nonet.read(path)
    assert own.findings == of_file.findings
    assert own.source.sop_instance_uid == of_file.source.sop_instance_uid
    assert of_file.source.study_instance_uid
    assert of_file.source.study_instance_uid not in of_file.to_json() + repr(of_file.source)


@pytest.mark.parametrize(
    "source", [np.zeros((4, 4), np.float32), np.zeros((4, 4, 4), np.uint8), object()], ids=["floats", "four", "object"]
)
def test_what_is_no_image_is_refused_by_name(source: object) -> None:
    with pytest.raises(ExceptionGroup) as caught:
        list(nonet.read([source]))  # type: ignore[list-item]
    assert isinstance(caught.value.exceptions[0], NotAnImage)


def test_failures_are_yielded_in_their_place_or_handed_over(folder: Path) -> None:
    (folder / "a2.png").write_bytes(b"")
    found = list(nonet.read(folder, on_error="yield"))
    (failure,) = (one for one in found if isinstance(one, nonet.Failure))
    assert len(found) == 3
    assert failure.to_dict()["name"] == "a2.png"
    handed: list[nonet.Failure] = []
    assert len(list(nonet.read(folder, on_error=handed.append))) == 2
    assert [failure.name for failure in handed] == ["a2.png"]


@pytest.mark.parametrize("force", [False, True])
def test_a_reading_of_a_calibrated_file_has_one_pixel_size(force: bool) -> None:
    (reading,) = nonet.read(DICOM / "fir-still.dcm", spacing_mm=(0.5, 0.5), force_spacing=force)
    assert reading.spacing is not None
    assert (reading.spacing.source is SpacingSource.USER) is force
    boxed = [finding for finding in reading.findings if finding.box]
    assert boxed
    for finding in boxed:
        assert finding.box is not None
        width = finding.measurements[0].value
        assert width is None or width == pytest.approx(finding.box.width * reading.spacing.x_mm, abs=0.01)


def test_readings_become_a_data_frame(folder: Path) -> None:
    pytest.importorskip("pandas")
    table = nonet.to_dataframe(nonet.read(folder))
    assert len(table) == 18
    assert set(table["name"]) == {"a.png", "b.png"}
    assert table["score"].dtype == float


def test_the_package_lists_its_names() -> None:
    assert {"read", "Reader", "Reading", "open_frames", "to_dataframe"} <= set(dir(nonet))


def test_the_package_runs_as_a_module() -> None:
    run = subprocess.run([sys.executable, "-m", "nonet", "--version"], capture_output=True, text=True, check=True)
    assert run.stdout == f"nonet {nonet.__version__}\n"
