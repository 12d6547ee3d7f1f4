"""Real and simulated frames on one sheet in shuffled order: ``python tools/mixed_sheet.py DATA -o sheet.png``.

The order is printed. The sheet holds real frames: look at it, never commit it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from nonet.datasets import load
from nonet.simulate import TRAINING_DEVICES, simulate

COLUMNS, ROWS = 4, 3
WIDTH, HEIGHT = 460, 340


def main() -> None:
    """Read the arguments, draw the sheet, print the order."""
    parser = argparse.ArgumentParser(description="Real and simulated frames on one sheet, in shuffled order.")
    parser.add_argument("data", type=Path, help="the Fetus Framework folder")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    named = _frames(arguments.data, arguments.seed)
    sheet = Image.new("L", (COLUMNS * WIDTH, ROWS * HEIGHT))
    for place, (_, image) in enumerate(named):
        image.thumbnail((WIDTH, HEIGHT))
        sheet.paste(image, (place % COLUMNS * WIDTH, place // COLUMNS * HEIGHT))
    sheet.save(arguments.output)
    sys.stdout.write("\n".join(f"{place + 1:2d} {name}" for place, (name, _) in enumerate(named)) + "\n")


def _frames(data: Path, seed: int) -> list[tuple[str, Image.Image]]:
    """Half real frames of Set1, half simulated ones, machines in turn, shuffled."""
    rng = np.random.default_rng(seed)
    half = COLUMNS * ROWS // 2
    boxed = load(data).split("set1").boxed().images
    real = [boxed[index] for index in rng.choice(len(boxed), half, replace=False)]
    named = [(f"real {image.name}", Image.open(image.path).convert("L")) for image in real]
    for index in range(half):
        device = TRAINING_DEVICES[index % len(TRAINING_DEVICES)]
        number = 1000 * seed + index
        named.append((f"simulated {number} {device.name}", Image.fromarray(simulate(number, device=device).pixels)))
    return [named[index] for index in rng.permutation(len(named))]


if __name__ == "__main__":
    main()
