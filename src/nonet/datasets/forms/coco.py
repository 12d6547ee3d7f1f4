"""COCO: one or more JSON files of images, categories and ``bbox: [x, y, width, height]``.

Lin et al. 2014, *Microsoft COCO*, and the format page of cocodataset.org. A folder with one
annotation file is one split, ``all``; with several, each file's stem names a split, or its folder where they
lie in folders of their own, as Roboflow exports them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from nonet.datasets.box_rules import Candidate, admit
from nonet.datasets.data_set import DataSet, ImageRow
from nonet.datasets.frame_columns import with_frame_columns
from nonet.datasets.image_files import image_size, is_file, stored_turned
from nonet.datasets.problems import Problem, Severity

__all__ = ["Coco"]

_MAX_BYTES = 256 << 20
_KEYS = ("images", "annotations", "categories")
_IMAGE_FOLDERS = (".", "images", "..", "../images")
_PATTERNS = ("*.json", "annotations/*.json", "*/*.json", "*/annotations/*.json")
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
        """Whether the file is COCO JSON, or the folder, or one of its folders, holds such a file."""
        return bool(_documents(path))

    def read(self, path: Path) -> DataSet:
        """Every annotation file of the folder, or the one file, as one table.

        Parameters
        ----------
        path
            A ``.json`` file or the folder that holds it. ``file_name`` is sought beside the JSON
            file, in ``images`` there, the same one folder up, and in a folder whose name the JSON file's ends in.
        """
        files = _documents(path)
        apart = len({file.parent for file in files}) > 1
        parts = [
            _read_file(file, _split(file, path, apart=apart, alone=len(files) == 1), file.parent.name if apart else "")
            for file in files
        ]
        merged = _merge(parts)
        images, problems = with_frame_columns(merged.images, path if path.is_dir() else path.parent)
        return replace(merged, images=images, problems=(*merged.problems, *problems))


def _documents(path: Path) -> list[Path]:
    if path.is_file():
        return [path] if _looks_like_coco(path) else []
    found = dict.fromkeys(file for pattern in _PATTERNS for file in sorted(path.glob(pattern)))
    return [file for file in found if is_file(file) and _looks_like_coco(file)]


def _looks_like_coco(path: Path) -> bool:
    if path.suffix.lower() != ".json" or path.stat().st_size > _MAX_BYTES:
        return False
    raw = path.read_bytes()
    encoding = json.detect_encoding(raw)
    if not encoding.startswith("utf-8"):
        raw = raw.decode(encoding, errors="replace").encode(errors="replace")
    return all(f'"{key}"'.encode() in raw for key in _KEYS)


def _split(file: Path, root: Path, *, apart: bool, alone: bool) -> str:
    if alone:
        return "all"
    folder = file.parent.parent if file.parent.name == "annotations" else file.parent
    return folder.name if apart and folder != root else file.stem


def _read_file(path: Path, split: str, prefix: str) -> DataSet:
    document, problems = _parse(path)
    repeated = _repeated_ids(document)
    problems += [_id_twice(path.name, document, one) for one in repeated]
    rows: dict[int | str, ImageRow] = {}
    for image in document.images:
        row, problem = _image_row(image, path, split, prefix)
        if problem is not None:
            problems.append(problem)
        if row is not None and any(row.name == other.name for other in rows.values()):
            problems.append(_listed_twice(row))
        elif row is not None:
            rows[f"{image.id} of {image.file_name}" if image.id in repeated else image.id] = row
    images = {row.name: row for row in rows.values()}
    names = {image_id: row.name for image_id, row in rows.items()}
    boxes, box_problems = admit(_candidates(document, names, repeated), images)
    return DataSet(Coco.name, tuple(rows.values()), boxes, (*problems, *box_problems))


def _repeated_ids(document: _Document) -> set[int | str]:
    counts = Counter(image.id for image in document.images)
    return {image_id for image_id, count in counts.items() if count > 1}


def _id_twice(file: str, document: _Document, image_id: int | str) -> Problem:
    names = [image.file_name for image in document.images if image.id == image_id]
    boxes = sum(annotation.image_id == image_id for annotation in document.annotations)
    found = f"{', '.join(names[:3])} have the id {image_id}; {boxes} boxes are left out, as nothing says whose they are"
    return Problem(Severity.ERROR, file, "Each image has an id of its own", found, "Export the annotations again")


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


def _image_row(image: _Image, file: Path, split: str, prefix: str) -> tuple[ImageRow | None, Problem | None]:
    relative = PurePosixPath(image.file_name.replace("\\", "/"))
    name = f"{prefix}/{relative}" if prefix else str(relative)
    if relative.is_absolute() or ".." in relative.parts:
        rule, remedy = "file_name is a relative path inside the data set", "Write it relative to the JSON file"
        return None, Problem(Severity.ERROR, image.file_name, rule, image.file_name, remedy)
    folders = (file.parent / place for place in (*_IMAGE_FOLDERS, *_named_folders(file)))
    path = next((folder / relative for folder in folders if is_file(folder / relative)), None)
    if path is None:
        found = f"no such file beside the JSON file, in images, or one folder up from {file.parent.name}"
        return None, Problem(Severity.ERROR, name, "An image that is listed is there", found, "Add the image")
    size = image_size(path, name)
    if isinstance(size, Problem):
        return None, size
    return ImageRow(name, path, *size, split), _other_size(image, path, size)


def _named_folders(file: Path) -> tuple[str, ...]:
    """Folders of images that the annotation file's name ends in: train2017 for instances_train2017.json."""
    last = file.stem.rpartition("_")[2]
    return f"../{last}", f"../images/{last}", last


def _other_size(image: _Image, path: Path, size: tuple[int, int]) -> Problem | None:
    if image.width in {None, size[0]} and image.height in {None, size[1]}:
        return None
    found = f"{image.width} x {image.height} in the annotations, {size[0]} x {size[1]} in the file"
    rule, remedy = "An image has the size that its annotations were drawn at", "Use the image that was annotated"
    turned = stored_turned(path)
    if turned and (image.width, image.height) == size[::-1]:
        found += f" once it is turned upright (EXIF orientation {turned}): the boxes were drawn on the unturned picture"
        remedy = "Save the image upright, without the orientation, and annotate that"
    return Problem(Severity.ERROR, image.file_name, rule, found, remedy)


def _candidates(document: _Document, names: Mapping[int | str, str], repeated: set[int | str]) -> Iterator[Candidate]:
    listed = {image.id: image.file_name for image in document.images}
    labels = {category.id: category.name for category in document.categories}
    for number, annotation in enumerate(document.annotations):
        if annotation.image_id in repeated:
            continue
        x, y, width, height = annotation.bbox
        other = listed.get(annotation.image_id, f"image {annotation.image_id}")
        yield Candidate(
            names.get(annotation.image_id, other),
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
