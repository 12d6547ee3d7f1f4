"""How well the overlay and the sector are found on the real frames of the Fetus Framework.

Run ``python benchmarks/overlay.py DATA`` (the data set's folder; default ``../shared/data/fetus-framework``). It
writes ``benchmarks/results/overlay.json``: how much of what is drawn is covered, on frames whose drawn
parts were listed by eye (``tests/frames/data/overlay_reference.csv``: development, on which the
constants were set, and held-out, on which they were not); how much of each boxed structure is
covered wrongly; how much of the boxes lies inside the sector; processor time for both masks.

Of a listed text or ruler, what counts is its ink: pixels of at least 60 % of the block's brightest.
Of a bar, pixels above 40; of an inset, all; a calliper counts as found if a quarter of its block is.
"""

from __future__ import annotations

import csv
import json
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nonet.anatomy import STRUCTURES, Structure
from nonet.datasets import DataSet, ImageRow, load
from nonet.frame import Frame
from nonet.frames import mark, open_frames

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared/data/fetus-framework"
REFERENCE = ROOT / "tests/frames/data/overlay_reference.csv"
RESULT = ROOT / "benchmarks/results/overlay.json"
TIMED_EVERY = 10
Mask = NDArray[np.bool_]


def main() -> None:
    """Measure, write the result, print it."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA
    data = load(folder)
    flags = read_flags(folder)
    result = {"drawn": drawn_covered(data), **boxes_covered(data, flags), **processor_time(data)}
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


def marked(image: ImageRow) -> Frame:
    """The image with overlay and sector."""
    return mark(next(open_frames(image.path)))


def masks(frame: Frame) -> tuple[Mask, Mask]:
    """Overlay and sector of a marked frame."""
    if frame.overlay is None or frame.sector is None:
        raise ValueError("a marked frame has both masks")
    return frame.overlay, frame.sector


def drawn_covered(data: DataSet) -> dict[str, dict[str, dict[str, float]]]:
    """For each part of the reference and each kind: share of ink covered, blocks found, blocks listed."""
    frames: dict[str, Frame] = {}
    images = {image.name.removesuffix(".png"): image for image in data.images}
    blocks: dict[str, dict[str, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    with REFERENCE.open() as table:
        for row in csv.DictReader(table):
            if row["frame"] not in frames:
                frames[row["frame"]] = marked(images[row["frame"]])
            frame = frames[row["frame"]]
            area = np.s_[int(row["y1"]) : int(row["y2"]), int(row["x1"]) : int(row["x2"])]
            ink = ink_of(row["kind"], frame.pixels[area])
            blocks[row["set"]][row["kind"]].append((int((masks(frame)[0][area] & ink).sum()), int(ink.sum())))
    return {
        part: {kind: summary(kind, counts) for kind, counts in kinds.items()} for part, kinds in sorted(blocks.items())
    }


def ink_of(kind: str, block: NDArray[np.uint8]) -> Mask:
    """The pixels of a listed block that were drawn."""
    if kind in ("inset", "calliper"):
        return np.ones(block.shape, np.bool_)
    if kind == "bar":
        return block >= 40
    return block >= max(60.0, 0.6 * float(np.percentile(block, 99.5)))


def summary(kind: str, counts: list[tuple[int, int]]) -> dict[str, float]:
    """Share of ink covered over all blocks, and how many blocks are found."""
    least = 0.25 if kind == "calliper" else 0.9
    return {
        "ink_covered": round(sum(covered for covered, _ in counts) / sum(ink for _, ink in counts), 4),
        "blocks_found": sum(covered >= least * ink for covered, ink in counts),
        "blocks": len(counts),
    }


def read_flags(folder: Path) -> dict[str, str]:
    """What ``frames.csv`` says of each image, by name; nothing where the data set comes without it."""
    table = folder / "frames.csv"
    if not table.exists():
        return {}
    with table.open() as rows:
        return {row["fname"]: row["flags"] for row in csv.DictReader(rows)}


def boxes_covered(data: DataSet, flags: dict[str, str]) -> dict[str, object]:
    """For each structure: share of box pixels covered, and of boxes covered by over 5 %; boxes in the sector.

    Also, of the frames on which a calliper at the NT was painted over and left a residue, how many
    have at least eight marked pixels in the NT box or within ten pixels of it.
    """
    shares = defaultdict(list)
    covered, inside, pixels = defaultdict(int), 0, defaultdict(int)
    residues = []
    for image in data.boxed().images:
        overlay, sector = masks(marked(image))
        nuchal = data.boxes_of(image).get(Structure.NUCHAL_TRANSLUCENCY)
        if nuchal and "ge_calliper_erased_residue" in flags.get(image.name, ""):
            around = np.s_[max(0, round(nuchal.y1) - 10) : round(nuchal.y2) + 10, round(nuchal.x1) : round(nuchal.x2)]
            residues.append(int(overlay[around].sum()) >= 8)
        for structure, box in data.boxes_of(image).items():
            area = np.s_[round(box.y1) : round(box.y2), round(box.x1) : round(box.x2)]
            shares[structure].append(float(overlay[area].mean()))
            covered[structure] += int(overlay[area].sum())
            inside += int(sector[area].sum())
            pixels[structure] += overlay[area].size
    structures = {
        structure.value: {
            "pixels_covered": round(covered[structure] / pixels[structure], 5),
            "boxes_over_5_percent": round(float(np.mean(np.array(shares[structure]) > 0.05)), 4),
            "boxes": len(shares[structure]),
        }
        for structure in STRUCTURES
    }
    return {
        "boxed_structures": structures,
        "painted_over_callipers": {"frames": len(residues), "marked": sum(residues)},
        "box_pixels_in_sector": round(inside / sum(pixels.values()), 4),
    }


def processor_time(data: DataSet) -> dict[str, dict[str, float]]:
    """Median processor milliseconds to mark a frame, and its size."""
    frames = [next(open_frames(image.path)) for image in data.images[::TIMED_EVERY]]
    mark(frames[0])
    times = []
    for frame in frames:
        start = time.thread_time()
        mark(frame)
        times.append(1000 * (time.thread_time() - start))
    return {
        "processor_time": {
            "median_ms": round(statistics.median(times), 1),
            "frames": len(times),
            "median_width": statistics.median(frame.width for frame in frames),
            "median_height": statistics.median(frame.height for frame in frames),
        }
    }


if __name__ == "__main__":
    main()
