"""Data sets and predictions made of arrays, for the tests of this room."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from nonet.anatomy import STRUCTURES
from nonet.datasets import BoxRow, DataSet, ImageRow
from nonet.evaluate import Predictions, Use
from nonet.reading import Box, BundleReference

BUNDLE = BundleReference("test", "1.0", "ab" * 32)


@pytest.fixture
def data() -> DataSet:
    """Thirty frames; structure ``k`` is left unboxed in every frame whose number is ``k`` modulo 10."""
    rng = np.random.default_rng(1)
    corners = rng.integers(10, 200, (30, 9, 2))
    edges = np.concatenate([corners, corners + rng.integers(20, 80, (30, 9, 2))], axis=2).astype(float)
    images = tuple(ImageRow(f"{n}.png", Path(f"{n}.png"), 320, 320, "all", mm_per_px=0.1) for n in range(30))
    boxes = tuple(
        BoxRow(f"{n}.png", structure, Box(*edges[n, k]))
        for n in range(30)
        for k, structure in enumerate(STRUCTURES)
        if n % 10 != k
    )
    return DataSet("test", images, boxes)


@pytest.fixture
def perfect(data: DataSet) -> Predictions:
    """Every reference box, scored 0.9; where there is none, some box scored 0.1."""
    edges = np.tile(np.array([5.0, 5.0, 30.0, 30.0]), (30, 9, 1))
    scores = np.full((30, 9), 0.1)
    for n, image in enumerate(data.images):
        for structure, box in data.boxes_of(image).items():
            edges[n, STRUCTURES.index(structure)] = box.xyxy
            scores[n, STRUCTURES.index(structure)] = 0.9
    return predictions(data, edges, scores)


def predictions(data: DataSet, edges: NDArray[np.float64], scores: NDArray[np.float64]) -> Predictions:
    return Predictions(
        tuple(image.name for image in data.images),
        edges,
        scores,
        np.full(scores.shape, 0.5),
        (Use.UNSEEN,) * len(scores),
        BUNDLE,
        np.full(scores.shape, np.nan),
        np.full(edges.shape, np.nan),
    )
