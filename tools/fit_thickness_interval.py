"""Write how wide the interval of the nuchal translucency's thickness is, from frames with a printed reading.

``python tools/fit_thickness_interval.py FOLDER`` reads the Fetus Framework data. ``nonet evaluate measurements`` says
what share of printed readings such intervals hold where they are fitted to other folds.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np

from nonet.bundle import DEFAULT_BUNDLE
from nonet.datasets import load
from nonet.datasets.frame_columns import FRAME_COLUMNS_FILE
from nonet.evaluate.measurements import read_printed, run_measurements
from nonet.evaluate.measurements.measurement_figures import INTERVAL, interval_factor
from nonet.evaluate.measurements.printed_readings import Scale
from nonet.measure import thickness


def main(folder: Path) -> None:
    """Measure, and write the file."""
    run = run_measurements(load(folder).images, read_printed(folder / FRAME_COLUMNS_FILE), [DEFAULT_BUNDLE], workers=2)
    ruled = [one for one in run.compared if one.scale is Scale.RULER]
    errors = np.array([one.measured - one.printed for one in ruled])
    factor = interval_factor(errors, np.array([one.spread for one in ruled]))
    source = "printed readings of Set1 and Set2 of the Fetus Framework data, pixel size from a ruler, one hospital"
    interval = thickness.ThicknessInterval(round(factor, 4), INTERVAL, len(ruled), source)
    text = json.dumps(asdict(interval), indent=1) + "\n"
    (Path(thickness.__file__).parent / thickness.INTERVAL_FILE).write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
