"""A folder of edited frames: every grade of each structure that has room, a sham copy, and what was left out."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from errors_raised import raised
from nonet.anatomy import Grade, Structure
from nonet.datasets import load
from nonet.datasets.tasks import Task, label_rows
from nonet.errors import DatasetError
from nonet.frame import pixels_sha256
from nonet.simulate import same_head
from nonet.simulate.devices import STUDY_DEVICES
from nonet.simulate.edits.bands import GRADES, edit_bands
from nonet.simulate.edits.edited_frames import TOGETHER, Copy, Refused, copies_of
from nonet.simulate.edits.edited_set import write_edited_set
from nonet.simulate.graded_set import IMAGES
from nonet.simulate.png_export import write_boxes, write_png

NONET = [sys.executable, "-c", "from nonet.cli import main; main()"]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two simulated frames as a data set, and one whose file is broken."""
    folder = tmp_path_factory.mktemp("source")
    made = [(f"{number}.png", same_head(100 + number, (STUDY_DEVICES[number],))[0]) for number in range(2)]
    for name, one in made:
        write_png(folder / name, one)
    write_boxes(folder / "boxes.json", made)
    lines = [f"{name},{one.mm_per_px:.6f},{one.device.name}" for name, one in made]
    (folder / "frames.csv").write_text("\n".join(["fname,mm_per_px,device_family", *lines]) + "\n")
    return folder


@pytest.fixture(scope="module")
def written(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("edited") / "set"
    write_edited_set(load(source), folder, seed=3)
    return folder


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_each_structure_that_has_room_is_given_every_grade_once_and_a_sham(written: Path) -> None:
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in rows_of(written / "truth.csv"):
        counts[row["source"], row["structure"]]["sham" if row["sham"] == "1" else row["grade"]] += 1
    left_out = {(row["source"], row["structure"]) for row in rows_of(written / "left_out.csv")}
    assert len(counts) >= 7
    for key, count in counts.items():
        assert key not in left_out
        assert count == {"sham": 1, "normal": 1, "borderline": 1, "abnormal": 1}, key
    wanted = {one.value for kind in TOGETHER for one in kind}
    assert {structure for _, structure in {*counts, *left_out}} == wanted


def test_the_grade_is_that_of_the_size_given_and_a_sham_keeps_its_size(written: Path) -> None:
    for row in rows_of(written / "truth.csv"):
        band = edit_bands().of(Structure(row["structure"]), row["variable"])
        if row["sham"] == "1":
            assert row["start"] == row["target"]
        else:
            assert band.grade(float(row["target"])) is Grade(row["grade"])


def test_the_folder_is_a_data_set_whose_copies_name_their_frame(written: Path) -> None:
    data = load(written)
    assert not data.problems
    own = {image.name for image in data.images if image.source is None}
    assert own == {"0.png", "1.png"}
    assert {image.source for image in data.images if image.source} == own
    assert all(image.mm_per_px and image.device and image.patient for image in data.images)
    labelled = label_rows(Task.LABELS, data, labels=written / "labels.csv")
    assert labelled.classes == ("normal", "borderline", "abnormal")
    shams = {row["image"] for row in rows_of(written / "truth.csv") if row["sham"] == "1"}
    assert not shams & {image for image, _ in labelled.labels}


def test_the_untouched_frame_keeps_its_pixels(source: Path, written: Path) -> None:
    for name in ("0.png", "1.png"):
        before, after = (np.asarray(Image.open(folder / name)) for folder in (source, written / IMAGES))
        assert pixels_sha256(before) == pixels_sha256(after)


def test_the_grades_of_two_structures_of_a_copy_say_nothing_of_each_other() -> None:
    """Over many seeds, each pair of grades of the two occurs about as often as any other."""
    made = same_head(101, (STUDY_DEVICES[1],))[0]
    pairs: Counter[tuple[str, ...]] = Counter()
    for seed in range(4):
        for one in copies_of(made.pixels, made.boxes, seed, mm_per_px=made.mm_per_px):
            if isinstance(one, Copy) and not one.sizes[0].sham and len(one.sizes) == 2:
                pairs[tuple(size.grade.value for size in one.sizes)] += 1
    assert len(pairs) > len(GRADES)


def test_a_structure_without_room_is_refused_at_every_grade() -> None:
    made = same_head(100, (STUDY_DEVICES[0],))[0]
    alone = {Structure.NASAL_BONE: made.boxes[Structure.NASAL_BONE]}
    found = list(copies_of(made.pixels, alone, 0))
    refused = {one.structure for one in found if isinstance(one, Refused)}
    assert refused == {one for kind in TOGETHER for one in kind}
    assert not [one for one in found if isinstance(one, Copy)]


def test_a_data_set_without_boxes_and_a_folder_in_use_are_refused(source: Path, tmp_path: Path) -> None:
    data = load(source)
    bare = data.keeping(())
    with raised(DatasetError, found="none"):
        write_edited_set(bare, tmp_path / "new")
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "other.png").write_bytes(b"")
    with raised(DatasetError, found="files in used"):
        write_edited_set(data, tmp_path / "used")


@pytest.mark.slow
def test_the_command_says_what_it_wrote_and_what_it_could_not_read(source: Path, tmp_path: Path) -> None:
    for path in source.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    broken = bytearray((tmp_path / "1.png").read_bytes())
    broken[2000:3000] = bytes(1000)
    (tmp_path / "1.png").write_bytes(broken)
    done = subprocess.run(
        [*NONET, "edits", str(tmp_path), "-o", str(tmp_path / "out"), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "1.png" in done.stderr
    counts = json.loads(done.stdout)
    assert sum(one.get("abnormal", 0) for one in counts.values()) >= 3
