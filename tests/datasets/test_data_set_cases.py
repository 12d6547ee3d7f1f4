"""Data sets that used to be read as something else, in silence; the smallest lie in `tests/cases`."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from nonet.anatomy import Structure
from nonet.cli.main import app
from nonet.datasets import DataSet, Severity, load
from nonet.datasets.data_set import Plane
from nonet.datasets.inspection import first_frame, inspect
from nonet.datasets.label_table import read_label_table
from nonet.errors import DatasetError
from nonet.radiomics import extract
from nonet.reading import Box

CASES = Path(__file__).parents[1] / "cases"
NT, BONE = Structure.NUCHAL_TRANSLUCENCY, Structure.NASAL_BONE


def picture(path: Path, width: int = 200, height: int = 120, **options: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(len(path.name)).integers(0, 256, (height, width), np.uint8)
    Image.fromarray(noise).save(path, **options)
    return path


def stat_mean(pixels: np.ndarray, box: Box) -> float:
    features = extract(pixels, box)
    return float(features.values[features.names.index("stat_mean")])


def boxes(data: DataSet) -> dict[tuple[str, Structure], tuple[float, ...]]:
    return {(row.image, row.structure): row.box.xyxy for row in data.boxes}


def severities(data: DataSet) -> list[Severity]:
    return [problem.severity for problem in data.problems]


def coco(images: list[dict[str, object]], annotations: list[dict[str, object]]) -> dict[str, object]:
    return {
        "images": images,
        "annotations": [{"category_id": 1, "bbox": [10, 20, 30, 40], **one} for one in annotations],
        "categories": [{"id": 1, "name": "NT"}],
    }


# Labels that were not read


def test_roboflows_coco_is_read_with_its_folders_as_splits() -> None:
    data = load(CASES / "labels_silently_ignored/coco_roboflow")
    assert data.splits == ("test", "train", "valid")
    assert boxes(data) == {(f"{part}/{part}1.jpg", NT): (10, 20, 40, 60) for part in data.splits}
    assert data.problems == ()


def test_images_of_one_name_in_several_folders_are_several_images(tmp_path: Path) -> None:
    for part in ("train", "valid"):
        picture(tmp_path / part / "0.jpg")
        document = coco([{"id": 0, "file_name": "0.jpg"}], [{"image_id": 0}])
        (tmp_path / part / "_annotations.coco.json").write_text(json.dumps(document))
    assert set(boxes(load(tmp_path))) == {("train/0.jpg", NT), ("valid/0.jpg", NT)}


@pytest.mark.parametrize("place", ["train2017", "images/train2017"])
def test_the_folders_of_coco_2017_are_read(tmp_path: Path, place: str) -> None:
    picture(tmp_path / place / "1.jpg")
    (tmp_path / "annotations").mkdir()
    document = coco([{"id": 1, "file_name": "1.jpg"}], [{"image_id": 1}])
    (tmp_path / "annotations/instances_train2017.json").write_text(json.dumps(document))
    assert boxes(load(tmp_path)) == {("1.jpg", NT): (10, 20, 40, 60)}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_coco_in_another_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    picture(tmp_path / "1.jpg")
    document = json.dumps(coco([{"id": 1, "file_name": "1.jpg"}], [{"image_id": 1}]))
    (tmp_path / "boxes.json").write_text(document, encoding=encoding)
    assert list(boxes(load(tmp_path))) == [("1.jpg", NT)]


def test_cvats_yolo_is_read_with_its_part_as_split() -> None:
    data = load(CASES / "labels_silently_ignored/yolo_cvat11")
    assert data.splits == ("train",)
    assert boxes(data) == {("obj_train_data/a.png", NT): pytest.approx((80, 42, 120, 78))}
    assert data.problems == ()


def test_labels_beside_their_images_are_read() -> None:
    data = load(CASES / "labels_silently_ignored/yolo_darknet_flat")
    assert boxes(data) == {("a.png", NT): pytest.approx((80, 42, 120, 78))}
    assert data.problems == ()


VOC = "<annotation><object><name>NT</name></object></annotation>"
LABELME = json.dumps({"shapes": [{"label": "NT"}], "imagePath": "a.png"})


@pytest.mark.parametrize(
    ("name", "text", "form"),
    [
        ("Annotations/a.xml", VOC, "Pascal VOC"),
        ("a.json", LABELME, "JSON"),
        ("a.txt", "0 0.5 0.5 0.2 0.3\n", "YOLO"),
        ("labels/a.txt", "0 0.5 0.5 0.2 0.3\n", "YOLO"),
        ("_annotations.csv", "filename,xmin,ymin,xmax,ymax,class\na.png,1,2,3,4,NT\n", "CSV"),
        ("cut.json", '{"images": [], "annotations": [{"bbox": [1', "JSON"),
    ],
)
def test_labels_that_no_form_reads_are_an_error_that_names_them(
    tmp_path: Path, name: str, text: str, form: str
) -> None:
    picture(tmp_path / "a.png")
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    with pytest.raises(DatasetError) as caught:
        load(tmp_path)
    assert name in caught.value.found and form in caught.value.found
    run = CliRunner().invoke(app, ["check", str(tmp_path)])
    assert run.exit_code == 1
    assert name in run.output


def test_labels_of_a_second_form_are_a_warning(tmp_path: Path) -> None:
    shutil.copytree(CASES / "labels_silently_ignored/yolo_darknet_flat", tmp_path / "d")
    (tmp_path / "d/a.xml").write_text(VOC)
    data = load(tmp_path / "d")
    assert len(data.boxes) == 1
    assert severities(data) == [Severity.WARNING]


def test_tables_and_notes_beside_images_are_no_labels(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    (tmp_path / "frames.csv").write_text("fname,patient\na.png,1\n")
    (tmp_path / "labels.csv").write_text("image,structure,label\na.png,NT,normal\n")
    (tmp_path / "notes.txt").write_text("0 frames were left out\n")
    (tmp_path / "info.json").write_text('{"name": "ours"}')
    assert load(tmp_path).problems == ()


# Two images of one identity, names that no file has


def test_two_images_of_one_id_are_a_problem_and_their_boxes_nobodys() -> None:
    data = load(CASES / "small_tolerances/coco_dup_image_id")
    assert [image.name for image in data.images] == ["a.png", "b.png"]
    assert (data.boxes, severities(data)) == ((), [Severity.ERROR])


def test_one_image_under_two_ids_is_kept_once(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    images = [{"id": 1, "file_name": "a.png"}, {"id": 2, "file_name": "a.png"}]
    (tmp_path / "b.json").write_text(json.dumps(coco(images, [{"image_id": 1}])))
    data = load(tmp_path)
    assert len(data.images) == len(data.boxes) == 1
    assert severities(data) == [Severity.ERROR]


@pytest.mark.parametrize(
    "name",
    ["x" * 256 + ".png", "x" * 5000, "a\0b.png", "\ud800.png", "", "/etc/passwd"],
    ids=lambda name: repr(name[:9]),
)
def test_a_name_that_no_file_has_is_a_problem(tmp_path: Path, name: str) -> None:
    picture(tmp_path / "a.png")
    images = [{"id": 1, "file_name": "a.png"}, {"id": 2, "file_name": name}]
    (tmp_path / "b.json").write_text(json.dumps(coco(images, [{"image_id": 1}])))
    inspection = inspect(tmp_path)
    assert (inspection.images, inspection.boxes) == (1, 1)
    assert inspection.count(Severity.ERROR) == 1


@pytest.mark.parametrize("number", ["1" * 5000, "1e999", "NaN", "[" * 3000 + "]" * 3000], ids=lambda text: text[:5])
def test_a_number_that_is_none_is_a_problem(tmp_path: Path, number: str) -> None:
    picture(tmp_path / "a.png")
    text = json.dumps(coco([{"id": 1, "file_name": "a.png"}], [{"image_id": 1}])).replace("30,", f"{number},")
    (tmp_path / "b.json").write_text(text)
    assert inspect(tmp_path).count(Severity.ERROR) >= 1


# Patients that were lost


def test_rows_that_name_no_image_are_a_problem() -> None:
    data = load(CASES / "frames_csv_no_match/data")
    assert severities(data) == [Severity.ERROR, Severity.WARNING]
    assert "images/a.png" in data.problems[0].found


def with_frames(tmp_path: Path, text: str) -> DataSet:
    for name in ("a.png", "b.png"):
        picture(tmp_path / name)
    (tmp_path / "frames.csv").write_text(text)
    return load(tmp_path)


@pytest.mark.parametrize(
    ("text", "severity", "named"),
    [
        ("fname,patient\na.png,1\n", Severity.WARNING, "b.png"),
        ("fname,patient\na.png,1\nb.png,1\nc.png,2\n", Severity.ERROR, "c.png"),
        ("fname,patient\na.png,1\nb.png,1\na.png,2\n", Severity.ERROR, "a.png"),
        ("fname,patnt\na.png,1\nb.png,1\n", Severity.WARNING, "patnt"),
        ("fname,mm_per_px\na.png,100\n", Severity.ERROR, "100"),
        ("fname,mm_per_px\na.png,wide\n", Severity.ERROR, "wide"),
        ("fname,mm_per_px\na.png,nan\n", Severity.ERROR, "nan"),
        ("fname,plane\na.png,standard\nb.png,oblique\n", Severity.ERROR, "oblique"),
        ("name,patient\na.png,1\n", Severity.ERROR, "name"),
        ("fname,patient\na.png,1,7\nb.png,1\n", Severity.ERROR, "line 2"),
    ],
    ids=str,
)
def test_what_frames_csv_loses_is_a_problem(tmp_path: Path, text: str, severity: Severity, named: str) -> None:
    (problem,) = with_frames(tmp_path, text).problems
    assert problem.severity is severity
    assert named in problem.found


@pytest.mark.parametrize("text", ["fname;patient\na.png;1\nb.png; 2 \n", "\ufefffname\tpatient\na.png\t1\nb.png\t2\n"])
def test_frames_csv_as_a_spreadsheet_saves_it_is_read(tmp_path: Path, text: str) -> None:
    data = with_frames(tmp_path, text)
    assert [image.patient for image in data.images] == ["1", "2"]
    assert data.problems == ()


def test_frames_csv_says_planes_and_sources(tmp_path: Path) -> None:
    data = with_frames(tmp_path, "fname,plane,source\na.png,Standard,\nb.png,non standard,a.png\n")
    assert data.problems == ()
    assert [image.plane for image in data.images] == [Plane.STANDARD, Plane.NON_STANDARD]
    assert [image.source for image in data.images] == [None, "a.png"]


def test_a_plane_that_is_not_the_folders_is_a_problem(published_folder: Path) -> None:
    (published_folder / "frames.csv").write_text("fname,plane\n812.png,non-standard\n")
    data = load(published_folder)
    assert any("812.png; the folder counts" in problem.found for problem in data.problems)
    assert next(image for image in data.images if image.name == "812.png").plane is Plane.STANDARD


# Boxes on other pixels


def test_boxes_of_a_turned_file_lie_on_the_upright_picture() -> None:
    data = load(CASES / "exif_boxes/exif_yolo")
    (image,), (row,) = data.images, data.boxes
    frame = first_frame(image.path)
    assert (frame.width, frame.height) == (image.width, image.height)
    assert stat_mean(frame.pixels, row.box) == pytest.approx(200, abs=0.5)
    assert severities(data) == [Severity.WARNING]


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_boxes_drawn_on_the_unturned_picture_are_a_problem_that_says_so(tmp_path: Path, form: str) -> None:
    exif = Image.Exif()
    exif[274] = 6
    picture(tmp_path / "a.png", 200, 120, format=form, exif=exif)
    for size in ((200, 120), (120, 200)):
        images = [{"id": 1, "file_name": "a.png", "width": size[0], "height": size[1]}]
        (tmp_path / "b.json").write_text(json.dumps(coco(images, [{"image_id": 1}])))
        data = load(tmp_path)
        assert (data.images[0].width, data.images[0].height) == (120, 200)
        unturned = size == (200, 120)
        assert severities(data) == [Severity.ERROR] * unturned
        assert all("orientation 6" in problem.found for problem in data.problems)


def test_an_orientation_after_the_picture_is_found(tmp_path: Path) -> None:
    """A PNG may hold its EXIF chunk behind the pixels, where Pillow finds it only when it has decoded them."""
    exif = Image.Exif()
    exif[274] = 6
    path = picture(tmp_path / "images/a.png", exif=exif)
    raw = path.read_bytes()
    start = raw.index(b"eXIf") - 4
    chunk = raw[start : start + 12 + int.from_bytes(raw[start : start + 4], "big")]
    path.write_bytes(raw.replace(chunk, b"").replace(raw[-12:], chunk + raw[-12:]))
    (image,) = load(tmp_path).images
    frame = first_frame(path)
    assert (image.width, image.height) == (frame.width, frame.height) == (120, 200)


# Tables


def test_a_sheet_as_wide_as_a_sheet_can_be_is_a_problem_within_a_second() -> None:
    begun = time.perf_counter()
    inspection = inspect(CASES / "xlsx_wide")
    assert time.perf_counter() - begun < 5
    assert inspection.count(Severity.ERROR) == 1
    assert "XFD" in inspection.problems[0].found


def images_named(tmp_path: Path, *names: str) -> DataSet:
    for name in names:
        picture(tmp_path / "images" / name)
    return load(tmp_path / "images")


def test_all_bad_lines_of_a_table_of_labels_are_named_at_once(tmp_path: Path) -> None:
    data = images_named(tmp_path, "a.png", "b.png")
    (tmp_path / "labels.csv").write_text(
        "image,structure,label\na.png,NT,normal\nc.png,NT,normal\nb.png,cat,normal\na.png,NT,abnormal\n"
    )
    with pytest.raises(DatasetError) as caught:
        read_label_table(tmp_path / "labels.csv", data)
    found = caught.value.found
    assert all(piece in found for piece in ("line 3, image: 'c.png'", "line 4, structure: 'cat'", "line 5, label"))


def test_labels_that_differ_in_capitals_are_one_class_and_an_empty_one_is_no_row(tmp_path: Path) -> None:
    data = images_named(tmp_path, "a.png", "b.png", "c.png")
    (tmp_path / "labels.csv").write_text("image;structure;label\na.png;NT;Normal\nb.png;NT;normal\nc.png;NT;\n")
    read = read_label_table(tmp_path / "labels.csv", data)
    assert read.labels == {("a.png", NT): "normal", ("b.png", NT): "normal"}
    assert [problem.severity for problem in read.problems] == [Severity.WARNING, Severity.WARNING]


def test_a_missing_column_of_a_table_of_labels_is_named(tmp_path: Path) -> None:
    data = images_named(tmp_path, "a.png")
    (tmp_path / "labels.csv").write_text("image,structur,label\na.png,NT,normal\n")
    with pytest.raises(DatasetError) as caught:
        read_label_table(tmp_path / "labels.csv", data)
    assert "no column structure" in caught.value.found


def test_every_command_says_that_the_data_set_has_problems(tmp_path: Path) -> None:
    shutil.copytree(CASES / "frames_csv_no_match/data", tmp_path / "d")
    run = CliRunner().invoke(app, ["features", "radiomics", str(tmp_path / "d"), "-o", str(tmp_path / "f.parquet")])
    assert run.exit_code == 0, run.output
    assert "1 errors, 1 warnings in the data set" in run.output
    assert "images/a.png" in run.output


def test_a_box_is_upright_for_its_features() -> None:
    """What the case of a turned file is about: the same box on the stored pixels is another place."""
    path = CASES / "exif_boxes/exif_yolo/images/a.png"
    with Image.open(path) as stored:
        turned = np.asarray(stored.convert("L"))
    (row,) = load(CASES / "exif_boxes/exif_yolo").boxes
    x1, y1, x2, y2 = row.box.xyxy
    height, width = turned.shape
    elsewhere = Box(x1 * width / height, y1 * height / width, x2 * width / height, y2 * height / width)
    assert stat_mean(turned, elsewhere) != pytest.approx(200, abs=0.5)
