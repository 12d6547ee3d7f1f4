"""Measure the greys of Set1 for ``nonet.simulate.edits.disguise``: ``python tools/fit_look.py DATA -o FILE``.

For each device family, the median over frames of 33 evenly spaced quantiles of grey, in the sector and off
what is drawn. No image is written. The validation and test splits are not looked at.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nonet.datasets import DataSet, ImageRow, load
from nonet.frames import mark, open_frames
from nonet.simulate.edits.disguise import LOOK_FILE

QUANTILES = 33
EVERY = 9


def main() -> None:
    """Read the arguments, measure, write the table."""
    parser = argparse.ArgumentParser(description="Measure the greys of Set1 by device family.")
    parser.add_argument("data", type=Path, help="the Fetus Framework folder")
    parser.add_argument("-o", "--output", type=Path, default=LOOK_FILE)
    arguments = parser.parse_args()
    arguments.output.write_text(json.dumps(fit(load(arguments.data))) + "\n")


def fit(data: DataSet) -> dict[str, object]:
    """The table of ``look.json`` from every ninth image of Set1 whose device family is known."""
    greys: dict[str, list[NDArray[np.float64]]] = defaultdict(list)
    for image in data.split("set1").images[::EVERY]:
        if image.device in ("GE", "Philips"):
            greys[image.device].append(_quantiles(image))
    return {
        "source": "Cui C, Dong F (2022), Dataset for Fetus Framework, Mendeley Data n2rbrb9t4f, CC BY 4.0",
        "split": "set1",
        "images": {family: len(rows) for family, rows in sorted(greys.items())},
        "quantiles": {family: np.median(rows, axis=0).round(1).tolist() for family, rows in sorted(greys.items())},
    }


def _quantiles(image: ImageRow) -> NDArray[np.float64]:
    frame = mark(next(open_frames(image.path)))
    assert frame.sector is not None
    assert frame.overlay is not None
    return np.quantile(frame.pixels[frame.sector & ~frame.overlay], np.linspace(0, 1, QUANTILES))


if __name__ == "__main__":
    main()
