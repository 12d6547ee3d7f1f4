"""Grades that are read off a table of sizes by the bands of a plan."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nonet.anatomy import Grade, Structure
from nonet.datasets import load
from nonet.datasets.grade_bands import Band, Expected, GradeBands
from nonet.datasets.tasks import Task, label_rows
from nonet.errors import DatasetError

LENGTH = Expected("crl_mm", 0.4, 0.02)
BANDS = GradeBands(
    {
        Structure.NUCHAL_TRANSLUCENCY: Band("nt_mm", LENGTH, normal_to=1.4, abnormal_above=1.6),
        Structure.NASAL_BONE: Band("nasal_bone_mm", None, abnormal_below=2.0, normal_from=2.3),
    }
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(4):
        Image.fromarray(np.full((80, 90), number, np.uint8)).save(tmp_path / f"{number}.png")
    return tmp_path


def write(folder: Path, *lines: str) -> Path:
    (folder / "truth.csv").write_text("\n".join(("file,crl_mm,nt_mm,nasal_bone_mm", *lines)) + "\n")
    return folder


def test_a_size_is_held_against_what_is_expected(folder: Path) -> None:
    write(folder, "0.png,60,1.6,2.5", "1.png,60,2.4,2.1", "2.png,60,2.8,1.5", "3.png,60,,2.0")
    labelled = label_rows(Task.LABELS, load(folder), bands=(BANDS, folder))
    assert labelled.classes == ("normal", "borderline", "abnormal")
    assert labelled.positive == "abnormal"
    thickness = [labelled.labels.get((f"{number}.png", Structure.NUCHAL_TRANSLUCENCY)) for number in range(4)]
    assert thickness == ["normal", "borderline", "abnormal", None]
    length = [labelled.labels[f"{number}.png", Structure.NASAL_BONE] for number in range(4)]
    assert length == ["normal", "borderline", "abnormal", "borderline"]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["9.png,60,1.6,2.5"], "'9.png' is not in the data set"),
        (["0.png,60,1.6,2.5", "0.png,60,1.6,2.5"], "there twice"),
        (["0.png,60,thick,2.5"], "'thick' is no size"),
        (["0.png,,1.6,2.5"], "nt_mm '1.6' is no size"),
        (["0.png,60,-1,2.5"], "'-1' is no size"),
        (["0.png,60,nan,2.5"], "'nan' is no size"),
    ],
)
def test_a_table_that_cannot_be_is_refused_by_line(folder: Path, lines: list[str], found: str) -> None:
    with pytest.raises(DatasetError, match=found):
        label_rows(Task.LABELS, load(folder), bands=(BANDS, write(folder, *lines)))


def test_a_table_that_is_not_there_or_lacks_a_column_is_named(folder: Path) -> None:
    with pytest.raises(DatasetError, match=r"truth\.csv"):
        label_rows(Task.LABELS, load(folder), bands=(BANDS, folder))
    (folder / "truth.csv").write_text("file,nt_mm\n0.png,1.5\n")
    with pytest.raises(DatasetError, match="crl_mm"):
        label_rows(Task.LABELS, load(folder), bands=(BANDS, folder))


def test_one_grade_is_nothing_to_train_on(folder: Path) -> None:
    with pytest.raises(DatasetError, match="normal"):
        label_rows(Task.LABELS, load(folder), bands=(BANDS, write(folder, "0.png,60,1.6,2.5")))


def test_limits_rise_and_at_least_one_is_given() -> None:
    assert Band("nt_mm", normal_to=2.0, abnormal_above=3.0).ordered
    assert not Band("nt_mm", normal_to=3.0, abnormal_above=2.0).ordered
    assert not Band("nt_mm").ordered


def test_the_limits_themselves_are_normal() -> None:
    band = Band("nasal_bone_mm", abnormal_below=2.0, normal_from=2.3)
    assert [band.grade(size) for size in (1.99, 2.0, 2.29, 2.3)] == [
        Grade.ABNORMAL,
        Grade.BORDERLINE,
        Grade.BORDERLINE,
        Grade.NORMAL,
    ]
