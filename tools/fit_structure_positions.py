"""Fit the positions of the simulator's structures to the boxes of Set1: ``fit_structure_positions.py DATA -o FILE``.

Only statistics of boxes are written, no image and no single box. The validation and test splits are
not looked at.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nonet.anatomy import STRUCTURES, Structure
from nonet.datasets import DataSet, ImageRow, load
from nonet.reading import Box
from nonet.simulate.head.structure_positions import INNER, LAYOUT_FILE

AXES = 20
ROUNDS = 30

Row = NDArray[np.float64]


def main() -> None:
    """Read the arguments, fit, write the table."""
    parser = argparse.ArgumentParser(description="Fit the simulator's layout prior to the boxes of Set1.")
    parser.add_argument("data", type=Path, help="the Fetus Framework folder")
    parser.add_argument("-o", "--output", type=Path, default=LAYOUT_FILE)
    arguments = parser.parse_args()
    table = fit(load(arguments.data))
    arguments.output.write_text(json.dumps(table) + "\n")


def fit(data: DataSet) -> dict[str, object]:
    """The table from the images of Set1 on which the five inner structures are boxed."""
    part = data.split("set1")
    images = [image for image in part.images if all(structure in part.boxes_of(image) for structure in INNER)]
    rows = np.array([_relative(part.boxes_of(image)) for image in images])
    places = np.array([_place(part.boxes_of(image), image) for image in images])
    scaled = [_unit(part.boxes_of(image)) * image.mm_per_px for image in images if image.mm_per_px is not None]
    complete = _completed(rows)
    return {
        "source": "Cui C, Dong F (2022), Dataset for Fetus Framework, Mendeley Data n2rbrb9t4f, CC BY 4.0",
        "split": "set1",
        "images": len(images),
        "unit_mm": round(float(np.median(scaled)), 3),
        "unit_px": _mean_and_sd(places[:, 0]),
        "place_x": _mean_and_sd(places[:, 1]),
        "place_y": _mean_and_sd(places[:, 2]),
        "mean": complete.mean(axis=0).round(4).tolist(),
        "factor": _axes(complete).round(4).tolist(),
    }


def _inner(boxes: dict[Structure, Box]) -> Row:
    return np.array([boxes[structure].centre for structure in INNER])


def _unit(boxes: dict[Structure, Box]) -> float:
    centres = _inner(boxes)
    return float(np.sqrt(((centres - centres.mean(axis=0)) ** 2).sum(axis=1).mean()))


def _mirror(boxes: dict[Structure, Box]) -> float:
    """1 where the body lies to the left already, else -1."""
    return 1.0 if boxes[Structure.PALATE].centre[0] < boxes[Structure.THALAMI].centre[0] else -1.0


def _relative(boxes: dict[Structure, Box]) -> Row:
    """Centre x, centre y, log width, log height of each structure in head units; NaN where unboxed."""
    origin, unit, mirror = _inner(boxes).mean(axis=0), _unit(boxes), _mirror(boxes)
    rows = np.full((len(STRUCTURES), 4), np.nan)
    for index, structure in enumerate(STRUCTURES):
        if (box := boxes.get(structure)) is not None:
            x, y = (np.array(box.centre) - origin) / unit
            rows[index] = mirror * x, y, np.log(box.width / unit), np.log(box.height / unit)
    return rows.ravel()


def _place(boxes: dict[Structure, Box], image: ImageRow) -> Row:
    """Head unit in pixels, and the origin as shares of width (body to the left) and height."""
    x, y = _inner(boxes).mean(axis=0) / (image.width, image.height)
    return np.array([_unit(boxes), x if _mirror(boxes) > 0 else 1 - x, y])


def _completed(rows: Row) -> Row:
    """Missing entries replaced by their expectation under a normal distribution, iterated."""
    missing = np.isnan(rows)
    full = np.where(missing, np.nanmean(rows, axis=0), rows)
    for _ in range(ROUNDS):
        mean, covariance = full.mean(axis=0), np.cov(full.T) + 1e-6 * np.eye(rows.shape[1])
        for index in np.flatnonzero(missing.any(axis=1)):
            gone, seen = missing[index], ~missing[index]
            gain = np.linalg.solve(covariance[np.ix_(seen, seen)], full[index, seen] - mean[seen])
            full[index, gone] = mean[gone] + covariance[np.ix_(gone, seen)] @ gain
    return full


def _axes(rows: Row) -> Row:
    """Principal axes times their standard deviations, the longest first, with a fixed sign."""
    variance, vectors = np.linalg.eigh(np.cov(rows.T))
    order = np.argsort(-variance)[:AXES]
    axes = (vectors[:, order] * np.sqrt(variance[order])).T
    detector_features = np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])
    return np.asarray(axes * detector_features[:, None])


def _mean_and_sd(values: Row) -> list[float]:
    return [round(float(values.mean()), 4), round(float(values.std()), 4)]


if __name__ == "__main__":
    main()
