"""Real frames of Set1 before and after every edit: ``python tools/edit_sheet.py FOLDER OUT``, a PNG a variable.

FOLDER is the Fetus Framework data. Each column is a frame: as it is, a sham copy, borderline, abnormal; the values are
printed. The sheets hold real frames: look at them, never commit them. Frames without room for a change are passed over,
whatever the grade.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from nonet.datasets import load
from nonet.datasets.inspection import first_frame
from nonet.errors import SettingsError
from nonet.simulate.edits.edit import EDITED
from nonet.simulate.edits.sheet import edit_strip


def main() -> None:
    """Read the arguments, write the sheets, print the values."""
    parser = argparse.ArgumentParser(description="Frames of Set1 before and after every edit.")
    parser.add_argument("folder", type=Path, help="the Fetus Framework folder")
    parser.add_argument("output", type=Path, help="a folder")
    parser.add_argument("--frames", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    data = load(arguments.folder).split("set1").boxed()
    boxes = {}
    for row in data.boxes:
        boxes.setdefault(row.image, {})[row.structure] = row.box
    order = np.random.default_rng(arguments.seed).permutation(len(data.images))
    for structure, variable in EDITED:
        strips = []
        for image in (data.images[index] for index in order):
            if image.mm_per_px is None or len(strips) == arguments.frames:
                continue
            pixels = first_frame(image.path).pixels
            try:
                strip, values = edit_strip(
                    pixels, boxes[image.name], structure, variable, arguments.seed, mm_per_px=image.mm_per_px
                )
            except SettingsError as problem:
                sys.stdout.write(f"{structure.value} {variable}: {image.name} left out, {problem.found}\n")
                continue
            strips.append(strip)
            sys.stdout.write(f"{structure.value} {variable}: {image.name} {' '.join(f'{one:.2f}' for one in values)}\n")
        _sheet(strips).save(arguments.output / f"{structure.value}-{variable}.png")


def _sheet(strips: list[np.ndarray]) -> Image.Image:
    """The strips side by side."""
    sheet = Image.new("L", (sum(one.shape[1] + 4 for one in strips), max((one.shape[0] for one in strips), default=1)))
    left = 0
    for strip in strips:
        sheet.paste(Image.fromarray(strip), (left, 0))
        left += strip.shape[1] + 4
    return sheet


if __name__ == "__main__":
    main()
