"""A site's own labels: a CSV with columns image, structure, label, and optionally patient, centre, device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nonet.anatomy import Grade, Structure
from nonet.datasets.csv_file import read_csv
from nonet.datasets.problems import Problem, Severity
from nonet.datasets.structure_names import structure_of
from nonet.errors import DatasetError

if TYPE_CHECKING:
    from pathlib import Path

    from nonet.datasets.data_set import DataSet, ImageRow

__all__ = ["GRADES", "LabelTable", "Row", "first_faults", "malformed_table", "read_label_table"]

GRADES = tuple(grade.value for grade in (Grade.NORMAL, Grade.BORDERLINE, Grade.ABNORMAL))
"""Labels that have an order of their own."""

Row = tuple[str, Structure | None]
"""An image by its name, and the structure, or None where a row is the whole frame."""

_COLUMNS = ("image", "structure", "label")
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class LabelTable:
    """The labels by image and structure, the images with what their lines say besides, and what is odd."""

    labels: Mapping[Row, str]
    images: Mapping[str, ImageRow]
    problems: tuple[Problem, ...]


def read_label_table(path: Path, data: DataSet) -> LabelTable:
    """Read a table of labels.

    A line without a label is no row. Labels that differ in capitals alone are one class, written as the first.

    Raises
    ------
    DatasetError
        If lines name no image of the data set or none of the nine structures, or give a second label; all are named.
    """
    try:
        table = read_csv(path, _COLUMNS)
    except (OSError, ValueError) as problem:
        raise malformed_table(path, str(problem)) from problem
    images = {image.name: image for image in data.images}
    labels: dict[Row, str] = {}
    spellings = {grade.casefold(): grade for grade in GRADES}
    faults: list[str] = []
    said: dict[str, dict[str, str]] = {}
    empty, respelt = [], set()
    for number, line in table.rows:
        image, structure = line["image"], structure_of(line["structure"])
        if image not in images:
            faults.append(f"line {number}, image: {image!r} is not in the data set")
        if structure is None:
            faults.append(f"line {number}, structure: {line['structure']!r} is none of the nine")
        if image not in images or structure is None:
            continue
        faults += _conflicts(number, images[image], said.setdefault(image, {}), line)
        images[image] = _filled(images[image], line)
        label = spellings.setdefault(line["label"].casefold(), line["label"])
        if not label:
            empty.append(number)
            continue
        if label != line["label"]:
            respelt.add((line["label"], label))
        if labels.setdefault((image, structure), label) != label:
            faults.append(f"line {number}, label: a second one for the {structure.label} of {image}")
    if faults:
        raise malformed_table(path, first_faults(faults))
    return LabelTable(labels, images, (*_empty(path, empty), *_respelt(path, sorted(respelt))))


def malformed_table(table: Path, found: str) -> DatasetError:
    """The error of a table of labels that cannot be used."""
    return DatasetError(
        "A table of labels has columns image, structure and label, an image of the data set and one of the nine a line",
        found=f"{table.name}: {found}",
        remedy="Fix the lines; nonet check lists the names of the images",
    )


def _conflicts(number: int, image: ImageRow, said: dict[str, str], line: Mapping[str, str]) -> list[str]:
    """What a line says of an image that an earlier line said otherwise; ``said`` takes up what is new."""
    faults = []
    for name in ("patient", "centre", "device"):
        word = line.get(name)
        if word and said.setdefault(name, word) != word:
            faults.append(f"line {number}, {name}: {word!r} for {image.name}, where an earlier line has {said[name]!r}")
    return faults


def _filled(image: ImageRow, line: Mapping[str, str]) -> ImageRow:
    """The image with what its line says besides; what a line leaves empty stays."""
    return replace(
        image,
        patient=line.get("patient") or image.patient,
        centre=line.get("centre") or image.centre,
        device=line.get("device") or image.device,
    )


def _empty(path: Path, lines: list[int]) -> list[Problem]:
    if not lines:
        return []
    found = f"none in {len(lines)} lines, the first {lines[0]}; they are not used"
    return [Problem(Severity.WARNING, path.name, "A line gives a label", found, "Fill in the label, or leave them out")]


def _respelt(path: Path, pairs: list[tuple[str, str]]) -> list[Problem]:
    rule, remedy = "A class is written in one way", "Write it in one way"
    return [
        Problem(Severity.WARNING, path.name, rule, f"{written!r}, read as {label!r}", remedy)
        for written, label in pairs
    ]


def first_faults(faults: list[str]) -> str:
    """The first faults of a table in one line, and how many more there are."""
    shown = "; ".join(faults[:_SHOWN])
    return shown if len(faults) <= _SHOWN else f"{shown}; and {len(faults) - _SHOWN} more"
