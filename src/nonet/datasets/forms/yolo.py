"""YOLO txt: one text file an image, a line a box, ``class x_centre y_centre width height`` from 0 to 1.

The form of Darknet, Ultralytics, labelImg and CVAT: an image in ``images/...`` has its boxes in ``labels/...``, or
beside it. Split names are the folders under ``images`` or those that hold an ``images``, the part of CVAT's
``obj_train_data``, else ``all``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from nonet.datasets.box_rules import Candidate, admit
from nonet.datasets.data_set import DataSet, ImageRow
from nonet.datasets.exclusions import Excluded, ExclusionReason
from nonet.datasets.forms.yolo_names import class_names, names_file
from nonet.datasets.frame_columns import with_frame_columns
from nonet.datasets.image_files import image_files, image_size, is_file, stored_turned
from nonet.datasets.problems import Problem, Severity

__all__ = ["Yolo"]

_MAX_BYTES = 1 << 20
_LABEL_FOLDERS = ("labels", "*/labels")
_NOT_LABELS = frozenset({"classes.txt", "train.txt", "val.txt", "valid.txt", "test.txt"})
_CVAT_FOLDER = re.compile(r"obj_(\w+?)_data", re.IGNORECASE)


class Yolo:
    """Reader of YOLO text labels."""

    name = "YOLO txt"

    def recognises(self, path: Path) -> bool:
        """Whether the folder names classes, and has a folder ``labels`` at most two down or labels beside images."""
        if not path.is_dir() or names_file(path) is None:
            return False
        in_folders = any(found.is_dir() for pattern in _LABEL_FOLDERS for found in path.glob(pattern))
        return in_folders or any(is_file(image.with_suffix(".txt")) for image in image_files(path))

    def read(self, path: Path) -> DataSet:
        """Every image under the folder with the boxes of its label file.

        Raises
        ------
        DatasetError
            If the class names cannot be understood.
        """
        naming = names_file(path)
        classes = class_names(naming) if naming else {}
        images, problems, unreadable = _images(path)
        images, column_problems = with_frame_columns(images, path)
        found = [item for image in images for item in _candidates(image, path, classes)]
        candidates = (item for item in found if isinstance(item, Candidate))
        problems += [item for item in found if isinstance(item, Problem)]
        boxes, box_problems = admit(candidates, {image.name: image for image in images})
        orphans = _orphans(path, images)
        turned = [_turned(image) for image in images if stored_turned(image.path)]
        found_problems = (*problems, *column_problems, *orphans, *turned, *box_problems)
        return DataSet(self.name, images, boxes, found_problems, unreadable)


def _images(root: Path) -> tuple[tuple[ImageRow, ...], list[Problem], tuple[Excluded, ...]]:
    rows: list[ImageRow] = []
    problems: list[Problem] = []
    unreadable: list[Excluded] = []
    for path in image_files(root):
        name = path.relative_to(root).as_posix()
        size = image_size(path, name)
        if isinstance(size, Problem):
            problems.append(size)
            unreadable.append(Excluded(name, ExclusionReason.UNREADABLE, size.found, _split(path.relative_to(root))))
        else:
            rows.append(ImageRow(name, path, *size, _split(path.relative_to(root))))
    return tuple(rows), problems, tuple(unreadable)


def _split(relative: Path) -> str:
    folders = relative.parts[:-1]
    if "images" not in folders:
        parts = (found[1].lower() for folder in folders if (found := _CVAT_FOLDER.fullmatch(folder)))
        return next(parts, "all")
    at = len(folders) - 1 - folders[::-1].index("images")
    if at + 1 < len(folders):
        return folders[at + 1]
    return folders[at - 1] if at > 0 else "all"


def _label_file(image: Path, root: Path) -> Path:
    folders = list(image.relative_to(root).parts[:-1])
    if "images" in folders:
        folders[len(folders) - 1 - folders[::-1].index("images")] = "labels"
    named = root.joinpath(*folders, f"{image.stem}.txt")
    beside = image.with_suffix(".txt")
    return beside if not is_file(named) and is_file(beside) else named


def _candidates(image: ImageRow, root: Path, classes: Mapping[int, str]) -> Iterator[Candidate | Problem]:
    path = _label_file(image.path, root)
    if not path.is_file():
        return
    file = path.relative_to(root).as_posix()
    if path.stat().st_size > _MAX_BYTES:
        yield _malformed(file, f"{path.stat().st_size:,} bytes")
        return
    for number, line in enumerate(path.read_text(encoding="utf-8-sig", errors="replace").splitlines(), start=1):
        if line.strip():
            yield _candidate(image, line.split(), classes, file, number)


def _candidate(
    image: ImageRow, words: list[str], classes: Mapping[int, str], file: str, number: int
) -> Candidate | Problem:
    where = f"{file} line {number}"
    try:
        kind = int(words[0])
        x, y, width, height = (float(word) for word in words[1:])
    except ValueError:
        return _malformed(file, f"line {number}: {' '.join(words)[:60]!r}")
    left, top = (x - width / 2) * image.width, (y - height / 2) * image.height
    edges = (left, top, left + width * image.width, top + height * image.height)
    return Candidate(image.name, classes.get(kind, f"class {kind}"), edges, where)


def _orphans(root: Path, images: tuple[ImageRow, ...]) -> list[Problem]:
    expected = {_label_file(image.path, root) for image in images}
    folders = [folder for pattern in _LABEL_FOLDERS for folder in root.glob(pattern)]
    present = [path for folder in folders or [root] for path in folder.rglob("*.txt")]
    lost = sorted({path for path in present if path not in expected and path.name not in _NOT_LABELS})
    return [_orphan(path.relative_to(root).as_posix()) for path in lost]


def _turned(image: ImageRow) -> Problem:
    rule = "Boxes are drawn on the upright picture"
    found = (
        f"a file that is stored turned (EXIF orientation {stored_turned(image.path)}); its boxes are taken as upright"
    )
    remedy = "Look at one in nonet's picture; if the boxes are off, save the image upright and annotate that"
    return Problem(Severity.WARNING, image.name, rule, found, remedy)


def _orphan(file: str) -> Problem:
    rule = "A label file belongs to an image"
    return Problem(Severity.ERROR, file, rule, "no usable image of that name", "Add the image")


def _malformed(file: str, found: str) -> Problem:
    rule = f"A YOLO label file has at most {_MAX_BYTES:,} bytes, and a class and four numbers a line"
    return Problem(Severity.ERROR, file, rule, found, "Export the labels as detection boxes")
