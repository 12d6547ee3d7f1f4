"""COCO: one or more JSON files of images, categories and ``bbox: [x, y, width, height]``.

Lin et al. 2014, *Microsoft COCO*, and the format page of cocodataset.org. A folder with one
annotation file is one split, ``all``; with several, each file's stem names a split.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from nonet.datasets.box_rules import Candidate, admit
from nonet.datasets.data_set import DataSet, ImageRow
from nonet.datasets.frame_columns import with_frame_columns
from nonet.datasets.image_files import image_size
from nonet.datasets.problems import Problem, Severity

__all__ = ["Coco"]

_MAX_BYTES = 256 << 20
_KEYS = ("images", "annotations", "categories")
_IMAGE_FOLDERS = (".", "images", "..", "../images")
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class _Image:
    id: int | str
    file_name: str
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class _Annotation:
    image_id: int | str
    category_id: int
    bbox: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class _Category:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class _Document:
    images: tuple[_Image, ...]
    annotations: tuple[_Annotation, ...]
    categories: tuple[_Category, ...]


class Coco:
    """Reader of COCO detection annotations."""

    name = "COCO"

    def recognises(self, path: Path) -> bool:
        """Whether the file is COCO JSON, or the folder (or its ``annotations``) holds such a file."""
        return bool(_documents(path))

    def read(self, path: Path) -> DataSet:
        """Every annotation file of the folder, or the one file, as one table.

        Parameters
        ----------
        path
            A ``.json`` file or the folder that holds it. ``file_name`` is sought beside the JSON
            file, in ``images`` there, and the same one folder up.
        """
        files = _documents(path)
        parts = [_read_file(file, "all" if len(files) == 1 else file.stem) for file in files]
        merged = _merge(parts)
        images, problems = with_frame_columns(merged.images, path if path.is_dir() else path.parent)
        return replace(merged, images=images, problems=(*merged.problems, *problems))


def _documents(path: Path) -> list[Path]:
    if path.is_file():
        return [path] if _looks_like_coco(path) else []
    found = (file for pattern in ("*.json", "annotations/*.json") for file in sorted(path.glob(pattern)))
    return [file for file in found if _looks_like_coco(file)]


def _looks_like_coco(path: Path) -> bool:
    if path.suffix.lower() != ".json" or path.stat().st_size > _MAX_BYTES:
        return False
    raw = path.read_bytes()
    return all(f'"{key}"'.encode() in raw for key in _KEYS)


def _read_file(path: Path, split: str) -> DataSet:
    document, problems = _parse(path)
    rows: dict[int | str, ImageRow] = {}
    for image in document.images:
        row, problem = _image_row(image, path.parent, split)
        if row is not None:
            rows[image.id] = row
        if problem is not None:
            problems.append(problem)
    boxes, box_problems = admit(_candidates(document), {row.name: row for row in rows.values()})
    return DataSet(Coco.name, tuple(rows.values()), boxes, (*problems, *box_problems))


def _parse(path: Path) -> tuple[_Document, list[Problem]]:
    problems: list[Problem] = []
    try:
        top = TypeAdapter(dict[str, object]).validate_python(json.loads(path.read_bytes()))
    except (ValueError, RecursionError) as problem:
        problems.append(_malformed(path.name, "the file", str(problem)))
        top = {}
    images = _items(top, "images", TypeAdapter(_Image), path.name, problems)
    annotations = _items(top, "annotations", TypeAdapter(_Annotation), path.name, problems)
    categories = _items(top, "categories", TypeAdapter(_Category), path.name, problems)
    return _Document(tuple(images), tuple(annotations), tuple(categories)), problems


def _items(
    top: dict[str, object], key: str, kind: TypeAdapter[_Item], file: str, problems: list[Problem]
) -> list[_Item]:
    listed = top.get(key, [])
    if not isinstance(listed, list):
        problems.append(_malformed(file, key, f"a {type(listed).__name__}"))
        return []
    items: list[_Item] = []
    for number, item in enumerate(listed):
        try:
            items.append(kind.validate_python(item))
        except ValidationError as problem:
            first = problem.errors()[0]
            where = ".".join(map(str, (key, number, *first["loc"])))
            problems.append(_malformed(file, where, first["msg"]))
    return items


def _image_row(image: _Image, folder: Path, split: str) -> tuple[ImageRow | None, Problem | None]:
    name = PurePosixPath(image.file_name.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts:
        rule, remedy = "file_name is a relative path inside the data set", "Write it relative to the JSON file"
        return None, Problem(Severity.ERROR, image.file_name, rule, image.file_name, remedy)
    path = next((folder / place / name for place in _IMAGE_FOLDERS if (folder / place / name).is_file()), None)
    if path is None:
        found = f"no such file beside the JSON file, in images, or one folder up from {folder.name}"
        return None, Problem(Severity.ERROR, str(name), "An image that is listed is there", found, "Add the image")
    size = image_size(path, str(name))
    if isinstance(size, Problem):
        return None, size
    return ImageRow(str(name), path, *size, split), _other_size(image, size)


def _other_size(image: _Image, size: tuple[int, int]) -> Problem | None:
    if image.width in {None, size[0]} and image.height in {None, size[1]}:
        return None
    found = f"{image.width} x {image.height} in the annotations, {size[0]} x {size[1]} in the file"
    rule = "An image has the size that its annotations were drawn at"
    return Problem(Severity.ERROR, image.file_name, rule, found, "Use the image that was annotated")


def _candidates(document: _Document) -> Iterator[Candidate]:
    names = {image.id: str(PurePosixPath(image.file_name.replace("\\", "/"))) for image in document.images}
    labels = {category.id: category.name for category in document.categories}
    for number, annotation in enumerate(document.annotations):
        x, y, width, height = annotation.bbox
        yield Candidate(
            names.get(annotation.image_id, f"image {annotation.image_id}"),
            labels.get(annotation.category_id, f"category {annotation.category_id}"),
            (x, y, x + width, y + height),
            f"annotations.{number}",
        )


def _merge(parts: Sequence[DataSet]) -> DataSet:
    merged = DataSet(Coco.name, (), ())
    for part in parts:
        known = {image.name for image in merged.images}
        again = [_listed_twice(image) for image in part.images if image.name in known]
        fresh = part.keeping(image for image in part.images if image.name not in known)
        merged = DataSet(
            Coco.name,
            (*merged.images, *fresh.images),
            (*merged.boxes, *fresh.boxes),
            (*merged.problems, *part.problems, *again),
        )
    return merged


def _listed_twice(image: ImageRow) -> Problem:
    found = f"listed again in {image.split}; the first listing is kept"
    return Problem(Severity.ERROR, image.name, "An image is in one annotation file", found, "Remove one of the two")


def _malformed(file: str, where: str, found: str) -> Problem:
    rule = "COCO JSON has lists of images, annotations and categories, and four numbers a bbox"
    return Problem(Severity.ERROR, file, rule, f"{where}: {found}", "Export the annotations again")
