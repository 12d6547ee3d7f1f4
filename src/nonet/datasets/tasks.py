"""What is asked of a data set: the answer to each row, by the task; tasks are plug-ins that differ in nothing else."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from nonet.anatomy import STRUCTURES, Grade, Structure
from nonet.bundle import Unit
from nonet.datasets.data_set import DataSet, ImageRow, Plane
from nonet.datasets.structure_names import structure_of
from nonet.errors import DatasetError

__all__ = ["NOT_VISIBLE", "VISIBLE", "Excluded", "LabelledRows", "Row", "Task", "ask"]

VISIBLE, NOT_VISIBLE = "visible", "not visible"
"""The classes of the task visibility: boxed by the readers of the data set, or not."""

_GRADES = tuple(grade.value for grade in (Grade.NORMAL, Grade.BORDERLINE, Grade.ABNORMAL))
_CAP_BYTES = 256 << 20

Row = tuple[str, Structure | None]
"""An image by its name, and the structure, or None where a row is the whole frame."""


class Task(StrEnum):
    """What is graded."""

    PLANE = "plane"
    VISIBILITY = "visibility"
    LABELS = "labels"


@dataclass(frozen=True, slots=True)
class Excluded:
    """An image that is not asked about, and why."""

    image: str
    reason: str


@dataclass(frozen=True, slots=True)
class LabelledRows:
    """The rows of a task with their answers.

    Attributes
    ----------
    unit
        Whether a row is a frame or a structure of one.
    classes
        In their order, if they have one.
    positive
        The class that sensitivity is of, and whose probability is quoted.
    answers
        By image name and structure, the structure None where rows are frames.
    data
        The data set with the images that are asked about, patients, centres and devices filled in.
    left_out
        Images of the split that are not.
    """

    unit: Unit
    classes: tuple[str, ...]
    positive: str
    answers: Mapping[Row, str]
    data: DataSet
    left_out: tuple[Excluded, ...]


def ask(
    task: Task,
    data: DataSet,
    *,
    labels: Path | None = None,
    classes: tuple[str, ...] | None = None,
    positive: str | None = None,
) -> LabelledRows:
    """The question of a task about a data set.

    *plane*: whether a frame was filed as a standard plane. *visibility*: whether the readers boxed a structure, in
    standard frames that they boxed at all. *labels*: a site's own, from a CSV with the columns image, structure,
    label, and optionally patient, centre, device.

    Parameters
    ----------
    task
        What is asked.
    data
        Of which images.
    labels
        The CSV, for the task of that name.
    classes
        Order of its labels; by default that of normal, borderline and abnormal, or else of the alphabet.
    positive
        The label that sensitivity is of; by default the last.

    Raises
    ------
    DatasetError
        If the data cannot answer it.
    """
    if task is Task.PLANE:
        return _ask_plane(data)
    if task is Task.VISIBILITY:
        return _ask_visibility(data)
    if labels is None:
        raise DatasetError("The task labels has a CSV of labels", found="none", remedy="Name it")
    return _ask_labels(data, labels, classes, positive)


def _ask_plane(data: DataSet) -> LabelledRows:
    """Whether a frame was filed as a standard plane."""
    answers: dict[Row, str] = {(image.name, None): image.plane.value for image in data.images if image.plane}
    order = (Plane.NON_STANDARD.value, Plane.STANDARD.value)
    return _labelled(Unit.FRAME, order, Plane.STANDARD.value, answers, data, "no folder says which plane it is")


def _ask_visibility(data: DataSet) -> LabelledRows:
    """Whether the readers boxed a structure, in standard frames that they boxed at all."""
    asked = [image for image in data.images if image.plane is not Plane.NON_STANDARD and data.boxes_of(image)]
    answers: dict[Row, str] = {
        (image.name, structure): VISIBLE if structure in data.boxes_of(image) else NOT_VISIBLE
        for image in asked
        for structure in STRUCTURES
    }
    return _labelled(
        Unit.STRUCTURE, (NOT_VISIBLE, VISIBLE), VISIBLE, answers, data, "no boxes, or not a standard plane"
    )


def _ask_labels(data: DataSet, table: Path, classes: tuple[str, ...] | None, positive: str | None) -> LabelledRows:
    """What a site's own table says."""
    lines = _lines(table)
    images = {image.name: image for image in data.images}
    answers: dict[Row, str] = {}
    for number, line in enumerate(lines, start=2):
        image, structure, label = (line.get(column, "").strip() for column in ("image", "structure", "label"))
        known = structure_of(structure)
        if image not in images or known is None or not label:
            raise _malformed(table, f"line {number}: {image!r}, {structure!r}, {label!r}")
        if answers.setdefault((image, known), label) != label:
            raise _malformed(table, f"line {number}: a second label for the {known.label} of {image}")
        images[image] = _filled(images[image], line)
    found = set(answers.values())
    order = classes or (_GRADES if found <= set(_GRADES) else tuple(sorted(found)))
    if not found <= set(order) or len(found) < 2:
        raise _malformed(table, f"labels {sorted(found)}, of classes {list(order)}")
    order = tuple(label for label in order if label in found)
    if positive is not None and positive not in order:
        raise _malformed(table, f"no label {positive!r}, which is called positive")
    described = replace(data, images=tuple(images[image.name] for image in data.images))
    return _labelled(Unit.STRUCTURE, order, positive or order[-1], answers, described, "no label")


def _labelled(
    unit: Unit, classes: tuple[str, ...], positive: str, answers: Mapping[Row, str], data: DataSet, otherwise: str
) -> LabelledRows:
    asked = {image for image, _ in answers}
    left_out = tuple(Excluded(image.name, otherwise) for image in data.images if image.name not in asked)
    kept = data.keeping(image for image in data.images if image.name in asked)
    if not kept.images:
        raise DatasetError("A task has images with answers", found="none", remedy="Choose another task or split")
    return LabelledRows(unit, classes, positive, answers, kept, left_out)


def _lines(table: Path) -> list[dict[str, str]]:
    try:
        if table.stat().st_size > _CAP_BYTES:
            raise ValueError(f"more than {_CAP_BYTES >> 20} MiB")
        with table.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if not {"image", "structure", "label"} <= set(reader.fieldnames or ()):
                raise ValueError(f"columns {', '.join(reader.fieldnames or ()) or 'none'}")
            return [{name: value or "" for name, value in row.items() if name} for row in reader]
    except (OSError, ValueError, csv.Error) as problem:
        raise _malformed(table, str(problem)) from problem


def _filled(image: ImageRow, line: Mapping[str, str]) -> ImageRow:
    """The image with what its line says besides; what a line leaves empty stays."""
    return replace(
        image,
        patient=line.get("patient") or image.patient,
        centre=line.get("centre") or image.centre,
        device=line.get("device") or image.device,
    )


def _malformed(table: Path, found: str) -> DatasetError:
    return DatasetError(
        "A table of labels has columns image, structure and label, an image of the data set and one of the nine a line",
        found=f"{table.name}: {found}",
        remedy="Mend the line; nonet check tells the names of the images",
    )
