"""Write the limits of the plane criteria from frames that were filed as standard.

``python tools/fit_plane_criteria.py FOLDER`` reads Set1 of the Fetus Framework data, frames without a head left out.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np

import nonet.grade.plane_criteria as criteria
from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.datasets import ImageRow, load
from nonet.datasets.data_set import Plane
from nonet.datasets.inspection import first_frame
from nonet.detect import Detector
from nonet.frames import hide_overlay
from nonet.grade.plane_measures import edge_margins, magnification, sharpness
from nonet.work import run_items

SPLIT = "set1"
SHARE = 0.05
"""Of the standard frames that fall below a limit."""


def main(folder: Path) -> None:
    """Measure every standard frame, and take the centiles."""
    images = [image for image in load(folder).split(SPLIT).images if image.plane is Plane.STANDARD]
    measured = [one for one in run_items(_measures, images, _detector, workers=2) if one is not None]
    seen, shares, margins, sharp = np.array(measured, np.float64).T
    limits = criteria.CriterionLimits(
        structures_seen=int(np.quantile(seen, SHARE, method="lower")),
        magnification=_limit(shares),
        margin=_limit(margins),
        sharpness=_limit(sharp),
        share=SHARE,
        frames=len(measured),
        source="standard frames of Set1 of the Fetus Framework data, one hospital",
    )
    text = json.dumps(asdict(limits), indent=1) + "\n"
    (Path(criteria.__file__).parent / criteria.LIMITS_FILE).write_text(text, encoding="utf-8")
    sys.stdout.write(text)


def _detector() -> Detector:
    return Detector(Bundle(DEFAULT_BUNDLE))


def _measures(detector: Detector, image: ImageRow) -> tuple[float, float, float, float] | None:
    """Structures seen, magnification, least margin and sharpness of a frame; None without a head."""
    located = detector.locate(hide_overlay(first_frame(image.path)))
    if not located.found or detector.shape_prior is None:
        return None
    points = detector.manifest.operating_points
    seen = sum(found.score >= points[found.structure] for found in located.detections)
    sharp = sharpness(located)
    margin = min(edge_margins(located, detector.shape_prior).values())
    return seen, magnification(located, detector.shape_prior), margin, np.nan if sharp is None else sharp


def _limit(values: np.ndarray) -> float:
    return round(float(np.nanquantile(values, SHARE)), 4)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
