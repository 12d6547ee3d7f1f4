"""A folder of simulated heads of known grades: the form of edited frames, each head a person of its own."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from errors_raised import raised
from nonet.anatomy import Grade, Structure
from nonet.datasets import load
from nonet.datasets.tasks import Task, label_rows
from nonet.errors import DatasetError, SettingsError
from nonet.simulate.edits.bands import edit_bands
from nonet.simulate.graded_heads import GRADED_SEEDS
from nonet.simulate.graded_heads_set import write_graded_heads
from nonet.simulate.graded_set import TRUTH_COLUMNS

NONET = [sys.executable, "-c", "from nonet.cli import main; main()"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("heads") / "set"
    write_graded_heads(out, 2)
    return out


def test_the_folder_is_a_data_set_of_persons_without_copies(folder: Path) -> None:
    data = load(folder)
    assert not data.problems
    assert len({image.patient for image in data.images}) == len(data.images) == 2
    assert all(image.source is None and image.mm_per_px and image.device for image in data.images)
    labelled = label_rows(Task.LABELS, data, labels=folder / "labels.csv")
    assert len(labelled.labels) == 12


def test_each_line_has_the_grade_of_its_size(folder: Path) -> None:
    with (folder / "truth.csv").open(newline="") as file:
        table = csv.DictReader(file)
        rows = list(table)
    assert tuple(rows[0]) == TRUTH_COLUMNS
    for row in rows:
        band = edit_bands().of(Structure(row["structure"]), row["variable"])
        assert band.grade(float(row["target"])) is Grade(row["grade"])
        assert (row["source"], row["start"], row["sham"]) == ("", "", "0")


def test_more_heads_than_seeds_and_a_folder_in_use_are_refused(folder: Path, tmp_path: Path) -> None:
    with raised(SettingsError, found="2 from"):
        write_graded_heads(tmp_path / "many", 2, seed=len(GRADED_SEEDS) - 1)
    with raised(DatasetError, found="files in set"):
        write_graded_heads(folder, 1)


@pytest.mark.slow
def test_the_command_writes_the_same_heads_again(folder: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [*NONET, "simulate", "--graded", "--n", "1", "--seed", "1", "-o", str(tmp_path / "one")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    name = f"images/head-{GRADED_SEEDS[1]}.png"
    assert (tmp_path / "one" / name).read_bytes() == (folder / name).read_bytes()
    refused = subprocess.run(
        [*NONET, "simulate", "--graded", "--dicom", "-o", str(tmp_path / "two")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 2
