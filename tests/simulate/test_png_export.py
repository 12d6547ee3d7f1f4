"""Frames on disk: PNG, COCO and the truth table, in forms that other programs read."""

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nonet.anatomy import Structure
from nonet.datasets import load
from nonet.simulate import Simulated, simulate
from nonet.simulate.png_export import TRUTH_COLUMNS, write_boxes, write_png, write_truth


@pytest.fixture(scope="module")
def frames() -> list[tuple[str, Simulated]]:
    return [("a.png", simulate(1)), ("b.png", simulate(2, absent={Structure.NASAL_BONE}))]


def test_a_png_holds_the_pixels(tmp_path: Path, frames: list[tuple[str, Simulated]]) -> None:
    write_png(tmp_path / "a.png", frames[0][1])
    assert np.array_equal(np.asarray(Image.open(tmp_path / "a.png")), frames[0][1].pixels)


def test_the_boxes_are_read_back_as_a_data_set(tmp_path: Path, frames: list[tuple[str, Simulated]]) -> None:
    for name, frame in frames:
        write_png(tmp_path / name, frame)
    write_boxes(tmp_path / "boxes.json", frames)
    data = load(tmp_path)
    assert not data.problems
    assert [image.name for image in data.images] == ["a.png", "b.png"]
    for image, (_, frame) in zip(data.images, frames, strict=True):
        boxes = data.boxes_of(image)
        assert boxes.keys() == frame.boxes.keys()
        for structure, box in boxes.items():
            assert box.xyxy == pytest.approx(frame.boxes[structure].xyxy, abs=2e-3)


def test_the_truth_table_has_a_row_per_frame_and_no_size_for_what_was_left_out(
    tmp_path: Path, frames: list[tuple[str, Simulated]]
) -> None:
    write_truth(tmp_path / "truth.csv", frames)
    with (tmp_path / "truth.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert tuple(rows[0]) == TRUTH_COLUMNS
    assert [row["file"] for row in rows] == ["a.png", "b.png"]
    assert float(rows[0]["nt_mm"]) == pytest.approx(frames[0][1].truth["nt_mm"], abs=1e-4)
    assert rows[1]["nasal_bone_mm"] == ""


def test_a_truth_table_of_other_sizes_has_those(tmp_path: Path, frames: list[tuple[str, Simulated]]) -> None:
    write_truth(tmp_path / "truth.csv", frames, ("palate_gap_mm", "midbrain_mm"))
    with (tmp_path / "truth.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert tuple(rows[0])[-2:] == ("palate_gap_mm", "midbrain_mm")
    assert float(rows[0]["palate_gap_mm"]) == 0.0
    assert float(rows[0]["midbrain_mm"]) == pytest.approx(frames[0][1].truth["midbrain_mm"], abs=1e-4)
