"""The committed examples are what the command writes, and are small."""

import json
from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from PIL import Image

from nonet.simulate.example_frames import write_examples

EXAMPLES = Path(__file__).parents[2] / "examples"
PNGS = sorted(path.name for path in EXAMPLES.glob("*.png"))
DICOMS = sorted(str(path.relative_to(EXAMPLES)) for path in EXAMPLES.rglob("*.dcm"))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("examples")
    write_examples(folder)
    return folder


def alike(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> bool:
    """Equal up to the last digit of another processor's arithmetic."""
    return first.shape == second.shape and bool(np.abs(first.astype(int) - second.astype(int)).mean() < 0.02)


def test_there_are_at_least_three_pngs_and_two_dicom_files() -> None:
    assert len(PNGS) >= 3
    assert len(DICOMS) >= 2


@pytest.mark.slow
@pytest.mark.parametrize("name", PNGS)
def test_a_committed_png_is_what_the_command_writes(written: Path, name: str) -> None:
    assert alike(np.asarray(Image.open(EXAMPLES / name)), np.asarray(Image.open(written / name)))


@pytest.mark.parametrize("name", DICOMS)
def test_a_committed_dicom_file_is_what_the_command_writes(written: Path, name: str) -> None:
    committed, again = pydicom.dcmread(EXAMPLES / name), pydicom.dcmread(written / name)
    assert alike(committed.pixel_array, again.pixel_array)
    assert committed.SOPInstanceUID == again.SOPInstanceUID
    assert committed.SequenceOfUltrasoundRegions == again.SequenceOfUltrasoundRegions


def test_one_dicom_file_has_several_frames() -> None:
    counts = [int(pydicom.dcmread(EXAMPLES / name).get("NumberOfFrames", 1)) for name in DICOMS]
    assert max(counts) > 1


def test_the_committed_boxes_and_sizes_are_what_the_command_writes(written: Path) -> None:
    committed, again = (json.loads((folder / "boxes.json").read_text()) for folder in (EXAMPLES, written))
    assert committed["images"] == again["images"]
    for ours, theirs in zip(committed["annotations"], again["annotations"], strict=True):
        assert ours["bbox"] == pytest.approx(theirs["bbox"], abs=0.01)
    assert (EXAMPLES / "truth.csv").read_text() == (written / "truth.csv").read_text()


def test_every_example_is_small_and_described() -> None:
    page = (EXAMPLES / "README.md").read_text()
    for name in (*PNGS, *DICOMS):
        assert (EXAMPLES / name).stat().st_size < 500_000
        assert Path(name).name in page
    assert "not how accurate it is" in page
