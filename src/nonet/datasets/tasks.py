"""Tasks: the label of each row of a data set. Tasks differ in their rows and labels, and in nothing else."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from nonet.anatomy import STRUCTURES, Grade, Structure
from nonet.bundle import Unit
from nonet.datasets.data_set import DataSet, ImageRow, Plane
from nonet.datasets.exclusions import Excluded, ExclusionReason
from nonet.datasets.structure_names import structure_of
from nonet.errors import DatasetError

__all__ = ["NOT_VISIBLE", "VISIBLE", "LabelledRows", "Row", "Task", "label_rows"]

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
class LabelledRows:
    """The rows of a task with their labels.

    Attributes
    ----------
    unit
        Whether a row is a frame or a structure of one.
    classes
        In their order, if they have one.
    positive
        The class that sensitivity is of, and whose probability is quoted.
    labels
        By image name and structure, the structure None where rows are frames.
    data
        The data set with the images that have a label, patients, centres and devices filled in.
    excluded
        Images of the data set that have none, or are not used for another reason.
    """

    unit: Unit
    classes: tuple[str, ...]
    positive: str
    labels: Mapping[Row, str]
    data: DataSet
    excluded: tuple[Excluded, ...]


def label_rows(
    task: Task,
    data: DataSet,
    *,
    labels: Path | None = None,
    classes: tuple[str, ...] | None = None,
    positive: str | None = None,
) -> LabelledRows:
    """The rows of a task on a data set, with their labels.

    *plane*: whether a frame was filed as a standard plane. *visibility*: whether the readers boxed a structure, in
    standard frames that they boxed at all. *labels*: a site's own, from a CSV with the columns image, structure,
    label, and optionally patient, centre, device.

    Parameters
    ----------
    task
        What is graded.
    data
        The images.
    labels
        The CSV, for the task of that name.
    classes
        Order of its labels; by default that of normal, borderline and abnormal, or else of the alphabet.
    positive
        The label that sensitivity is of; by default the last.

    Raises
    ------
    DatasetError
        If the data have no labels for it.
    """
    if task is Task.PLANE:
        return _label_plane(data)
    if task is Task.VISIBILITY:
        return _label_visibility(data)
    if labels is None:
        raise DatasetError("The task labels has a CSV of labels", found="none", remedy="Name it")
    return _label_by_table(data, labels, classes, positive)


def _label_plane(data: DataSet) -> LabelledRows:
    """Whether a frame was filed as a standard plane."""
    labels_by_row: dict[Row, str] = {(image.name, None): image.plane.value for image in data.images if image.plane}
    order = (Plane.NON_STANDARD.value, Plane.STANDARD.value)
    return _labelled(Unit.FRAME, order, Plane.STANDARD.value, labels_by_row, data, ExclusionReason.NO_PLANE)


def _label_visibility(data: DataSet) -> LabelledRows:
    """Whether the readers boxed a structure, in standard frames that they boxed at all."""
    boxed = [image for image in data.images if image.plane is not Plane.NON_STANDARD and data.boxes_of(image)]
    labels_by_row: dict[Row, str] = {
        (image.name, structure): VISIBLE if structure in data.boxes_of(image) else NOT_VISIBLE
        for image in boxed
        for structure in STRUCTURES
    }
    return _labelled(Unit.STRUCTURE, (NOT_VISIBLE, VISIBLE), VISIBLE, labels_by_row, data, ExclusionReason.NO_BOXES)


def _label_by_table(data: DataSet, table: Path, classes: tuple[str, ...] | None, positive: str | None) -> LabelledRows:
    """What a site's own table says."""
    lines = _lines(table)
    images = {image.name: image for image in data.images}
    labels_by_row: dict[Row, str] = {}
    for number, line in enumerate(lines, start=2):
        image, structure, label = (line.get(column, "").strip() for column in ("image", "structure", "label"))
        known = structure_of(structure)
        if image not in images or known is None or not label:
            raise _malformed(table, f"line {number}: {image!r}, {structure!r}, {label!r}")
        if labels_by_row.setdefault((image, known), label) != label:
            raise _malformed(table, f"line {number}: a second label for the {known.label} of {image}")
        images[image] = _filled(images[image], line)
    found = set(labels_by_row.values())
    order = classes or (_GRADES if found <= set(_GRADES) else tuple(sorted(found)))
    if not found <= set(order) or len(found) < 2:
        raise _malformed(table, f"labels {sorted(found)}, of classes {list(order)}")
    order = tuple(label for label in order if label in found)
    if positive is not None and positive not in order:
        raise _malformed(table, f"no label {positive!r}, which is called positive")
    filled = replace(data, images=tuple(images[image.name] for image in data.images))
    return _labelled(Unit.STRUCTURE, order, positive or order[-1], labels_by_row, filled, ExclusionReason.NO_LABEL)


def _labelled(
    unit: Unit,
    classes: tuple[str, ...],
    positive: str,
    labels: Mapping[Row, str],
    data: DataSet,
    otherwise: ExclusionReason,
) -> LabelledRows:
    labelled = {image for image, _ in labels}
    without = [
        Excluded(image.name, otherwise, split=image.split) for image in data.images if image.name not in labelled
    ]
    kept = data.keeping(image for image in data.images if image.name in labelled)
    if not kept.images:
        raise DatasetError("A task has images with labels", found="none", remedy="Choose another task or split")
    return LabelledRows(unit, classes, positive, labels, kept, (*data.excluded, *without))


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
        remedy="Fix the line; nonet check lists the names of the images",
    )
