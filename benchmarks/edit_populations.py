"""How large the structures that can be edited are before any edit, on standard frames of Set1, by their edges.

Run ``python benchmarks/edit_populations.py FOLDER``, the Fetus Framework data. It takes the reference boxes of every
frame of Set1 whose pixel size ``frames.csv`` has from a ruler, and writes ``benchmarks/results/edit-populations.json``:
of each variable its centiles in millimetres and in head units, over the frames whose two starting values agree, how
many do, and the standard error of a start: the robust standard deviation of the difference of both, over the square
root of two. Of the nuchal translucency, whose box says nothing, it is the robust standard deviation of the difference
from the printed readings. The bands of ``src/nonet/simulate/edits/bands.json`` are made of these. No detector and no
ruler of a reading takes part.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

from nonet.anatomy import Structure
from nonet.datasets import load
from nonet.datasets.frame_columns import FRAME_COLUMNS_FILE
from nonet.datasets.inspection import first_frame
from nonet.errors import SettingsError
from nonet.simulate.edits.edit import EDITED
from nonet.simulate.edits.start import agreed, head_unit_px, starting_size

RESULT = Path(__file__).parent / "results/edit-populations.json"
STRONG = ("ruler_dot10", "ruler_dash5", "ruler_ge5")
CENTILES = (1, 5, 50, 95, 99)


def main(folder: Path) -> None:
    """Measure, and write the file."""
    with (folder / FRAME_COLUMNS_FILE).open(newline="") as file:
        strong = {row["fname"]: row for row in csv.DictReader(file) if row["scale_source"] in STRONG}
    data = load(folder).split("set1")
    boxes = defaultdict(dict)
    for row in data.boxes:
        boxes[row.image][row.structure] = row.box
    values, seen, frames = defaultdict(list), defaultdict(int), 0
    for image in data.images:
        unit = head_unit_px(boxes[image.name])
        if image.name not in strong or image.mm_per_px is None or unit is None:
            continue
        frames += 1
        pixels = first_frame(image.path).pixels
        values["head unit"].append((unit * image.mm_per_px, 1.0, np.nan, np.nan))
        seen["head unit"] += 1
        printed = float(strong[image.name]["nt_printed_mm"] or "nan")
        for structure, variable in EDITED:
            name = f"{structure.value} {variable}"
            scale, of_unit = (1.0, 1.0) if variable == "echo" else (image.mm_per_px, 1 / unit)
            try:
                start = starting_size(pixels, boxes[image.name], structure, variable)
                seen[name] += 1
                size = agreed(start)
            except SettingsError:
                continue
            differ = np.nan if start.box is None else (start.edges - start.box) * scale
            against = size * scale - printed if structure is Structure.NUCHAL_TRANSLUCENCY else np.nan
            values[name].append((size * scale, size * of_unit, differ, against))
    figures = {name: _row(np.array(rows), seen[name]) for name, rows in values.items() if not name.endswith(" gap")}
    document = {"frames": frames, "variables": figures}
    RESULT.write_text(json.dumps(document, indent=1) + "\n")
    sys.stdout.write(RESULT.read_text())


def _row(rows: np.ndarray, seen: int) -> dict[str, object]:
    row = {"n": len(rows), "agree": round(len(rows) / seen, 3)}
    row |= {"own_unit": _centiles(rows[:, 0]), "head_units": _centiles(rows[:, 1])}
    differ, against = (rows[np.isfinite(rows[:, place]), place] for place in (2, 3))
    if differ.size:
        row["standard_error"] = round(_spread(differ) / np.sqrt(2), 3)
    if against.size:
        row["standard_error"] = round(_spread(against), 3)
        row["against_print"] = {"n": len(against), "median_mm": round(float(np.median(against)), 3)}
    return row


def _spread(values: np.ndarray) -> float:
    """A standard deviation that a few far off do not move."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))


def _centiles(values: np.ndarray) -> dict[str, float]:
    found = np.percentile(values, CENTILES)
    return {f"p{one}": round(float(value), 4) for one, value in zip(CENTILES, found, strict=True)}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
