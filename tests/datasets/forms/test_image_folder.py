"""A plain folder of images is a data set without boxes, its top folders are splits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from errors_raised import raised
from nonet.datasets import load
from nonet.datasets.tasks import Task, label_rows
from nonet.errors import DatasetError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "north").mkdir()
    rng = np.random.default_rng(0)
    for name in ("north/1.png", "2.png"):
        Image.fromarray(rng.integers(0, 256, (240, 320), dtype=np.uint8)).save(tmp_path / name)
    (tmp_path / "3.png").write_bytes(b"no image")
    return tmp_path


def test_every_readable_image_is_a_row_and_the_others_are_problems(folder: Path) -> None:
    data = load(folder)
    assert data.form == "folder of images"
    assert [(image.name, image.split, image.width) for image in data.images] == [
        ("north/1.png", "north", 320),
        ("2.png", "all", 320),
    ]
    assert data.boxes == ()
    assert [problem.file for problem in data.problems] == ["3.png"]


def test_labels_of_its_images_come_in_a_table(folder: Path) -> None:
    table = folder / "labels.csv"
    table.write_text("image,structure,label,centre\nnorth/1.png,NT,thick,A\n2.png,nuchal translucency,thin,\n")
    labelled = label_rows(Task.LABELS, load(folder), labels=table, positive="thick")
    assert sorted(labelled.labels.values()) == ["thick", "thin"]
    assert [image.centre for image in labelled.data.images] == ["A", None]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("north/9.png,NT,thick", "line 2, image: 'north/9.png'"),
        ("2.png,ear,thick", "line 2, structure: 'ear'"),
        ("2.png,NT,thick\n2.png,NT,thin", "line 3, label: a second one for the nuchal translucency of 2.png"),
        ("2.png,NT,thick", "labels ['thick']"),
    ],
)
def test_a_line_that_cannot_be_meant_is_named(folder: Path, line: str, found: str) -> None:
    table = folder / "labels.csv"
    table.write_text(f"image,structure,label\n{line}\n")
    with pytest.raises(DatasetError) as refusal:
        label_rows(Task.LABELS, load(folder), labels=table)
    assert found in refusal.value.found


def test_a_folder_without_images_is_no_data_set(tmp_path: Path) -> None:
    with raised(DatasetError, found="none of them"):
        load(tmp_path)
