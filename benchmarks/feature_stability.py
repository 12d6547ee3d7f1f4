"""What share of the features comes out alike on zoom twins of real frames, reference boxes carried along exactly.

Run ``python benchmarks/feature_stability.py FOLDER`` with the Fetus Framework data. It writes
``benchmarks/results/feature_stability.json``: of 100 boxed frames of Set2, for each structure, the share of radiomic
and of deep features whose ICC(A,1) with the frame as it is is at least 0.75 in the median twin and 0.5 in the worst;
means over structures, with intervals over frames.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from nonet.anatomy import STRUCTURES, Structure
from nonet.bundle import Bundle
from nonet.datasets import ImageRow, load
from nonet.datasets.inspection import first_frame
from nonet.evaluate.robustness.twins import TWINS, Twin, TwinFamily
from nonet.features.frame_features import FrameFeatureExtractor
from nonet.features.parts import FeaturePart
from nonet.frame import Frame
from nonet.frames import hide_overlay
from nonet.reading import Box
from nonet.select.icc import agreement
from nonet.work import run_items

RESULT = Path(__file__).parent / "results" / "feature_stability.json"
SPLIT, FRAMES, RESAMPLES = "set2", 100, 100
LEAST_MEDIAN, LEAST_PAIR, FEWEST = 0.75, 0.5, 30
ZOOMS = tuple(twin for twin in TWINS if twin.family is TwinFamily.ZOOM)

Item = tuple[ImageRow, dict[Structure, Box]]


class Extractor:
    """Radiomic and deep features of reference boxes, in the head frame that these say."""

    def __init__(self) -> None:
        self.extractor = FrameFeatureExtractor(Bundle(), {FeaturePart.RADIOMICS, FeaturePart.DEEP})

    def values(self, frame: Frame, boxes: dict[Structure, Box]) -> np.ndarray:
        """``float64[9, F]``, NaN where there is no box."""
        hidden = hide_overlay(frame)
        place = self.extractor.head_frame_of(boxes, hidden)
        values = np.full((len(STRUCTURES), len(self.extractor.names)), np.nan)
        rows = [STRUCTURES.index(structure) for structure in boxes]
        values[rows] = self.extractor.box_features(place.apply(hidden.pixels), place.boxes(list(boxes.values())))
        return values


def measure(extractor: Extractor, item: Item) -> np.ndarray:
    """``float32[1 + twins, 9, F]``: the frame as it is, then its twins."""
    image, boxes = item
    frame = first_frame(image.path)
    rng = np.random.default_rng(0)

    def shown(twin: Twin) -> np.ndarray:
        pixels = np.ascontiguousarray(twin.pixels(frame.pixels, rng))
        carried = {structure: twin.box(box, frame.pixels.shape) for structure, box in boxes.items()}
        return extractor.values(replace(frame, pixels=pixels), carried)

    return np.array([extractor.values(frame, boxes), *map(shown, ZOOMS)], np.float32)


def stable(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of ``[N, 1 + twins, F]``: whether each feature is stable, ``bool[F]``, and its ICC by twin, ``[twins, F]``."""
    icc = np.array([agreement(values[:, [0, twin]].astype(np.float64)).icc for twin in range(1, values.shape[1])])
    known = np.nan_to_num(icc, nan=0.0)
    return (np.median(known, axis=0) >= LEAST_MEDIAN) & (known.min(axis=0) >= LEAST_PAIR), known


def shares(values: np.ndarray, kinds: dict[str, np.ndarray]) -> dict[str, dict[str, float]]:
    """By structure and kind of feature, the share that is stable; structures with too few boxes are left out."""
    found = {}
    for place, structure in enumerate(STRUCTURES):
        rows = values[np.isfinite(values[:, 0, place]).any(axis=1), :, place]
        if len(rows) >= FEWEST:
            kept, _ = stable(rows)
            found[structure.value] = {kind: float(kept[columns].mean()) for kind, columns in kinds.items()}
    return found


def main(folder: Path) -> None:
    """Measure, and write the file."""
    data = load(folder).split(SPLIT).boxed()
    ranked = sorted(data.images, key=lambda image: hashlib.sha256(image.name.encode()).hexdigest())[:FRAMES]
    items = [(image, dict(data.boxes_of(image))) for image in ranked]
    values = np.array(list(run_items(measure, items, Extractor, workers=2)))
    names = FrameFeatureExtractor(Bundle(), {FeaturePart.RADIOMICS, FeaturePart.DEEP}).names
    deep = np.array([name.startswith("deep_") for name in names])
    kinds = {"radiomic": ~deep, "deep": deep}
    whole = shares(values, kinds)
    rng = np.random.default_rng(0)
    drawn = [shares(values[rng.integers(len(values), size=len(values))], kinds) for _ in range(RESAMPLES)]

    def mean(of: dict[str, dict[str, float]], kind: str) -> float:
        return float(np.mean([one[kind] for one in of.values()]))

    figures = {
        kind: {
            "value": round(mean(whole, kind), 4),
            "low": round(float(np.quantile([mean(one, kind) for one in drawn], 0.025)), 4),
            "high": round(float(np.quantile([mean(one, kind) for one in drawn], 0.975)), 4),
        }
        for kind in kinds
    }
    document = {
        **figures,
        "structures": {name: {kind: round(value, 4) for kind, value in one.items()} for name, one in whole.items()},
        "twins": [twin.name for twin in ZOOMS],
        "frames": len(values),
        "features": {kind: int(columns.sum()) for kind, columns in kinds.items()},
        "protocol": {
            "boxes": "reference boxes carried along; the head frame from them",
            "stable": f"ICC(A,1) at least {LEAST_MEDIAN} in the median twin and {LEAST_PAIR} in the worst",
            "interval": f"95 % percentile bootstrap over frames, {RESAMPLES} resamples",
        },
    }
    RESULT.write_text(json.dumps(document, indent=1) + "\n")
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
