"""A folder of frames whose structures have known grades: images, boxes, labels, and the sizes that the grades are of.

``nonet evaluate labels`` and ``nonet study run`` take it as any data set: ``boxes.json`` (COCO), ``frames.csv`` (of a
copy also the frame that it is a copy of), ``labels.csv`` (a site's form). ``truth.csv`` has a line for each size that
was given, those of sham copies among them, which have no label; ``left_out.csv`` says which structure of which frame
was given none, and why.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nonet.errors import DatasetError
from nonet.files import replacing
from nonet.simulate.png_export import coco

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from nonet.anatomy import Grade, Structure
    from nonet.reading import Box

__all__ = [
    "BOXES",
    "FRAMES",
    "IMAGES",
    "LABELS",
    "LEFT_OUT",
    "TRUTH",
    "TRUTH_COLUMNS",
    "GradedImage",
    "GradedSize",
    "LeftOut",
    "make_images_folder",
    "write_graded_set",
]

IMAGES, BOXES, FRAMES, LABELS = "images", "boxes.json", "frames.csv", "labels.csv"
TRUTH, LEFT_OUT = "truth.csv", "left_out.csv"

TRUTH_COLUMNS = ("image", "source", "structure", "variable", "unit", "start", "target", "grade", "sham")
"""Columns of ``truth.csv``; ``start`` is empty where there was nothing before."""

_FRAME_COLUMNS = ("fname", "patient", "device_family", "layout", "mm_per_px", "source")
_LABEL_COLUMNS = ("image", "structure", "label")
_LEFT_OUT_COLUMNS = ("source", "structure", "variable", "reason")


@dataclass(frozen=True, slots=True)
class GradedSize:
    """A size that a structure of an image was given.

    ``start`` is the one it had before, None of a simulated head. ``target`` and ``start`` are in ``unit``, that of the
    band. A ``sham`` went through the same machinery without a change: it has no label.
    """

    structure: Structure
    variable: str
    unit: str
    target: float
    grade: Grade
    start: float | None = None
    sham: bool = False


@dataclass(frozen=True, slots=True)
class GradedImage:
    """An image of the set, which lies in its folder already.

    ``size`` is ``(width, height)`` in pixels; ``source`` names the image of the set that it is a copy of.
    """

    name: str
    size: tuple[int, int]
    boxes: Mapping[Structure, Box]
    patient: str
    sizes: tuple[GradedSize, ...] = ()
    source: str | None = None
    device: str | None = None
    layout: str | None = None
    mm_per_px: float | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A structure of a frame that is given no size, at any grade, and why."""

    source: str
    structure: Structure
    variable: str
    reason: str


def make_images_folder(folder: Path) -> None:
    """Make the folder of a set and that of its images.

    Raises
    ------
    DatasetError
        If the folder holds anything: images of another run would pass for the set's.
    """
    if folder.is_dir() and any(folder.iterdir()):
        raise DatasetError(
            "A set is written to an empty folder", found=f"files in {folder.name}", remedy="Name another, or empty it"
        )
    (folder / IMAGES).mkdir(parents=True)


def write_graded_set(folder: Path, images: Sequence[GradedImage], left_out: Iterable[LeftOut] = ()) -> None:
    """Write the files of a set beside its images, which lie in the folder ``images``."""
    with replacing(folder / BOXES) as file:
        json.dump(coco([(one.name, one.size, one.boxes) for one in images]), file)
        file.write("\n")
    _write(folder / FRAMES, _FRAME_COLUMNS, (_frame_line(one) for one in images))
    labels = (
        (one.name, size.structure.value, size.grade.value) for one in images for size in one.sizes if not size.sham
    )
    _write(folder / LABELS, _LABEL_COLUMNS, labels)
    _write(folder / TRUTH, TRUTH_COLUMNS, (_truth_line(one, size) for one in images for size in one.sizes))
    lines = ((one.source, one.structure.value, one.variable, one.reason) for one in left_out)
    _write(folder / LEFT_OUT, _LEFT_OUT_COLUMNS, lines)


def _frame_line(image: GradedImage) -> tuple[str, ...]:
    scale = "" if image.mm_per_px is None else f"{image.mm_per_px:.6f}"
    return image.name, image.patient, image.device or "", image.layout or "", scale, image.source or ""


def _truth_line(image: GradedImage, size: GradedSize) -> tuple[str, ...]:
    start = "" if size.start is None else f"{size.start:.4f}"
    sizes = (size.structure.value, size.variable, size.unit, start, f"{size.target:.4f}", size.grade.value)
    return image.name, image.source or "", *sizes, str(int(size.sham))


def _write(path: Path, columns: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    with replacing(path) as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(columns)
        table.writerows(lines)
