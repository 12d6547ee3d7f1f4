"""How large the structures that can be edited are before any edit, on standard frames of Set1, by their edges.

Run ``python benchmarks/edit_populations.py FOLDER``, the Fetus Framework data. It takes the reference boxes of every
frame of Set1 whose pixel size ``frames.csv`` has from a ruler, and writes ``benchmarks/results/edit-populations.json``:
of each variable its centiles in millimetres and in head units, and how far its two starting values differ. The bands of
``src/nonet/simulate/edits/bands.json`` are made of them. No detector and no ruler of a reading takes part.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

from nonet.datasets import load
from nonet.datasets.frame_columns import FRAME_COLUMNS_FILE
from nonet.datasets.inspection import first_frame
from nonet.errors import SettingsError
from nonet.simulate.edits.edit import EDITED
from nonet.simulate.edits.start import head_unit_px, starting_size

RESULT = Path(__file__).parent / "results/edit-populations.json"
STRONG = ("ruler_dot10", "ruler_dash5", "ruler_ge5")
CENTILES = (1, 5, 50, 95, 99)


def main(folder: Path) -> None:
    """Measure, and write the file."""
    with (folder / FRAME_COLUMNS_FILE).open(newline="") as file:
        strong = {row["fname"] for row in csv.DictReader(file) if row["scale_source"] in STRONG}
    data = load(folder).split("set1")
    boxes = defaultdict(dict)
    for row in data.boxes:
        boxes[row.image][row.structure] = row.box
    values, frames = defaultdict(list), 0
    for image in data.images:
        unit = head_unit_px(boxes[image.name])
        if image.name not in strong or image.mm_per_px is None or unit is None:
            continue
        frames += 1
        pixels = first_frame(image.path).pixels
        values["head unit"].append((unit * image.mm_per_px, 1.0, np.nan))
        for structure, variable in EDITED:
            try:
                start = starting_size(pixels, boxes[image.name], structure, variable)
            except SettingsError:
                continue
            scale, of_unit = (1.0, 1.0) if variable == "echo" else (image.mm_per_px, 1 / unit)
            differ = np.nan if start.box is None else (start.edges - start.box) * scale
            values[f"{structure.value} {variable}"].append((start.edges * scale, start.edges * of_unit, differ))
    figures = {name: _row(np.array(rows)) for name, rows in values.items() if not name.endswith(" gap")}
    document = {"frames": frames, "variables": figures}
    RESULT.write_text(json.dumps(document, indent=1) + "\n")
    sys.stdout.write(RESULT.read_text())


def _row(rows: np.ndarray) -> dict[str, object]:
    row = {"n": len(rows), "own_unit": _centiles(rows[:, 0]), "head_units": _centiles(rows[:, 1])}
    differ = rows[np.isfinite(rows[:, 2]), 2]
    if differ.size:
        spread = 1.4826 * float(np.median(np.abs(differ - np.median(differ))))
        row["standard_error"] = round(spread / np.sqrt(2), 3)
    return row


def _centiles(values: np.ndarray) -> dict[str, float]:
    return {f"p{one}": round(float(value), 4) for one, value in zip(CENTILES, np.percentile(values, CENTILES), strict=True)}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
