"""Measure how grey the image part of the Fetus Framework's Set1 is: the constants of ``nonet.simulate.disguise``.

Run ``python tools/fit_look.py DATA``: prints the mean of every twentieth centile of the sector over 80 frames.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from nonet.datasets import load
from nonet.datasets.inspection import first_frame
from nonet.frames import hide_overlay

FRAMES = 80


def main(data: Path) -> None:
    """Print 21 grey levels: centiles 0, 5, ... 100 within the sector."""
    images = load(data).split("set1").images
    rows = []
    for image in images[:: max(len(images) // FRAMES, 1)]:
        hidden = hide_overlay(first_frame(image.path))
        if hidden.sector is not None and hidden.sector.any():
            rows.append(np.percentile(hidden.pixels[hidden.sector], np.linspace(0, 100, 21)))
    print(np.round(np.mean(rows, axis=0)).astype(int).tolist())  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
