"""``frames.csv``: what is known of each image beyond its boxes, beside a data set of any form.

One row per image, found by ``fname``. Columns, all optional: ``centre``, ``patient``,
``device_family``, ``layout``, and ``mm_per_px`` with ``scale_source`` and ``flags`` that say how far to trust it.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from nonet.datasets.data_set import ImageRow
from nonet.datasets.problems import Problem, Severity

__all__ = ["FRAME_COLUMNS_FILE", "with_frame_columns"]

FRAME_COLUMNS_FILE = "frames.csv"

_MAX_BYTES = 64 << 20
_KEY = "fname"


def with_frame_columns(images: Iterable[ImageRow], folder: Path) -> tuple[tuple[ImageRow, ...], tuple[Problem, ...]]:
    """Images with the columns of the folder's ``frames.csv`` filled in, as they are if it has none.

    A pixel size counts only if it is a positive number whose ``scale_source`` does not end in
    ``weak`` and whose flags do not say ``scale_geom_fail`` or ``scale_weak``.
    """
    path = folder / FRAME_COLUMNS_FILE
    if not path.is_file():
        return tuple(images), ()
    try:
        rows = _rows(path)
    except (OSError, ValueError, csv.Error) as problem:
        return tuple(images), (_unreadable(str(problem)),)
    return tuple(_filled(image, rows.get(image.name, {})) for image in images), ()


def _rows(path: Path) -> dict[str, Mapping[str, str]]:
    if path.stat().st_size > _MAX_BYTES:
        raise ValueError(f"more than {_MAX_BYTES >> 20} MiB")
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        if _KEY not in (reader.fieldnames or ()):
            raise ValueError(f"columns {', '.join(reader.fieldnames or ()) or 'none'}")
        return {row[_KEY]: {name: value or "" for name, value in row.items() if name} for row in reader}


def _filled(image: ImageRow, row: Mapping[str, str]) -> ImageRow:
    return replace(
        image,
        centre=row.get("centre") or image.centre,
        patient=row.get("patient") or image.patient,
        device=row.get("device_family") or image.device,
        layout=row.get("layout") or image.layout,
        mm_per_px=_trusted_scale(row) or image.mm_per_px,
    )


def _trusted_scale(row: Mapping[str, str]) -> float | None:
    doubted = {"scale_geom_fail", "scale_weak"} & set(row.get("flags", "").split(";"))
    if doubted or row.get("scale_source", "").endswith("weak"):
        return None
    try:
        scale = float(row.get("mm_per_px", ""))
    except ValueError:
        return None
    return scale if math.isfinite(scale) and scale > 0 else None


def _unreadable(found: str) -> Problem:
    rule = f"{FRAME_COLUMNS_FILE} is a CSV file in UTF-8 with a column {_KEY}"
    return Problem(Severity.ERROR, FRAME_COLUMNS_FILE, rule, found, "Save it again, or remove it")
