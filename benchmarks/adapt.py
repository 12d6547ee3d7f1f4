"""What adapting a grader to a site is worth: 40 frames of the maker that was left out, 50 draws, the rest tested.

From the predictions that the plane study keeps: graders of one maker on the frames of the other. Each draw takes 40
frames, sets calibration and conformal sets on them as ``nonet adapt`` does, and tests the frames that are left.

    python benchmarks/adapt.py
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from nonet.evaluate.adaptation.site_adaptation import LEAST
from nonet.evaluate.grading import read_rows
from nonet.grade.site_calibration import SiteCalibration
from nonet.study.figures import KEYS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.evaluate.grading import GradedRows

STUDY = Path(__file__).parent / "results" / "studies" / "plane-quality"
RESULT = Path(__file__).parent / "results" / "adapt.json"
FRAMES, DRAWS = (25, 40, 50), 50


def measured(
    probabilities: NDArray[np.float64], sets: NDArray[np.bool_], labels: NDArray[np.intp], rows: GradedRows
) -> dict[str, float]:
    """Sensitivity, specificity, and coverage of each class."""
    positive = rows.classes.index(rows.positive)
    called = probabilities.argmax(axis=1) == positive
    coverage = {f"coverage, {name}": float(sets[labels == k, k].mean()) for k, name in enumerate(rows.classes)}
    return {
        "sensitivity": float(called[labels == positive].mean()),
        "specificity": float((~called)[labels != positive].mean()),
        **coverage,
    }


def draws(rows: GradedRows, frames: int, level: float) -> dict[str, Any]:
    """Mean over the draws, and the least and greatest, before and after."""
    labels, before, after = rows.labels, [], []
    for draw in range(DRAWS):
        order = np.random.default_rng(draw).permutation(len(labels))
        own, rest = order[:frames], order[frames:]
        if np.bincount(labels[own], minlength=2).min() < LEAST:
            continue
        site = SiteCalibration.fit(rows.probabilities[own], labels[own], rows.groups[own], level=level)
        before.append(measured(rows.probabilities[rest], rows.sets[rest], labels[rest], rows))
        after.append(measured(*site.apply(rows.probabilities[rest]), labels[rest], rows))
    return {
        when: {
            name: {
                "mean": round(float(np.mean(values)), 4),
                "least": round(min(values), 4),
                "greatest": round(max(values), 4),
            }
            for name in some[0]
            for values in [[one[name] for one in some]]
        }
        for when, some in (("before", before), ("after", after))
    } | {"draws": len(after)}


def main() -> None:
    """Measure the shipped arm on each maker left out, print and write."""
    figures = json.loads((STUDY / "figures.json").read_text())
    best = (figures["best"]["arm"], figures["best"]["kind"])
    with TemporaryDirectory() as folder:
        file = Path(folder) / "predictions.csv"
        file.write_bytes(gzip.decompress((STUDY / "predictions.csv.gz").read_bytes()))
        kept = [(key, rows) for key, rows in read_rows(file, figures["positive"], KEYS) if key[2:] == best]
    result = [
        {"left_out": key[0], "frames": frames, "conformal_level": level, **draws(rows, frames, level)}
        for key, rows in kept
        if key[0].startswith("without ")
        for frames in FRAMES
        for level in (0.9, 0.95)
    ]
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    for one in result:
        means = {when: {name: value["mean"] for name, value in one[when].items()} for when in ("before", "after")}
        head = f"{one['left_out']}, {one['frames']} frames, {one['draws']} draws, {one['conformal_level']:.0%} sets"
        sys.stdout.write(f"{head}: {json.dumps(means)}\n")


if __name__ == "__main__":
    main()
