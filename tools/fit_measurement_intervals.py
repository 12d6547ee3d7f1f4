"""Write how wide the interval of each measurement is, from frames whose size is known.

``python tools/fit_measurement_intervals.py [FOLDER]``: the nuchal translucency from the printed readings of the Fetus
Framework data in FOLDER (as it is without one), the others from simulated heads on machines that training may draw
from. ``nonet evaluate measurements`` and ``nonet evaluate simulated-measurements`` say what share of sizes that were
not used here such intervals hold.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path

import numpy as np

from nonet.anatomy import Structure
from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.datasets import load
from nonet.datasets.frame_columns import FRAME_COLUMNS_FILE
from nonet.detect import Detector
from nonet.evaluate.measurements import read_printed, run_measurements
from nonet.evaluate.measurements.measurement_figures import INTERVAL, interval_factor
from nonet.evaluate.measurements.printed_readings import Scale
from nonet.frame import Frame, Source
from nonet.frames import hide_overlay
from nonet.measure import interval, measure_spans
from nonet.measure.interval import SpanInterval, half_width
from nonet.measure.protocols import MEASURED, Measured
from nonet.simulate import TRAINING_SEEDS, simulate
from nonet.simulate.measured_heads import is_known, known_mm

HEADS = range(TRAINING_SEEDS.start + 500_000, TRAINING_SEEDS.start + 500_100)
NUCHAL: Measured = (Structure.NUCHAL_TRANSLUCENCY, "thickness")
Pairs = list[tuple[float, float]]
"""Error and spread, millimetres."""


def main(folder: Path | None) -> None:
    """Measure, and write the file."""
    fitted = dict(interval.intervals())
    if folder:
        words = "printed readings of Set1 and Set2 of the Fetus Framework data, pixel size from a ruler, one hospital"
        fitted[NUCHAL] = _fitted(_printed(folder), words)
    words = f"simulated heads, seeds {HEADS.start} to {HEADS.stop - 1}, on the machines that training may draw from"
    for measured, pairs in _simulated().items():
        if measured != NUCHAL:
            fitted[measured] = _fitted(pairs, words)
    named: dict[str, dict[str, object]] = defaultdict(dict)
    for structure, name in MEASURED:
        if (structure, name) in fitted:
            named[structure.value][name] = asdict(fitted[structure, name])
    text = json.dumps(named, indent=1) + "\n"
    (Path(interval.__file__).parent / interval.INTERVAL_FILE).write_text(text, encoding="utf-8")
    sys.stdout.write(text)


def _fitted(pairs: Pairs, source: str) -> SpanInterval:
    errors, spreads = np.array(pairs).T
    return SpanInterval(round(interval_factor(errors, spreads), 4), INTERVAL, len(pairs), source)


def _printed(folder: Path) -> Pairs:
    run = run_measurements(load(folder).images, read_printed(folder / FRAME_COLUMNS_FILE), [DEFAULT_BUNDLE], workers=2)
    return [(one.measured - one.printed, one.spread) for one in run.compared if one.scale is Scale.RULER]


def _simulated() -> dict[Measured, Pairs]:
    detector, pairs = Detector(Bundle()), defaultdict(list)
    for seed in HEADS:
        made = simulate(seed)
        located = detector.locate(hide_overlay(Frame(made.pixels, Source("simulated", ""))))
        mm = made.mm_per_px / located.place.scale
        for measured, span in measure_spans(located, detector.visible_boxes(located)).items():
            if span is not None and is_known(made, measured):
                error = span.length * mm - known_mm(seed, made, measured)
                pairs[measured].append((error, half_width(span, 1) * mm))
    return pairs


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
