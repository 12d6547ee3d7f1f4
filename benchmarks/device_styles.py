"""How much machines differ in grey, resolution and speckle, and whether the machine styles differ as much.

Run ``python benchmarks/device_styles.py DATA`` (the data set's folder; default ``../shared/data/fetus-framework``). It
writes ``benchmarks/results/device-styles.json``. On every third boxed frame of Set1, drawn parts masked, it measures
eight numbers of each frame, all in the boxes of thalami, midbrain and palate:

- ``grey_p10``, ``grey_p50``, ``grey_p90``: deciles of grey;
- ``speckle``: standard deviation of what varies faster than 0.6 % of the frame's width, over the grey's mean;
- ``lateral``, ``axial``: the lag at which the autocorrelation of what varies faster than 2 % of the width falls to
  a half, in thousandths of the width; ``lateral_mm``, ``axial_mm``: the same in mm, where the pixel size is known.

For device families and screen layouts (the nearest thing to a machine that is known) it gives the median over
frames, and the spread within the group: the standard deviation of the number's logarithm. For each machine style it
gives the median ratio between a restyled frame and its own original, on 30 frames. The spread between styles
is meant to lie above that between the medians of layouts, which frames of many settings and mothers level out, and
below that within layouts, which holds settings and mothers too.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from nonet.anatomy import Structure
from nonet.datasets import DataSet, ImageRow, load
from nonet.frames import open_frames
from nonet.frames.overlay import find_overlay
from nonet.reading import Box
from nonet.simulate.edits.restyle import MACHINE_STYLES, restyle

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared/data/fetus-framework"
RESULT = ROOT / "benchmarks/results/device-styles.json"
MEASURED_IN = (Structure.THALAMI, Structure.MIDBRAIN, Structure.PALATE)
LEAST_FRAMES = 12
EVERY = 3
RESTYLED = 30
FINE, COARSE = 0.006, 0.02
UNITS = ("grey_p10", "grey_p50", "grey_p90", "speckle", "lateral", "axial")

Numbers = dict[str, float]


@dataclass(frozen=True)
class Group:
    """Frames of one family or layout: how many, their medians, the standard deviation of their logarithms."""

    frames: int
    median: Numbers
    spread: Numbers


def main() -> None:
    """Measure, write the result, print it."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA
    set1 = load(folder).split("set1").boxed()
    data = set1.keeping(set1.images[::EVERY])
    own = {image.name: of_image(image, data) for image in data.images}
    layouts = grouped(own, read_layouts(folder))
    styles = restyled(data, own)
    result = {
        "frames": len(own),
        "families": grouped(own, {image.name: image.device or "unknown" for image in data.images}),
        "layouts": layouts,
        "styles": styles,
        "spread_between_layouts": spread(group.median for group in layouts.values()),
        "spread_between_styles": spread(styles.values()),
        "spread_within_layouts": medians(group.spread for group in layouts.values()),
    }
    RESULT.write_text(json.dumps(result, indent=2, default=asdict) + "\n")
    print(json.dumps(result, indent=2, default=asdict))


def read_layouts(folder: Path) -> dict[str, str]:
    """The screen layout of each image that ``frames.csv`` knows one of."""
    with (folder / "frames.csv").open() as table:
        return {row["fname"]: row["layout"] for row in csv.DictReader(table) if row["layout"]}


def of_image(image: ImageRow, data: DataSet) -> Numbers:
    """The numbers of an image as it is."""
    pixels = next(open_frames(image.path)).pixels
    return numbers(pixels, find_overlay(pixels), boxes_of(image, data), image.mm_per_px)


def boxes_of(image: ImageRow, data: DataSet) -> list[Box]:
    """The boxes that are measured in."""
    return [box for structure, box in data.boxes_of(image).items() if structure in MEASURED_IN]


def numbers(pixels: NDArray[np.uint8], drawn: NDArray[np.bool_], boxes: list[Box], mm_per_px: float | None) -> Numbers:
    """The eight numbers; those that cannot be given are NaN."""
    grey, width = pixels.astype(np.float64), pixels.shape[1]
    fine, coarse = (grey - ndimage.gaussian_filter(grey, share * width) for share in (FINE, COARSE))
    areas = [np.s_[round(box.y1) : round(box.y2), round(box.x1) : round(box.x2)] for box in boxes]
    inside = np.concatenate([grey[area][~drawn[area]] for area in areas] or [np.empty(0)])
    if inside.size == 0:
        return dict.fromkeys((*UNITS, "lateral_mm", "axial_mm"), np.nan)
    quick = np.concatenate([fine[area][~drawn[area]] for area in areas])
    lateral, axial = (np.median([half_length(coarse[area], axis) for area in areas]) for axis in (1, 0))
    deciles = np.percentile(inside, (10, 50, 90)) + 0.5
    mm = mm_per_px or np.nan
    return {
        **dict(zip(("grey_p10", "grey_p50", "grey_p90"), deciles.tolist(), strict=True)),
        "speckle": float(quick.std() / inside.mean()),
        "lateral": float(1000 * lateral / width),
        "axial": float(1000 * axial / width),
        "lateral_mm": float(lateral * mm),
        "axial_mm": float(axial * mm),
    }


def half_length(part: NDArray[np.float64], axis: int) -> float:
    """The lag in pixels at which the autocorrelation along an axis falls to a half."""
    rows = np.moveaxis(part - part.mean(), axis, 1)
    count = rows.shape[1]
    correlation = [float((rows[:, : count - lag] * rows[:, lag:]).mean()) for lag in range(min(count, 40))]
    share = np.array(correlation) / max(correlation[0], 1e-9)
    first = int(np.argmax(share < 0.5))
    return np.nan if first == 0 else first - (0.5 - share[first]) / (share[first - 1] - share[first])


def grouped(own: dict[str, Numbers], groups: dict[str, str]) -> dict[str, Group]:
    """The groups of enough frames."""
    members: dict[str, list[Numbers]] = defaultdict(list)
    for name, found in own.items():
        members[groups.get(name, "unknown")].append(found)
    return {
        group: Group(len(rows), medians(rows), spread(rows))
        for group, rows in sorted(members.items())
        if len(rows) >= LEAST_FRAMES and group != "unknown"
    }


def restyled(data: DataSet, own: dict[str, Numbers]) -> dict[str, Numbers]:
    """For each style the median ratio between a restyled frame and its original."""
    some = data.images[:: max(len(data.images) // RESTYLED, 1)][:RESTYLED]
    ratios: dict[str, list[Numbers]] = defaultdict(list)
    for seed, image in enumerate(some):
        pixels = next(open_frames(image.path)).pixels
        drawn, boxes = find_overlay(pixels), boxes_of(image, data)
        for style in MACHINE_STYLES:
            found = numbers(restyle(pixels, style, seed), drawn, boxes, image.mm_per_px)
            ratios[style.name].append({key: found[key] / own[image.name][key] for key in UNITS})
    return {style: medians(rows) for style, rows in ratios.items()}


def medians(rows: Iterable[Numbers]) -> Numbers:
    """The median of each number, frames without it left out."""
    table = list(rows)
    return {key: round(float(np.nanmedian([row[key] for row in table])), 4) for key in table[0]}


def spread(rows: Iterable[Numbers]) -> Numbers:
    """The standard deviation of the logarithm of each number."""
    table = list(rows)
    return {key: round(float(np.nanstd(np.log([row[key] for row in table]), ddof=1)), 3) for key in table[0]}


if __name__ == "__main__":
    main()
