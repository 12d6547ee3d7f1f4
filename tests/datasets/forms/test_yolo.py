"""YOLO text labels become the table; class names come from a YAML subset or classes.txt."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nonet.anatomy import STRUCTURES, Structure
from nonet.datasets import Severity, load
from nonet.datasets.forms.yolo_names import class_names
from nonet.errors import DatasetError
from nonet.reading import Box

NAMES = ["thalami", "midbrain", "palate", "IT", "CM", "NT", "nasal tip", "nasal skin", "nasal bone"]


def save_grey(path: Path, width: int = 200, height: int = 100) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.zeros((height, width), np.uint8)).save(path)


def write_labels(path: Path, *lines: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data.yaml").write_text(f"path: .\ntrain: images/train\nnc: 9\nnames: {NAMES}\n")
    return tmp_path


def test_fractions_of_the_image_become_half_open_pixels(folder: Path) -> None:
    save_grey(folder / "images/train/a.png", 200, 100)
    write_labels(folder / "labels/train/a.txt", "3 0.5 0.5 0.2 0.4")
    data = load(folder)
    [row] = data.boxes
    assert (row.image, row.structure) == ("images/train/a.png", Structure.FOURTH_VENTRICLE)
    assert row.box.xyxy == pytest.approx(Box(80, 30, 120, 70).xyxy)
    assert data.problems == ()


@pytest.mark.parametrize(
    ("image", "labels", "split"),
    [
        ("images/val/a.png", "labels/val/a.txt", "val"),
        ("valid/images/a.png", "valid/labels/a.txt", "valid"),
        ("images/a.png", "labels/a.txt", "all"),
    ],
)
def test_each_customary_layout_gives_its_split(folder: Path, image: str, labels: str, split: str) -> None:
    save_grey(folder / image)
    write_labels(folder / labels, "0 0.5 0.5 0.2 0.4")
    data = load(folder)
    assert [(row.split, len(data.boxes_of(row))) for row in data.images] == [(split, 1)]


def test_a_box_that_touches_the_edge_after_rounding_is_no_problem(folder: Path) -> None:
    save_grey(folder / "images/a.png", 697, 480)
    write_labels(folder / "labels/a.txt", "0 0.071736 0.5 0.143473 1.000001")
    data = load(folder)
    assert data.problems == ()
    assert 0 <= data.boxes[0].box.x1 < data.boxes[0].box.y2 <= 480


def test_every_fault_is_listed_and_what_is_sound_is_read(folder: Path) -> None:
    save_grey(folder / "images/a.png")
    write_labels(
        folder / "labels/a.txt",
        "0 .5 .5 .2 .2",
        "0 .5 .5 .1 .1",
        "9 .5 .5 .2 .2",
        "1 .5 .5",
        "2 2 2 .1 .1",
        "",
        "x 1 1 1 1",
    )
    write_labels(folder / "labels/gone.txt", "0 .5 .5 .2 .2")
    write_labels(folder / "labels/classes.txt", *NAMES)
    data = load(folder)
    assert [row.structure for row in data.boxes] == [Structure.THALAMI]
    assert {problem.severity for problem in data.problems} == {Severity.ERROR}
    files = [problem.file for problem in data.problems]
    assert sorted(files) == ["images/a.png"] * 3 + ["labels/a.txt"] * 2 + ["labels/gone.txt"]


WRITINGS = {
    "flow list": f"names: {NAMES}\n",
    "flow list over lines": "names: [\n  " + ",\n  ".join(NAMES) + "\n]\nnc: 9\n",
    "block list": "nc: 9\nnames:\n" + "".join(f"  - {name}\n" for name in NAMES) + "path: x\n",
    "block list unindented": "names:\n" + "".join(f"- '{name}'\n" for name in NAMES) + "path: x\n",
    "block mapping": "names:  # nine\n" + "".join(f"  {i}: {name}  # {i}\n" for i, name in enumerate(NAMES)),
    "flow mapping": "names: {" + ", ".join(f'{i}: "{name}"' for i, name in enumerate(NAMES)) + "}\n",
}


@pytest.mark.parametrize("writing", WRITINGS)
def test_each_way_of_writing_names_in_yaml_is_understood(tmp_path: Path, writing: str) -> None:
    path = tmp_path / "data.yaml"
    path.write_text(WRITINGS[writing])
    assert class_names(path) == dict(enumerate(NAMES))


@pytest.mark.parametrize("entry", ["names: *anchor", "names: !!python/name:os.system", "names:\n  a: b", "names:"])
def test_other_yaml_is_refused_with_the_remedy(tmp_path: Path, entry: str) -> None:
    path = tmp_path / "data.yaml"
    path.write_text(entry + "\n")
    with pytest.raises(DatasetError):
        class_names(path)


def test_classes_txt_serves_where_there_is_no_yaml(tmp_path: Path) -> None:
    (tmp_path / "classes.txt").write_text("\n".join(STRUCTURES))
    save_grey(tmp_path / "images/a.png")
    write_labels(tmp_path / "labels/a.txt", "8 .5 .5 .2 .2")
    assert [row.structure for row in load(tmp_path).boxes] == [Structure.NASAL_BONE]
