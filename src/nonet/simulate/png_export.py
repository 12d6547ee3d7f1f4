"""Simulated frames on disk: PNG, boxes in COCO form, true sizes as a table."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypedDict

from PIL import Image

from nonet.anatomy import STRUCTURES, Structure
from nonet.reading import Box
from nonet.simulate.simulated import Simulated

__all__ = ["SIZES", "TRUTH_COLUMNS", "coco", "write_boxes", "write_png", "write_truth"]

SIZES = ("crl_mm", "nt_mm", "nasal_bone_mm", "fourth_ventricle_mm", "cisterna_magna_mm", "bs_mm", "bsob_mm")

_COLUMNS = ("file", "device", "facing", "mm_per_px")

TRUTH_COLUMNS = (*_COLUMNS, *SIZES)
"""Columns of ``truth.csv``; a size of something that was left out is empty."""


class _ImageEntry(TypedDict):
    id: int
    file_name: str
    width: int
    height: int


class _CategoryEntry(TypedDict):
    id: int
    name: str


class _AnnotationEntry(TypedDict):
    id: int
    image_id: int
    category_id: int
    bbox: list[float]
    area: float
    iscrowd: int


class CocoDocument(TypedDict):
    """Boxes in the form of cocodataset.org; categories are the nine structures, from 1."""

    images: list[_ImageEntry]
    categories: list[_CategoryEntry]
    annotations: list[_AnnotationEntry]


def write_png(path: Path, frame: Simulated) -> None:
    """Write the pixels as an 8-bit grey PNG."""
    Image.fromarray(frame.pixels).save(path, optimize=True)


def write_boxes(path: Path, frames: Sequence[tuple[str, Simulated]]) -> None:
    """Write the boxes of named frames as one COCO file."""
    images = [(name, (frame.pixels.shape[1], frame.pixels.shape[0]), frame.boxes) for name, frame in frames]
    path.write_text(json.dumps(coco(images), indent=1) + "\n")


def coco(images: Sequence[tuple[str, tuple[int, int], Mapping[Structure, Box]]]) -> CocoDocument:
    """The boxes of images, ``bbox`` as x, y, width, height in pixels rounded to thousandths.

    Parameters
    ----------
    images
        Name, size ``(width, height)`` in pixels and boxes of each.
    """
    boxes = [
        (image, STRUCTURES.index(structure) + 1, box)
        for image, (_, _, own) in enumerate(images, start=1)
        for structure, box in own.items()
    ]
    return {
        "images": [
            {"id": index, "file_name": name, "width": size[0], "height": size[1]}
            for index, (name, size, _) in enumerate(images, start=1)
        ],
        "categories": [{"id": index, "name": structure.value} for index, structure in enumerate(STRUCTURES, start=1)],
        "annotations": [
            {
                "id": index,
                "image_id": image,
                "category_id": category,
                "bbox": [round(value, 3) for value in (box.x1, box.y1, box.width, box.height)],
                "area": round(box.width * box.height, 3),
                "iscrowd": 0,
            }
            for index, (image, category, box) in enumerate(boxes, start=1)
        ],
    }


def write_truth(path: Path, frames: Iterable[tuple[str, Simulated]], sizes: Sequence[str] = SIZES) -> None:
    """Write one row per named frame: machine, facing, pixel size, and true sizes by the names that `Simulated` has."""
    with path.open("w", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow((*_COLUMNS, *sizes))
        for name, frame in frames:
            known = [f"{frame.truth[size]:.4f}" if size in frame.truth else "" for size in sizes]
            table.writerow([name, frame.device.name, frame.facing.value, f"{frame.mm_per_px:.6f}", *known])
