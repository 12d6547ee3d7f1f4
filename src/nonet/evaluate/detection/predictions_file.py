"""Predictions as a CSV file, so that every figure can be derived again without the detector.

One row a structure and image: ``image, structure, x1, y1, x2, y2, score, visibility, band_x1, band_y1,
band_x2, band_y2, operating_point, use, bundle, bundle_version, bundle_sha256``. Numbers are written in
full, so reading gives the same floats; visibility and bands are empty where the detector gives none.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from nonet.anatomy import STRUCTURES, Structure
from nonet.bundle.frames_seen import Use
from nonet.errors import DatasetError, RegionError
from nonet.evaluate.detection.predictions import Predictions
from nonet.reading import Box, BundleReference, Detection, EdgeBands

__all__ = ["read_predictions", "write_predictions"]

_COLUMNS = (
    *("image", "structure", "x1", "y1", "x2", "y2", "score"),
    *("visibility", "band_x1", "band_y1", "band_x2", "band_y2"),
    *("operating_point", "use", "bundle", "bundle_version", "bundle_sha256"),
)
_Row = dict[str, str]


def write_predictions(predictions: Predictions, path: Path) -> None:
    """Write the CSV file, images and structures in their order."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows(_rows(predictions))


def read_predictions(path: Path | str) -> Predictions:
    """Read what `write_predictions` wrote.

    Raises
    ------
    DatasetError
        If the file has other columns, a row cannot be understood, rows disagree on an operating
        point or the bundle, or an image lacks one of the nine.
    """
    path = Path(path)
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        detections = _detections(rows)
        points = {(row["image"], Structure(row["structure"])): _share(row["operating_point"]) for row in rows}
        uses = {row["image"]: Use(row["use"]) for row in rows}
        bundles = {BundleReference(row["bundle"], row["bundle_version"], row["bundle_sha256"]) for row in rows}
    except (OSError, KeyError, TypeError, ValueError, csv.Error, RegionError) as problem:
        raise _malformed(path, f"{type(problem).__name__}: {problem}") from problem
    if len(bundles) != 1:
        raise _malformed(path, f"{len(bundles)} bundles")
    read = Predictions.from_detections(detections, dict.fromkeys(STRUCTURES, 0.0), uses, bundles.pop())
    per_image = [[points[image, structure] for structure in STRUCTURES] for image in read.images]
    return replace(read, operating_points=np.array(per_image))


def _rows(predictions: Predictions) -> Iterator[tuple[object, ...]]:
    bundle = (predictions.bundle.name, predictions.bundle.version, predictions.bundle.sha256)
    calibrated = (predictions.visibility, predictions.edge_bands)
    columns = (predictions.images, predictions.boxes, predictions.scores, predictions.operating_points)
    for image, boxes, scores, points, use, visibility, bands in zip(
        *columns, predictions.uses, *calibrated, strict=True
    ):
        for index, structure in enumerate(STRUCTURES):
            point = float(points[index])
            further = map(_or_empty, (visibility[index], *bands[index]))
            yield image, structure, *map(float, boxes[index]), float(scores[index]), *further, point, use, *bundle


def _detections(rows: Iterable[_Row]) -> dict[str, list[Detection]]:
    detections: dict[str, list[Detection]] = {}
    for row in rows:
        edges = (float(row[edge]) for edge in ("x1", "y1", "x2", "y2"))
        visibility = _share(row["visibility"]) if row["visibility"] else None
        detection = Detection(Structure(row["structure"]), Box(*edges), _share(row["score"]), visibility, _bands(row))
        detections.setdefault(row["image"], []).append(detection)
    return detections


def _bands(row: _Row) -> EdgeBands | None:
    if not row["band_x1"]:
        return None
    x1, y1, x2, y2 = (float(row[f"band_{edge}"]) for edge in ("x1", "y1", "x2", "y2"))
    if not all(math.isfinite(band) and band >= 0 for band in (x1, y1, x2, y2)):
        raise ValueError("a band is a length in pixels")
    return x1, y1, x2, y2


def _or_empty(value: float) -> float | str:
    return "" if math.isnan(value) else float(value)


def _share(text: str) -> float:
    value = float(text)
    if not (math.isfinite(value) and 0 <= value <= 1):
        raise ValueError(f"{text} is not between 0 and 1")
    return value


def _malformed(path: Path, found: str) -> DatasetError:
    return DatasetError(
        f"A predictions file has columns {', '.join(_COLUMNS)}, and comes from one bundle",
        found=f"{path.name}: {found}",
        remedy="Write it again with nonet evaluate detection --predictions",
    )
