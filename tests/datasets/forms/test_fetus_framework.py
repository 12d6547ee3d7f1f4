"""The Fetus Framework reader takes the folder as published, and says what is wrong with a damaged one."""

import shutil
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from PIL import Image

from errors_raised import raised
from nonet.anatomy import STRUCTURES, Structure
from nonet.datasets import DataSet, Plane, Severity, load
from nonet.errors import DatasetError
from nonet.reading import Box

DATA = Path(__file__).parents[3].parent / "shared/data/fetus-framework"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data")


@pytest.fixture(scope="module")
def real() -> DataSet:
    return load(DATA)


@needs_data
def test_the_real_folder_has_its_published_images_less_the_three_excluded(real: DataSet) -> None:
    counts = Counter((image.split, image.plane) for image in real.images)
    assert counts == {
        ("set1", Plane.STANDARD): 811,
        ("set2", Plane.STANDARD): 249,
        ("set2", Plane.NON_STANDARD): 309,
    }
    assert len(real.split("set1").boxed().images) == 809
    assert len(real.split("set2").boxed().images) == 249


@needs_data
def test_the_real_boxes_are_those_of_the_data_page_less_those_of_458(real: DataSet) -> None:
    counts = Counter(row.structure for row in real.boxes)
    assert sum(counts.values()) == 8809 - 7
    assert counts[Structure.NASAL_SKIN] in {779, 780}
    assert counts[Structure.THALAMI] == 1049


@needs_data
def test_the_first_real_row_is_read_with_h_as_y_and_half_open_edges(real: DataSet) -> None:
    image = next(image for image in real.images if image.name == "168.png")
    assert real.boxes_of(image)[Structure.THALAMI] == Box(171, 178, 261, 244)


@needs_data
def test_the_real_folder_has_only_its_known_defects(real: DataSet) -> None:
    assert {problem.severity for problem in real.problems} == {Severity.NOTE}
    assert sorted(problem.file for problem in real.problems) == ["1105.png", "1290.png", "194.png", "458.png", "71.png"]


@needs_data
def test_the_frame_table_gives_device_and_trusted_pixel_size(real: DataSet) -> None:
    by_name = {image.name: image for image in real.images}
    assert (by_name["0.png"].device, by_name["0.png"].mm_per_px) == ("GE", 0.09737)
    assert sum(image.mm_per_px is not None for image in real.images) == 953


def test_the_published_layout_gives_split_and_plane_from_its_folders(published_folder: Path) -> None:
    data = load(published_folder)
    assert {(image.name, image.split, image.plane) for image in data.images} >= {
        ("0.png", "set1", Plane.STANDARD),
        ("812.png", "set2", Plane.STANDARD),
        ("1104.png", "set2", Plane.NON_STANDARD),
        ("1372.png", "internal-test", Plane.STANDARD),
        ("1400.png", "internal-test", Plane.NON_STANDARD),
        ("1528.png", "external-test", Plane.STANDARD),
        ("1600.png", "external-test", Plane.NON_STANDARD),
    }
    assert data.splits == ("set1", "set2", "internal-test", "external-test")


def test_the_folder_above_and_other_spellings_of_the_folders_give_the_same(published_folder: Path) -> None:
    expected = [(image.name, image.split, image.plane) for image in load(published_folder).images]
    (published_folder / "External Test Set").rename(published_folder / "external_test  set (1)")
    (published_folder / "Internal Test Set/Non-standard").rename(published_folder / "Internal Test Set/non standard")
    again = [(image.name, image.split, image.plane) for image in load(published_folder.parent).images]
    assert again == expected


def test_every_boxed_image_has_its_nine_boxes(published_folder: Path) -> None:
    data = load(published_folder)
    assert {len(data.boxes_of(image)) for image in data.boxed().images} == {9}
    assert {row.structure for row in data.boxes} == set(STRUCTURES)
    image = data.split("internal-test").images[0]
    assert data.boxes_of(image)[Structure.MIDBRAIN] == Box(34, 25, 58, 37)


def test_excluded_images_are_left_out_and_the_reason_is_recorded(published_folder: Path) -> None:
    data = load(published_folder)
    assert not {"458.png", "1105.png", "1290.png"} & {image.name for image in data.images}
    assert not [row for row in data.boxes if row.image == "458.png"]
    reasons = {problem.file: problem.found for problem in data.problems if "left out" in problem.found}
    assert reasons.keys() == {"458.png", "1105.png", "1290.png"}
    assert "134" in reasons["458.png"]


def test_a_standard_image_without_boxes_is_noted_except_in_the_external_set(published_folder: Path) -> None:
    noted = [problem.file for problem in load(published_folder).problems if "has boxes" in problem.rule]
    assert noted == ["71.png"]


def test_an_unknown_split_names_those_that_there_are(published_folder: Path) -> None:
    with raised(DatasetError, found="set1, set2, internal-test, external-test"):
        load(published_folder).split("internal")


DEFECTS = {
    "a row without its file": (("99.png", "NT", 1, 1, 9, 9), "error", "99.png", "belongs to an image"),
    "a box outside": (("0.png", "NT", 1, 900, 9, 999), "error", "0.png", "lies on its image"),
    "a box cut by the edge": (("0.png", "NT", 230, 1, 250, 9), "warning", "0.png", "wholly on its image"),
    "inverted corners": (("0.png", "NT", 9, 1, 1, 9), "error", "0.png", "left < right"),
    "no number": (("0.png", "NT", "x", 1, 1, 9), "error", "0.png", "four numbers"),
    "an empty cell": (("0.png", "NT", None, 1, 1, 9), "error", "0.png", "four numbers"),
    "an unknown label": (("0.png", "brain", 1, 1, 9, 9), "error", "0.png", "label means one of"),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_bad_row_is_reported_with_its_number_and_the_rest_is_read(published_folder: Path, defect: str) -> None:
    row, severity, file, rule = DEFECTS[defect]
    sheet = published_folder / "ObjectDetection.xlsx"
    clean = load(published_folder)
    replace_row(sheet, "0.png", "NT", row)
    data = load(published_folder)
    [problem] = [p for p in data.problems if p not in clean.problems]
    assert (problem.severity, problem.file) == (severity, file)
    assert rule in problem.rule
    assert "row 7" in problem.found
    assert len(clean.boxes) - len(data.boxes) == (severity == "error")


def test_a_second_box_of_a_structure_is_an_error_and_the_first_is_kept(published_folder: Path) -> None:
    sheet = published_folder / "ObjectDetection.xlsx"
    append_row(sheet, ("0.png", "thalami", 50, 50, 90, 90))
    data = load(published_folder)
    assert [p.rule for p in data.problems if p.severity is Severity.ERROR] == [
        "A structure has at most one box in an image"
    ]
    assert data.boxes_of(data.images[0])[Structure.THALAMI] == Box(4, 5, 28, 17)


def test_file_names_as_numbers_and_shuffled_columns_are_understood(published_folder: Path) -> None:
    sheet = published_folder / "ObjectDetection.xlsx"
    expected = set(load(published_folder).boxes)
    rows = list(openpyxl.load_workbook(sheet).active.iter_rows(values_only=True))
    changed = [("W max", "h_min", "Structure", "fname", "h_max", "w_min")]
    changed += [(r[5], r[2], r[1], int(r[0].removesuffix(".png")), r[4], r[3]) for r in rows[1:]]
    write_rows(sheet, changed)
    assert set(load(published_folder).boxes) == expected


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x05\x06" + bytes(18)], ids=["empty", "text", "no members"])
def test_an_unreadable_spreadsheet_is_one_error_and_the_images_are_read(published_folder: Path, content: bytes) -> None:
    (published_folder / "ObjectDetection.xlsx").write_bytes(content)
    data = load(published_folder)
    assert len(data.images) == 11
    [error] = [p for p in data.problems if p.severity is Severity.ERROR]
    assert (error.file, error.rule) == ("ObjectDetection.xlsx", "A spreadsheet is a readable .xlsx")


def test_missing_columns_are_one_error_that_names_those_found(published_folder: Path) -> None:
    write_rows(published_folder / "ObjectDetection.xlsx", [("fname", "class", "x", "y")])
    [error] = [p for p in load(published_folder).problems if p.severity is Severity.ERROR]
    assert "fname, class, x, y" in error.found


def test_a_spreadsheet_that_inflates_without_bound_is_refused_before_it_is_parsed(published_folder: Path) -> None:
    sheet = published_folder / "ObjectDetection.xlsx"
    with zipfile.ZipFile(sheet, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", bytes(100 << 20))
    assert sheet.stat().st_size < 1 << 20
    [error] = [p for p in load(published_folder).problems if p.severity is Severity.ERROR]
    assert "64 MiB inflated" in error.rule


def test_a_sheet_of_a_billion_rows_by_its_row_numbers_is_refused(published_folder: Path) -> None:
    sheet = published_folder / "ObjectDetection.xlsx"
    with zipfile.ZipFile(sheet) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["xl/worksheets/sheet1.xml"] = members["xl/worksheets/sheet1.xml"].replace(
        b'<row r="9"', b'<row r="999999999"'
    )
    with zipfile.ZipFile(sheet, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    [error] = [p for p in load(published_folder).problems if p.severity is Severity.ERROR]
    assert "500,000 rows" in error.rule


def test_unreadable_and_absurd_images_are_reported_by_name_and_left_out(published_folder: Path) -> None:
    folder = published_folder / "Set2-Training&Validation Sets ANN Scoring system/Non-standard"
    (folder / "1061.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(folder / "1062.png")
    (folder / "1063.png").write_bytes(png_header(60_000, 60_000))
    data = load(published_folder)
    assert [p.file for p in data.problems if p.severity is Severity.ERROR] == ["1061.png", "1062.png", "1063.png"]
    assert not {"1061.png", "1062.png", "1063.png"} & {image.name for image in data.images}


def test_the_same_file_name_twice_is_an_error_and_the_first_is_kept(published_folder: Path) -> None:
    shutil.copy(
        published_folder / "Set1-Training&Validation Sets CNN/Standard/0.png",
        published_folder / "Set2-Training&Validation Sets ANN Scoring system/Standard/0.png",
    )
    data = load(published_folder)
    assert [p.rule for p in data.problems if p.severity is Severity.ERROR] == [
        "A file name occurs once in the data set"
    ]
    assert [image.split for image in data.images if image.name == "0.png"] == ["set1"]


def test_the_waste_of_unzipping_on_a_mac_is_not_seen(published_folder: Path) -> None:
    (published_folder / "__MACOSX/Set1").mkdir(parents=True)
    (published_folder / "__MACOSX/Set1/0.png").write_bytes(b"x")
    (published_folder / "Set1-Training&Validation Sets CNN/Standard/._0.png").write_bytes(b"x")
    assert {p.severity for p in load(published_folder).problems} == {Severity.NOTE}


def replace_row(sheet: Path, fname: str, label: str, row: tuple[object, ...]) -> None:
    rows = list(openpyxl.load_workbook(sheet).active.iter_rows(values_only=True))
    write_rows(sheet, [row if known[:2] == (fname, label) else known for known in rows])


def append_row(sheet: Path, row: tuple[object, ...]) -> None:
    write_rows(sheet, [*openpyxl.load_workbook(sheet).active.iter_rows(values_only=True), row])


def write_rows(sheet: Path, rows: Iterable[tuple[object, ...]]) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(sheet)


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
