"""How large what is measured is on real standard frames of a hospital, beside nothing but published norms.

Run ``python benchmarks/measured_sizes.py FOLDER``, the Fetus Framework data. It reads standard frames of Set2, which
the shipped detector has not seen, whose pixel size ``frames.csv`` has from a ruler, and writes
``benchmarks/results/measured-sizes.json``: of each measurement the share of frames, and the quartiles and the 5th and
95th centile in millimetres. There is no truth for these frames but the printed nuchal translucency.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

from nonet.bundle import Bundle
from nonet.datasets import load
from nonet.datasets.data_set import Plane
from nonet.datasets.frame_columns import FRAME_COLUMNS_FILE
from nonet.datasets.inspection import first_frame
from nonet.detect import Detector
from nonet.measure.protocols import MEASURED
from nonet.simulate.measured_heads import measured_sizes

RESULT = Path(__file__).parent / "results/measured-sizes.json"
STRONG = {"ruler_dot10": "strong ruler", "ruler_dash5": "strong ruler", "ruler_ge5": "dots of 5 mm, inferred"}
CENTILES = (5, 25, 50, 75, 95)


def main(folder: Path) -> None:
    """Measure, and write the file."""
    with (folder / FRAME_COLUMNS_FILE).open(newline="") as file:
        scales = {row["fname"]: STRONG.get(row["scale_source"]) for row in csv.DictReader(file)}
    detector, bundle = Detector(Bundle()), Bundle()
    sizes, frames = defaultdict(lambda: defaultdict(list)), defaultdict(int)
    for image in load(folder).split("set2").images:
        scale = scales.get(image.name)
        limit = 40 if scale == STRONG["ruler_ge5"] else None
        if image.plane is Plane.STANDARD and image.mm_per_px and scale and (limit is None or frames[scale] < limit):
            frames[scale] += 1
            for measured, found in measured_sizes(detector, first_frame(image.path).pixels, image.mm_per_px).items():
                if found.value is not None:
                    sizes[scale][measured].append(found.value)
    figures = {
        scale: {f"{each[0].value}.{each[1]}": _row(sizes[scale][each], count) for each in MEASURED}
        for scale, count in frames.items()
    }
    document = {"frames": dict(frames), "bundle": bundle.reference.sha256, "sizes": figures}
    RESULT.write_text(json.dumps(document, indent=1) + "\n")
    sys.stdout.write(RESULT.read_text())


def _row(values: list[float], frames: int) -> dict[str, object]:
    centiles = np.percentile(values, CENTILES) if values else [np.nan] * len(CENTILES)
    return {
        "n": len(values),
        "share_measured": round(len(values) / frames, 4),
        "mm": {f"p{centile}": round(float(value), 3) for centile, value in zip(CENTILES, centiles, strict=True)},
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
