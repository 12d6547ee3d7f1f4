"""Tasks: the label of each row of a data set. Tasks differ in their rows and labels, and in nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from nonet.anatomy import STRUCTURES
from nonet.bundle import Unit
from nonet.datasets.data_set import DataSet, Plane
from nonet.datasets.exclusions import Excluded, ExclusionReason
from nonet.datasets.grade_bands import GradeBands, grades_by_bands
from nonet.datasets.label_table import GRADES as _GRADES
from nonet.datasets.label_table import Row, malformed_table, read_label_table
from nonet.errors import DatasetError

__all__ = ["NOT_VISIBLE", "VISIBLE", "LabelledRows", "Row", "Task", "label_rows"]

VISIBLE, NOT_VISIBLE = "visible", "not visible"
"""The classes of the task visibility: boxed by the readers of the data set, or not."""


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
    bands: tuple[GradeBands, Path] | None = None,
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
    bands
        In place of the CSV: bands that grades are read off, and the folder of their table of sizes.
    classes
        Order of its labels; by default that of normal, borderline and abnormal, or else of the alphabet.
    positive
        The label that sensitivity is of; by default the last.

    Raises
    ------
    DatasetError
        If the data have no labels for it, or the table has lines that are wrong; all are named.
    """
    if task is Task.PLANE:
        return _label_plane(data)
    if task is Task.VISIBILITY:
        return _label_visibility(data)
    if bands is not None:
        return _label_by_bands(data, *bands, positive)
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
    read = read_label_table(table, data)
    found = set(read.labels.values())
    order = classes or (_GRADES if found <= set(_GRADES) else tuple(sorted(found)))
    if not found <= set(order) or len(found) < 2:
        raise malformed_table(table, f"labels {sorted(found)}, of classes {list(order)}")
    order = tuple(label for label in order if label in found)
    if positive is not None and positive not in order:
        raise malformed_table(table, f"no label {positive!r}, which is called positive")
    filled = replace(
        data,
        images=tuple(read.images[image.name] for image in data.images),
        problems=(*data.problems, *read.problems),
    )
    return _labelled(Unit.STRUCTURE, order, positive or order[-1], read.labels, filled, ExclusionReason.NO_LABEL)


def _label_by_bands(data: DataSet, bands: GradeBands, folder: Path, positive: str | None) -> LabelledRows:
    """The grades that sizes have."""
    labels = grades_by_bands(bands, folder, data)
    order = tuple(grade for grade in _GRADES if grade in set(labels.values()))
    if len(order) < 2 or (positive is not None and positive not in order):
        raise DatasetError(
            "Bands divide a table of sizes into two grades at least, the positive one among them",
            found=", ".join(order) or "no size",
            remedy="Change the bands in the plan",
        )
    return _labelled(Unit.STRUCTURE, order, positive or order[-1], labels, data, ExclusionReason.NO_LABEL)


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
