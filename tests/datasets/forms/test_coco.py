"""COCO annotation files become the table, with every fault named."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from errors_raised import raised
from nonet.anatomy import STRUCTURES, Structure
from nonet.datasets import DataSet, Severity, load
from nonet.errors import DatasetError
from nonet.reading import Box

CATEGORIES: list[dict[str, object]] = [{"id": i + 1, "name": structure} for i, structure in enumerate(STRUCTURES)]


def write_coco(
    path: Path,
    images: list[dict[str, object]],
    annotations: list[dict[str, object]],
    categories: list[dict[str, object]] = CATEGORIES,
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))


def save_grey(path: Path, width: int = 100, height: int = 80) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.zeros((height, width), np.uint8)).save(path)


def image(number: int, name: str, **more: object) -> dict[str, object]:
    return {"id": number, "file_name": name, **more}


def annotation(image_id: int, category_id: int, bbox: list[float]) -> dict[str, object]:
    return {"id": 1, "image_id": image_id, "category_id": category_id, "bbox": bbox}


def errors(data: DataSet) -> list[str]:
    return [problem.rule for problem in data.problems if problem.severity is Severity.ERROR]


@pytest.mark.parametrize("place", [".", "images", "..", "../images"])
def test_images_are_found_beside_the_annotations_and_one_folder_up(tmp_path: Path, place: str) -> None:
    save_grey(tmp_path / "set/annotations" / place / "a.png")
    write_coco(tmp_path / "set/annotations/boxes.json", [image(7, "a.png")], [annotation(7, 9, [10, 20, 30, 40])])
    data = load(tmp_path / "set")
    assert [(row.image, row.structure, row.box) for row in data.boxes] == [
        ("a.png", Structure.NASAL_BONE, Box(10, 20, 40, 60))
    ]
    assert data.problems == ()
    assert data.splits == ("all",)


def test_the_json_file_itself_can_be_given(tmp_path: Path) -> None:
    save_grey(tmp_path / "a.png")
    write_coco(tmp_path / "boxes.json", [image(1, "a.png")], [])
    assert [row.name for row in load(tmp_path / "boxes.json").images] == ["a.png"]


def test_category_names_may_be_the_words_of_other_data_sets(tmp_path: Path) -> None:
    save_grey(tmp_path / "a.png")
    names = ["IT", "CM", "NT", "nasal tip", "Nasal-Skin", "NASAL_BONE", "thalami", "midbrain", "palate"]
    categories: list[dict[str, object]] = [{"id": i, "name": name} for i, name in enumerate(names)]
    write_coco(tmp_path / "a.json", [image(1, "a.png")], [annotation(1, i, [i, i, 5, 5]) for i in range(9)], categories)
    assert {row.structure for row in load(tmp_path).boxes} == set(STRUCTURES)


def test_several_annotation_files_are_several_splits(tmp_path: Path) -> None:
    for name in ("train", "val"):
        save_grey(tmp_path / f"images/{name}.png")
        write_coco(tmp_path / f"annotations/{name}.json", [image(1, f"{name}.png")], [annotation(1, 1, [1, 1, 5, 5])])
    data = load(tmp_path)
    assert data.splits == ("train", "val")
    assert [row.image for row in data.split("val").boxes] == ["val.png"]


def test_an_image_in_two_annotation_files_is_an_error(tmp_path: Path) -> None:
    save_grey(tmp_path / "a.png")
    for name in ("train", "val"):
        write_coco(tmp_path / f"{name}.json", [image(1, "a.png")], [])
    assert errors(load(tmp_path)) == ["An image is in one annotation file"]


def test_every_fault_is_listed_and_what_is_sound_is_read(tmp_path: Path) -> None:
    save_grey(tmp_path / "a.png")
    images = [
        image(1, "a.png"),
        image(2, "gone.png"),
        image(3, "../../etc/passwd"),
        image(4, "/etc/passwd"),
        {"id": 5},
    ]
    annotations = [
        annotation(1, 1, [1, 1, 5, 5]),
        annotation(1, 1, [2, 2, 5, 5]),
        annotation(1, 2, [1, 1, -5, 5]),
        annotation(1, 3, [200, 1, 5, 5]),
        annotation(1, 77, [1, 1, 5, 5]),
        annotation(2, 1, [1, 1, 5, 5]),
        annotation(9, 1, [1, 1, 5, 5]),
        annotation(1, 4, [1, 1, 5]),
        annotation(1, 5, [float("nan"), 1, 5, 5]),
    ]
    write_coco(tmp_path / "boxes.json", images, annotations)
    data = load(tmp_path)
    assert [row.structure for row in data.boxes] == [Structure.THALAMI]
    assert len(errors(data)) == len(images) - 1 + len(annotations) - 1


def test_an_image_of_another_size_than_was_annotated_is_an_error(tmp_path: Path) -> None:
    save_grey(tmp_path / "a.png", 100, 80)
    write_coco(tmp_path / "boxes.json", [image(1, "a.png", width=200, height=160)], [])
    assert errors(load(tmp_path)) == ["An image has the size that its annotations were drawn at"]


def test_deeply_nested_json_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"images": [], "annotations": [], "categories": ' + "[" * 100_000)
    assert len(errors(load(tmp_path))) == 1


def test_columns_beside_the_annotations_reach_the_images(tmp_path: Path) -> None:
    save_grey(tmp_path / "a.png")
    write_coco(tmp_path / "boxes.json", [image(1, "a.png")], [])
    (tmp_path / "frames.csv").write_text("fname,patient,centre,device_family,mm_per_px\na.png,P1,C1,GE,0.1\n")
    [row] = load(tmp_path).images
    assert (row.patient, row.centre, row.device, row.mm_per_px) == ("P1", "C1", "GE", 0.1)


def test_a_frame_table_without_its_key_is_an_error(tmp_path: Path) -> None:
    save_grey(tmp_path / "a.png")
    write_coco(tmp_path / "boxes.json", [image(1, "a.png")], [])
    (tmp_path / "frames.csv").write_text("patient\nP1\n")
    assert errors(load(tmp_path)) == ["frames.csv is a CSV file in UTF-8 with a column fname"]


def test_a_path_that_is_no_data_set_names_the_known_forms(tmp_path: Path) -> None:
    (tmp_path / "notes.json").write_text('{"a": 1}')
    with pytest.raises(DatasetError):
        load(tmp_path)
    with raised(DatasetError, found="is not there"):
        load(tmp_path / "nowhere")


@settings(max_examples=40, deadline=None)
@given(bbox=st.lists(st.floats(-300, 300), min_size=4, max_size=4))
def test_a_kept_box_always_lies_on_its_image(tmp_path_factory: pytest.TempPathFactory, bbox: list[float]) -> None:
    folder = tmp_path_factory.mktemp("coco")
    save_grey(folder / "a.png", 100, 80)
    write_coco(folder / "boxes.json", [image(1, "a.png")], [annotation(1, 1, bbox)])
    data = load(folder)
    assert all(0 <= r.box.x1 < r.box.x2 <= 100 and 0 <= r.box.y1 < r.box.y2 <= 80 for r in data.boxes)
    assert len(data.boxes) + len(errors(data)) == 1


def test_reading_never_follows_a_file_name_out_of_the_data_set(tmp_path: Path) -> None:
    save_grey(tmp_path / "outside.png")
    write_coco(tmp_path / "set/boxes.json", [image(1, "../outside.png")], [])
    data = load(tmp_path / "set")
    assert data.images == ()
    assert errors(data) == ["file_name is a relative path inside the data set"]
    assert Path(tmp_path / "outside.png").exists()
