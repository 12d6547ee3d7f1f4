"""The Fetus Framework data set as it is downloaded: four folders of PNGs and ``ObjectDetection.xlsx``.

Cui C, Dong F (2022), *Dataset for Fetus Framework*, Mendeley Data n2rbrb9t4f, CC BY 4.0. The
images may be in colour or grey, and the folder may lie inside others. Split and plane come from
the folder names, by their key words. The spreadsheet's columns ``h_min, w_min, h_max, w_max`` are
whole native pixels (h is y, w is x) and are read as the edges of ``[w_min, w_max) x [h_min, h_max)``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from nonet.datasets.box_rules import Candidate, admit
from nonet.datasets.data_set import DataSet, ImageRow, Plane
from nonet.datasets.exclusions import Excluded, ExclusionReason
from nonet.datasets.frame_columns import with_frame_columns
from nonet.datasets.image_files import image_files, image_size
from nonet.datasets.problems import Problem, Severity
from nonet.datasets.spreadsheet import Cell, spreadsheet_rows
from nonet.errors import DatasetError

__all__ = ["EXCLUDED", "SPLITS", "FetusFramework"]

SPLITS = ("set1", "set2", "internal-test", "external-test")
"""Names of the data set's four parts."""

EXCLUDED = {
    "458": (ExclusionReason.REPEATED, "it has the pixels of 134, boxed a second time"),
    "1105": (ExclusionReason.REPEATED, "it has the pixels of 1104"),
    "1290": (ExclusionReason.PUBLISHED_TWICE, "the published internal test set"),
}
"""Images that are not used, and why, by file stem."""

_FOLDER_WORDS = {
    "internal": "internal-test",
    "external": "external-test",
    r"(?<!data)set1(?!\d)": "set1",
    r"(?<!data)set2(?!\d)": "set2",
}
_COLUMNS = ("fname", "structure", "h_min", "w_min", "h_max", "w_max")
_WITHOUT_BOXES = "external-test"
_DEPTH = 3


class FetusFramework:
    """Reader of the Fetus Framework folder."""

    name = "Fetus Framework"

    def recognises(self, path: Path) -> bool:
        """Whether the folder, or one inside it, holds ``ObjectDetection.xlsx``."""
        return path.is_dir() and _spreadsheet(path) is not None

    def read(self, path: Path) -> DataSet:
        """The whole data set, without the images named in `EXCLUDED`.

        Parameters
        ----------
        path
            The downloaded folder, or one above it.

        Raises
        ------
        DatasetError
            If the folder holds no ``ObjectDetection.xlsx``.
        """
        spreadsheet = _spreadsheet(path)
        if spreadsheet is None:
            raise DatasetError(
                "A Fetus Framework folder holds ObjectDetection.xlsx", found=f"none in {path}", remedy="Download it"
            )
        images, image_problems, unreadable = _images(path)
        images, column_problems = with_frame_columns(images, spreadsheet.parent)
        candidates, row_problems = _candidates(spreadsheet, images)
        boxes, box_problems = admit(candidates, {image.name: image for image in images})
        problems = (*image_problems, *column_problems, *row_problems, *box_problems)
        return _without_excluded(DataSet(self.name, images, boxes, problems, unreadable))


def _spreadsheet(root: Path) -> Path | None:
    levels = ("*/" * depth + "*.xlsx" for depth in range(_DEPTH))
    found = (path for level in levels for path in sorted(root.glob(level)))
    return next((path for path in found if _squeezed(path.stem) == "objectdetection"), None)


def _squeezed(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def _images(root: Path) -> tuple[tuple[ImageRow, ...], list[Problem], tuple[Excluded, ...]]:
    """The images by their folders; what is wrong with the others, and those that cannot be read."""
    rows: dict[str, ImageRow] = {}
    problems: list[Problem] = []
    unreadable: list[Excluded] = []
    for path in image_files(root):
        folders = [_squeezed(part) for part in reversed(path.relative_to(root).parts[:-1])]
        split = _split(folders)
        size = image_size(path, path.name)
        if split is None:
            problems.append(_no_split(path, root))
        elif path.name in rows:
            problems.append(_twice(path, rows[path.name], root))
        elif isinstance(size, Problem):
            problems.append(size)
            unreadable.append(Excluded(path.name, ExclusionReason.UNREADABLE, size.found, split))
        else:
            rows[path.name] = ImageRow(path.name, path, *size, split, _plane(folders))
    return tuple(rows.values()), problems, tuple(unreadable)


def _split(folders: list[str]) -> str | None:
    return next((name for folder in folders for word, name in _FOLDER_WORDS.items() if re.search(word, folder)), None)


def _plane(folders: Iterable[str]) -> Plane | None:
    planes = {"nonstandard": Plane.NON_STANDARD, "standard": Plane.STANDARD}
    return next((plane for folder in folders for word, plane in planes.items() if word in folder), None)


def _no_split(path: Path, root: Path) -> Problem:
    rule = "An image lies in a folder named for Set1, Set2, Internal Test or External Test"
    found = str(path.relative_to(root).parent)
    return Problem(Severity.WARNING, path.name, rule, found, "Move it, or keep it elsewhere")


def _twice(path: Path, first: ImageRow, root: Path) -> Problem:
    found = f"also at {first.path.relative_to(root)}, which is kept"
    return Problem(Severity.ERROR, path.name, "A file name occurs once in the data set", found, "Remove one of the two")


def _candidates(spreadsheet: Path, images: Sequence[ImageRow]) -> tuple[list[Candidate], list[Problem]]:
    try:
        rows = spreadsheet_rows(spreadsheet)
    except DatasetError as error:
        return [], [Problem(Severity.ERROR, spreadsheet.name, error.rule, error.found, error.remedy)]
    header = [_squeezed(str(cell)) for cell in rows[0]] if rows else []
    wanted = [_squeezed(column) for column in _COLUMNS]
    if not set(wanted) <= set(header):
        found = ", ".join(str(cell) for cell in rows[0]) if rows else "no row"
        rule = f"The spreadsheet has columns {', '.join(_COLUMNS)}"
        return [], [Problem(Severity.ERROR, spreadsheet.name, rule, found, "Download it again")]
    order = [header.index(column) for column in wanted]
    return list(_parsed(rows[1:], order, images)), []


def _parsed(rows: Iterable[Sequence[Cell]], order: Sequence[int], images: Sequence[ImageRow]) -> Iterator[Candidate]:
    names = {image.path.stem: image.name for image in images}
    for number, row in enumerate(rows, start=2):
        cells = [row[column] if column < len(row) else None for column in order]
        if all(cell is None for cell in cells):
            continue
        h_min, w_min, h_max, w_max = (_number(cell) for cell in cells[2:])
        stem = _stem(cells[0])
        edges = (w_min, h_min, w_max, h_max)
        yield Candidate(names.get(stem, f"{stem}.png"), str(cells[1]), edges, f"row {number}")


def _stem(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return re.sub(r"\.\w+$", "", str(cell).strip())


def _number(cell: Cell) -> float:
    try:
        return float(cell) if cell is not None else float("nan")
    except ValueError:
        return float("nan")


def _without_excluded(data: DataSet) -> DataSet:
    remaining = data.keeping(image for image in data.images if image.path.stem not in EXCLUDED)
    excluded = tuple(_excluded(image) for image in data.images if image.path.stem in EXCLUDED)
    notes = [*map(_note, excluded), *(_unboxed(image) for image in _expected(remaining))]
    return replace(remaining, problems=(*data.problems, *notes), excluded=(*data.excluded, *excluded))


def _expected(data: DataSet) -> Iterator[ImageRow]:
    for image in data.images:
        if image.plane is Plane.STANDARD and image.split != _WITHOUT_BOXES and not data.boxes_of(image):
            yield image


def _excluded(image: ImageRow) -> Excluded:
    reason, detail = EXCLUDED[image.path.stem]
    return Excluded(image.name, reason, detail, image.split)


def _note(excluded: Excluded) -> Problem:
    found = f"left out: {excluded.to_json()['reason']}"
    return Problem(Severity.NOTE, excluded.image, "An image occurs once in the data set", found, "Nothing to do")


def _unboxed(image: ImageRow) -> Problem:
    rule = "A standard plane of this data set has boxes"
    found = "none; the image is kept, and is no negative for detection"
    return Problem(Severity.NOTE, image.name, rule, found, "Nothing to do")
