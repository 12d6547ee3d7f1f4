"""How far a detector is from what the reference boxes' own noise lets any detector reach.

Run ``python benchmarks/box_noise.py DATA ONE.csv OTHER.csv``: two predictions files of one part of the data, of
different trunks, from ``nonet evaluate detection --predictions``. Writes ``benchmarks/results/box_noise.json``.

The difference of a detector's box and the reader's has the detector's noise and the reader's. Of three measurements of
one thing whose errors are independent, each one's variance follows from the three differences (Grubbs 1948, doi
10.1080/01621459.1948.10483261): the reader's is half of (one - reader) + (other - reader) - (one - other). Differences
are of the centre, in sides of the reference box, and of the logarithms of the sides; each has a multivariate Student
distribution, by maximum likelihood. A detector without noise of its own and without bias would then lie from the
reader's box as the reader's noise alone says: its overlaps are drawn, and ranked as well as the first detector's.

What two detectors of one training set have in common counts as the reader's here, so that the true ceiling lies higher;
how much the readers of the one image that was boxed twice agree stands beside it.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import multivariate_t

from nonet.anatomy import STRUCTURES
from nonet.datasets import load
from nonet.datasets.spreadsheet import spreadsheet_rows
from nonet.datasets.structure_names import structure_of
from nonet.evaluate import Measure, Predictions, evaluate_detection, read_predictions
from nonet.evaluate.bootstrap import figure
from nonet.evaluate.detection.average_precision import IOU_THRESHOLDS, average_precision
from nonet.overlap import iou
from nonet.train.detector.samples import edges_of

RESULT = Path(__file__).parent / "results" / "box_noise.json"
FREEDOMS = (2.0, 3.0, 4.0, 6.0, 10.0, 30.0)
ROUNDS = 40
DRAWN = 20_000
RESAMPLES = 200
SEED = 20260
FOUND = 0.1
"""Boxes that overlap the reader's by less are of something else, and say nothing of noise."""
TWICE = ("134.png", "458.png")
Rows = NDArray[np.float64]


def noises(one: Rows, other: Rows, reference: Rows) -> tuple[tuple[float, Rows, Rows], Rows]:
    """Freedom, bias and scatter of the first detector from the reader, and the reader's own scatter, of boxes."""
    first = difference(one, reference, reference)
    fits = {tried: student(first, tried) for tried in FREEDOMS}
    freedom = max(FREEDOMS, key=lambda tried: fits[tried][2])
    bias, scatter, _ = fits[freedom]
    second = student(difference(other, reference, reference), freedom)[1]
    between = student(difference(one, other, reference), freedom)[1]
    values, vectors = np.linalg.eigh((scatter + second - between) / 2)
    return (freedom, bias, scatter), vectors @ np.diag(values.clip(0)) @ vectors.T


def difference(boxes: Rows, others: Rows, reference: Rows) -> Rows:
    """Of the centres, in sides of the reference, and of the logarithms of the sides."""
    sides, other_sides = boxes[:, 2:] - boxes[:, :2], others[:, 2:] - others[:, :2]
    apart = (boxes[:, :2] + boxes[:, 2:] - others[:, :2] - others[:, 2:]) / 2
    return np.hstack([apart / (reference[:, 2:] - reference[:, :2]), np.log(sides / other_sides)])


def student(rows: Rows, freedom: float) -> tuple[Rows, Rows, float]:
    """Location, scatter and log likelihood of a multivariate Student distribution (up to what freedom alone sets)."""
    middle, scatter = np.median(rows, axis=0), np.cov(rows.T)
    for _ in range(ROUNDS):
        off = rows - middle
        weight = (freedom + rows.shape[1]) / (freedom + np.einsum("ni,ij,nj->n", off, np.linalg.inv(scatter), off))
        middle = weight @ rows / weight.sum()
        off = rows - middle
        scatter = (off * weight[:, None]).T @ off / len(rows)
    return middle, scatter, float(multivariate_t.logpdf(rows, middle, scatter, freedom).sum())


def overlaps(bias: Rows, scatter: Rows, freedom: float, rng: np.random.Generator) -> Rows:
    """Of a unit box with boxes that differ from it so, ``float64[DRAWN]``."""
    return iou((0, 0, 1, 1), drawn(bias, scatter, freedom, rng))


def drawn(bias: Rows, scatter: Rows, freedom: float, rng: np.random.Generator) -> Rows:
    """Boxes that differ so from a unit box, ``float64[DRAWN, 4]``."""
    normal = rng.multivariate_normal(np.zeros(4), scatter, DRAWN, method="eigh")
    off = bias + normal / np.sqrt(rng.chisquare(freedom, (DRAWN, 1)) / freedom)
    half = np.exp(off[:, 2:].clip(-5, 5)) / 2
    return np.hstack([0.5 + off[:, :2] - half, 0.5 + off[:, :2] + half])


def ranking(scores: Rows, overlap: Rows) -> float:
    """The power of the share of fitting boxes that gives the average precision: 1 in the best order, about 2 by lot."""
    hits = overlap >= IOU_THRESHOLDS[:, None]
    ones = np.ones((1, len(scores)), np.int32)
    ap = average_precision(scores, hits, ones, np.array([len(scores)], np.int32))[:, 0]
    share = hits.mean(axis=1)
    known = (share > 0.05) & (share < 0.98) & (ap > 0)
    return float(np.sum(np.log(ap[known]) * np.log(share[known])) / np.sum(np.log(share[known]) ** 2))


def reached(overlap: Rows, power: float) -> tuple[float, float, float]:
    """AP50, AP50:95 and mean overlap of those that fit at .5."""
    ap = np.array([(overlap >= least).mean() for least in IOU_THRESHOLDS]) ** power
    return float(ap[0]), float(ap.mean()), float(overlap[overlap >= 0.5].mean())


def of_structure(one: Rows, other: Rows, reference: Rows, scores: Rows, rng: np.random.Generator) -> list[float]:
    """What the noise lets be reached, what the model makes of the first detector, and the overlap of two readings."""
    near = (iou(one, reference) > FOUND) & (iou(other, reference) > FOUND)
    (freedom, bias, scatter), noise = noises(one[near], other[near], reference[near])
    power = ranking(scores, iou(one, reference))
    ceiling = reached(overlaps(np.zeros(4), noise, freedom, rng), power)
    own = reached(overlaps(bias, scatter, freedom, rng), power)
    twice = [drawn(np.zeros(4), noise, freedom, rng) for _ in range(2)]
    return [*ceiling, *own, float(iou(*twice).mean()), float(np.trace(noise) / np.trace(scatter))]


NAMES = ("ap50", "ap50_95", "iou", "modelled_ap50", "modelled_ap50_95", "modelled_iou", "read_twice_iou", "noise_share")


def main(folder: Path, files: list[Path]) -> None:
    """Fit, draw, and write the file."""
    both = [read_predictions(file) for file in files]
    whole = load(folder)
    data = whole.keeping(image for image in whole.images if image.name in set(both[0].images)).boxed()
    one, other = (each.of(image.name for image in data.images) for each in both)
    reference = np.stack([edges_of(data.boxes_of(image)) for image in data.images]).astype(np.float64)
    measured = evaluate_detection(data, one).strict
    twice = _boxed_twice(folder)
    structures: dict[str, Any] = {}
    samples = []
    for place, structure in enumerate(STRUCTURES):
        boxed = np.flatnonzero(~np.isnan(reference[:, place, 0]))
        rng = np.random.default_rng(SEED)
        each = [boxed, *(rng.choice(boxed, len(boxed)) for _ in range(RESAMPLES))]
        rows = np.array([_of_rows(one, other, reference, place, chosen, rng) for chosen in each])
        samples.append(rows)
        structures[structure] = {
            "boxes": len(boxed),
            **{name: _rounded(rows[:, column]) for column, name in enumerate(NAMES)},
            "measured": {name.value: asdict(measured.structures[structure][name]) for name in _MEASURED},
            "boxed_twice_iou": twice[place],
        }
    means = np.mean(samples, axis=0)
    document = {
        "mean": {
            **{name: _rounded(means[:, column]) for column, name in enumerate(NAMES)},
            "measured": {name.value: asdict(measured.mean[name]) for name in _MEASURED},
        },
        "structures": structures,
        "frames": len(data.images),
        "detectors": [asdict(each.bundle) for each in both],
        "protocol": {
            "resamples": RESAMPLES,
            "seed": SEED,
            "drawn": DRAWN,
            "interval": "95 % percentile bootstrap of frames",
        },
    }
    RESULT.write_text(json.dumps(document, indent=1) + "\n")
    for name, row in [*structures.items(), ("mean", document["mean"])]:
        print(
            name,
            {key: row[key]["value"] for key in NAMES},
            {m.value: round(row["measured"][m.value]["value"], 3) for m in _MEASURED},
        )


_MEASURED = (Measure.AP50, Measure.AP50_95, Measure.IOU)


def _of_rows(
    one: Predictions,
    other: Predictions,
    reference: Rows,
    place: int,
    chosen: NDArray[np.intp],
    rng: np.random.Generator,
) -> list[float]:
    boxes = (each[chosen, place] for each in (one.boxes, other.boxes, reference))
    return of_structure(*boxes, one.scores[chosen, place], rng)


def _boxed_twice(folder: Path) -> list[float | None]:
    """Overlap of the two boxes of each structure of the image that is in the data twice; loading drops one."""
    boxes: dict[tuple[str, str], Rows] = {}
    for name, label, *edges in spreadsheet_rows(next(folder.glob("**/ObjectDetection.xlsx")))[1:]:
        structure = structure_of(str(label))
        if name in TWICE and structure:
            boxes[str(name), structure] = np.array(edges[:4], np.float64)
    pairs = ([boxes.get((name, structure)) for name in TWICE] for structure in STRUCTURES)
    return [None if one is None or other is None else round(float(iou(one, other)), 3) for one, other in pairs]


def _rounded(values: Rows) -> dict[str, float | None]:
    return {end: None if value is None else round(value, 4) for end, value in asdict(figure(values)).items()}


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
