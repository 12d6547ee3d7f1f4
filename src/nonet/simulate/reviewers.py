"""Reviewers who box the same frame again: as far apart as a detector and a reference on frames it has not seen.

What is measured, and drawn from, is whole rows: how the four edges of one box are off together, as
shares of its width and height. Rows are kept as for a face to the left, because the ends of a structure
towards face and neck are not found equally well.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from nonet.anatomy import STRUCTURES, Structure
from nonet.datasets import DataSet
from nonet.errors import DatasetError, LeakError
from nonet.evaluate import Predictions, Use
from nonet.reading import Box, BundleReference, Face

__all__ = [
    "Residuals",
    "jitter",
    "join_residuals",
    "measure_residuals",
    "read_pools",
    "read_residuals",
    "residuals_by_image",
    "write_pools",
    "write_residuals",
]

Row = tuple[float, float, float, float]
T = TypeVar("T")

_FACE = (Structure.PALATE, Structure.NASAL_TIP, Structure.NASAL_SKIN, Structure.NASAL_BONE)
_BRAIN = (Structure.THALAMI, Structure.MIDBRAIN, Structure.FOURTH_VENTRICLE, Structure.CISTERNA_MAGNA)


@dataclass(frozen=True)
class Residuals:
    """How far a second reviewer's edges lie from the first's.

    Parameters
    ----------
    rows
        For each structure ``float64[n, 4]``: x1, y1, x2, y2, second less first, as shares of the first
        box's width and height, turned as for a face to the left.
    bundle
        The detector that took the second reviewer's place.
    """

    rows: Mapping[Structure, NDArray[np.float64]]
    bundle: BundleReference


@dataclass(frozen=True)
class _Document:
    bundle: BundleReference
    rows: dict[Structure, list[Row]]


_DOCUMENT = TypeAdapter(_Document)
_POOLS = TypeAdapter(dict[str, _Document])

LEAST_ROWS = 5
"""A reviewer boxes a structure again where so many rows can be drawn from."""


def measure_residuals(data: DataSet, predictions: Predictions) -> Residuals:
    """The differences between predicted and reference boxes, where the structure was seen and the two overlap.

    A box that does not touch its reference is a mistake about where the structure is, and no other
    opinion about its edges.

    Parameters
    ----------
    data
        Holds the reference boxes; every boxed image of it is used.
    predictions
        Of a detector that has seen none of the images.

    Raises
    ------
    LeakError
        If the detector's training has seen one of the images.
    DatasetError
        If predictions are lacking, or a structure has no pair of boxes at all.
    """
    return join_residuals(residuals_by_image(data, predictions), predictions.bundle)


def join_residuals(of_image: Mapping[str, Mapping[Structure, Row]], bundle: BundleReference) -> Residuals:
    """The residuals of all images together, from what `residuals_by_image` gives.

    Raises
    ------
    DatasetError
        If a structure has no pair of boxes at all.
    """
    return _checked(_joined(of_image, of_image), bundle)


def residuals_by_image(data: DataSet, predictions: Predictions) -> dict[str, dict[Structure, Row]]:
    """As `measure_residuals`, the rows of each boxed image under its name.

    Raises
    ------
    LeakError
        If the detector's training has seen one of the images.
    DatasetError
        If predictions are lacking.
    """
    images = data.boxed().images
    predictions = predictions.of(image.name for image in images)
    _refuse_seen(predictions)
    of_image: dict[str, dict[Structure, Row]] = {}
    for index, image in enumerate(images):
        reference = data.boxes_of(image)
        face = _face(reference)
        rows = of_image[image.name] = {}
        for structure, box in reference.items():
            column = STRUCTURES.index(structure)
            found = Box(*predictions.boxes[index, column])
            seen = predictions.scores[index, column] >= predictions.operating_points[index, column]
            if seen and found.iou(box) > 0:
                rows[structure] = _turned(_shares(found, box), face)
    return of_image


def jitter(
    boxes: Mapping[Structure, Box], residuals: Residuals, rng: np.random.Generator, *, size: tuple[int, int]
) -> dict[Structure, Box]:
    """The boxes as another reviewer might draw them; each structure draws its own row.

    Parameters
    ----------
    boxes
        Boxes of one frame, inside it.
    residuals
        What to draw from; a structure without rows is not boxed again.
    rng
        One row is drawn from it for each of the nine structures, whether boxed or not, so that a box does
        not depend on which others there are.
    size
        Height and width of the frame, where boxes are cut. Something is always left: a row comes from
        boxes that overlap, and so do the two boxes here.
    """
    face = _face(boxes)
    drawn = {structure: rng.choice(rows) for structure in STRUCTURES if len(rows := residuals.rows.get(structure, ()))}
    return {
        structure: _moved(box, _turned(_row(drawn[structure]), face), size)
        for structure, box in boxes.items()
        if structure in drawn
    }


def write_residuals(residuals: Residuals, path: Path) -> None:
    """Write the rows, in full, and the detector's bundle as JSON."""
    rows = {structure.value: rows.tolist() for structure, rows in residuals.rows.items()}
    path.write_text(json.dumps({"bundle": asdict(residuals.bundle), "rows": rows}) + "\n")


def read_residuals(path: Path) -> Residuals:
    """Read what `write_residuals` wrote.

    Raises
    ------
    DatasetError
        If the file is not such a document, or holds rows that no two overlapping boxes can have.
    """
    document = _validated(_DOCUMENT, path)
    return _checked(document.rows, document.bundle)


def write_pools(
    of_image: Mapping[str, Mapping[Structure, Row]],
    pools: Mapping[str, Collection[str]],
    bundle: BundleReference,
    path: Path,
) -> None:
    """Write the residuals of each pool of images as JSON, none of a structure that has fewer than `LEAST_ROWS`.

    Parameters
    ----------
    of_image
        As `residuals_by_image` gives them.
    pools
        Names of images by the name of their pool.
    bundle
        The detector that took the second reviewer's place.
    path
        Of the file.
    """
    documents = {
        name: {
            "bundle": asdict(bundle),
            "rows": {
                structure.value: rows
                for structure, rows in _joined(of_image, images).items()
                if len(rows) >= LEAST_ROWS
            },
        }
        for name, images in pools.items()
    }
    path.write_text(json.dumps(documents) + "\n")


def read_pools(path: Path) -> dict[str, Residuals]:
    """Read what `write_pools` wrote.

    Raises
    ------
    DatasetError
        If the file is not such a document, or holds rows that no two overlapping boxes can have.
    """
    documents = _validated(_POOLS, path)
    return {name: Residuals(_arrays(one.rows), one.bundle) for name, one in documents.items()}


def _validated(form: TypeAdapter[T], path: Path) -> T:
    """What a JSON file holds, if it has the form."""
    try:
        return form.validate_json(path.read_bytes())
    except (OSError, ValidationError) as problem:
        raise _malformed(f"{path.name}: {problem}") from problem


def _joined(of_image: Mapping[str, Mapping[Structure, Row]], images: Collection[str]) -> dict[Structure, list[Row]]:
    """The rows of some images by structure."""
    return {
        structure: [of_image[image][structure] for image in images if structure in of_image.get(image, ())]
        for structure in STRUCTURES
    }


def _refuse_seen(predictions: Predictions) -> None:
    seen = [name for name, use in zip(predictions.images, predictions.uses, strict=True) if use is not Use.UNSEEN]
    if seen:
        raise LeakError(
            "A detector takes a reviewer's place on frames that its training has not seen",
            found=f"{len(seen)} of {len(predictions.images)} frames were seen, {seen[0]} among them",
            remedy="Give the predictions of frames that were held out",
        )


def _checked(rows: Mapping[Structure, list[Row]], bundle: BundleReference) -> Residuals:
    for structure in STRUCTURES:
        if not rows.get(structure):
            raise _malformed(f"none for {structure.value}")
    return Residuals(_arrays(rows), bundle)


def _arrays(rows: Mapping[Structure, list[Row]]) -> dict[Structure, NDArray[np.float64]]:
    arrays = {structure: np.array(some, dtype=np.float64) for structure, some in rows.items() if some}
    for structure, array in arrays.items():
        overlapping = (array[:, :2] < 1).all() and (array[:, 2:] > -1).all()
        ordered = (array[:, 2:] - array[:, :2] > -1).all()
        if not (np.isfinite(array).all() and overlapping and ordered):
            raise _malformed(f"a row of {structure.value} that is of no two overlapping boxes")
    return arrays


def _malformed(found: str) -> DatasetError:
    return DatasetError(
        "Residuals have rows of four edge differences for each of the nine structures",
        found=found,
        remedy="Measure them on a data set with boxes of all nine",
    )


def _face(boxes: Mapping[Structure, Box]) -> Face:
    """The side to which the face looks; left where the boxes do not show it."""
    face, brain = ([boxes[each].centre[0] for each in part if each in boxes] for part in (_FACE, _BRAIN))
    return Face.RIGHT if face and brain and np.mean(face) > np.mean(brain) else Face.LEFT


def _turned(row: Row, face: Face) -> Row:
    """A row mirrored where the face looks to the right: the edges x1 and x2 change places."""
    x1, y1, x2, y2 = row
    return row if face is Face.LEFT else (-x2, y1, -x1, y2)


def _shares(second: Box, first: Box) -> Row:
    """How far the second box's edges lie from the first's, as shares of the first's sides."""
    (x1, y1, x2, y2), sides = np.subtract(second.xyxy, first.xyxy), (first.width, first.height)
    return float(x1 / sides[0]), float(y1 / sides[1]), float(x2 / sides[0]), float(y2 / sides[1])


def _moved(box: Box, row: Row, size: tuple[int, int]) -> Box:
    """The box with its edges moved by shares of its sides, cut at the frame's edges."""
    height, width = size
    x1, x2 = (min(max(edge + share * box.width, 0.0), width) for edge, share in ((box.x1, row[0]), (box.x2, row[2])))
    y1, y2 = (min(max(edge + share * box.height, 0.0), height) for edge, share in ((box.y1, row[1]), (box.y2, row[3])))
    return Box(x1, y1, x2, y2)


def _row(array: NDArray[np.float64]) -> Row:
    x1, y1, x2, y2 = map(float, array)
    return x1, y1, x2, y2
