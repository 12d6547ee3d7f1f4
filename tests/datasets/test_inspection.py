"""``nonet check`` finds every problem of a data set or a file at once, and says so by its exit code."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image
from pydicom.data import get_testdata_file
from typer.testing import CliRunner, Result

from nonet.cli.check import check
from nonet.datasets import Severity
from nonet.datasets.image_files import MAX_PIXELS
from nonet.datasets.inspection import inspect
from nonet.frames import Limits

DATA = Path(__file__).parents[2].parent / "shared/data/fetus-framework"
SET1 = "Set1-Training&Validation Sets CNN/Standard"
SET2 = "Set2-Training&Validation Sets ANN Scoring system/Standard"
TEST = "Internal Test Set/Standard"


def test_a_sound_data_set_has_notes_only_and_exits_0(published_folder: Path) -> None:
    result = run(published_folder)
    assert result.exit_code == 0
    assert "11 images in set1, set2, internal-test, external-test, 54 boxes" in result.output
    assert "0 errors, 0 warnings, 4 notes" in result.output


def test_a_copy_between_splits_is_an_error_and_one_within_a_split_a_warning(published_folder: Path) -> None:
    shutil.copy(published_folder / SET1 / "0.png", published_folder / TEST / "1390.png")
    Image.open(published_folder / SET2 / "812.png").save(published_folder / SET2 / "900.png", compress_level=9)
    problems = [p for p in inspect(published_folder).problems if p.severity is not Severity.NOTE]
    assert [(p.severity, p.file, "0.png" in p.found or "812.png" in p.found) for p in problems] == [
        (Severity.ERROR, "1390.png", True),
        (Severity.WARNING, "900.png", True),
    ]


def test_a_grey_copy_of_a_colour_image_is_found(published_folder: Path) -> None:
    from nonet.frame import luma

    grey = luma(np.asarray(Image.open(published_folder / SET1 / "0.png")))
    Image.fromarray(grey).save(published_folder / TEST / "1390.png")
    assert [p.file for p in inspect(published_folder).problems if p.severity is Severity.ERROR] == ["1390.png"]


def test_every_problem_is_reported_at_once_and_exits_1(published_folder: Path) -> None:
    truncated = published_folder / SET1 / "0.png"
    truncated.write_bytes(truncated.read_bytes()[:2000])
    (published_folder / SET2 / "812.png").write_bytes(b"text")
    shutil.copy(published_folder / SET2 / "1060.png", published_folder / TEST / "1390.png")
    result = run(published_folder, "--json")
    document = json.loads(result.stdout)
    errors = [problem["file"] for problem in document["problems"] if problem["severity"] == "error"]
    assert result.exit_code == 1
    assert sorted(errors) == ["0.png", "1390.png", "812.png", "812.png"]
    assert document["errors"] == 4
    assert all(problem["rule"] and problem["found"] and problem["remedy"] for problem in document["problems"])


def test_a_file_name_cannot_speak_to_the_terminal(published_folder: Path) -> None:
    (published_folder / SET2 / "\x1b[31mred[bold].png").write_bytes(b"text")
    result = run(published_folder)
    assert "\x1b" not in result.stdout
    assert "[bold]" in result.stdout.replace("\n", "")


def test_a_single_image_and_a_multi_frame_dicom_are_opened_frame_by_frame(published_folder: Path) -> None:
    still = inspect(published_folder / SET1 / "0.png")
    assert (still.form, still.images, still.count(Severity.ERROR)) == ("file", 1, 0)
    dicom = get_testdata_file("examples_ybr_color.dcm")
    assert inspect(Path(str(dicom))).images == 30


@pytest.mark.parametrize("content", [b"", b"text", b"\x89PNG\r\n\x1a\n"], ids=["empty", "text", "a stub"])
def test_a_file_that_does_not_open_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.png").write_bytes(content)
    assert run(tmp_path / "a.png").exit_code == 1


def test_a_folder_of_no_known_form_is_one_error(tmp_path: Path) -> None:
    result = run(tmp_path, "--json")
    assert result.exit_code == 1
    assert [p["rule"] for p in json.loads(result.stdout)["problems"]] == [
        "A data set is one of the forms Fetus Framework, COCO, YOLO txt, folder of images"
    ]


def test_a_path_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    assert run(tmp_path / "nowhere").exit_code == 2


def test_an_image_that_the_table_takes_can_be_opened_by_its_size() -> None:
    assert Limits().pixels == MAX_PIXELS


@pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data")
def test_the_named_copies_of_the_real_set_are_found_by_their_pixels(tmp_path: Path) -> None:
    for name in ("134.png", "458.png", "0.png"):
        target = tmp_path / SET1 / name.replace("458", "2458")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(DATA / SET1 / name)
    (tmp_path / "ObjectDetection.xlsx").symlink_to(DATA / "ObjectDetection.xlsx")
    warned = [p for p in inspect(tmp_path).problems if p.severity is Severity.WARNING]
    assert [(p.file, p.found) for p in warned] == [("2458.png", "the same as 134.png")]


def run(path: Path, *options: str) -> Result:
    app = typer.Typer()
    app.command()(check)
    return CliRunner().invoke(app, [str(path), *options], env={"COLUMNS": "200"})
