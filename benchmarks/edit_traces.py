"""Can the grade of an edit be told from its trace, instead of from the size that the structure was given?

    python benchmarks/edit_traces.py FOLDER --frames 160

FOLDER is the Fetus Framework data. Frames of Set1 with a pixel size, their overlay hidden, are taken in an order
drawn by lot. Of each, the four primary structures are edited to normal, borderline and abnormal; of the nasal bone,
length and echo alternate. A frame that refuses an edit leaves that structure at every grade. The strongest of two
models grades rows of features, out of fold by frame, and its macro AUC, with an interval over frames, is held to a
limit:

- ``ring``: around the structure, where the tissue lies within 2 pixels of where it lay, `trace_regions.ring_around`;
- ``residual``: the high-pass residual around points of tissue outside the structure, `trace_regions.tissue_in`;
- ``energy``: squared displacement (or change of grey) of both steps, with what it depends on before the edit;
- ``patches``: of edits of size, texture of patches of one native size, `trace_regions.patches_in`.

Each has its positive control: the same rows with a blur (or an energy) planted in proportion to the grade.
"""

from __future__ import annotations

import argparse
import json
import pickle
import sys
import time
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from rich.progress import track
from scipy import ndimage
from trace_features import NAMES, flat_mosaic, mosaic, region_features, residual
from trace_model import Rows, figures_of
from trace_regions import patches_in, ring_around, tissue_in

from nonet.anatomy import Structure
from nonet.datasets import load
from nonet.datasets.inspection import first_frame
from nonet.errors import SettingsError
from nonet.frames.overlay.hide import hide_overlay
from nonet.simulate.edits.bands import GRADES
from nonet.simulate.edits.graded import edit_to_grade

RESULT = Path(__file__).parent / "results/edit-traces.json"
SEED = 19
LIMIT, CONTROL, MOST_ERROR = 0.58, 0.8, 0.015
BLUR_PX = 0.5
ENERGY = 0.5
"""What is planted for each step of grade: the sigma of a blur, and a share of the energy."""
TESTS = ("ring", "residual", "energy", "patches")
PLANTED = " planted"
ENDS = "ends"
"""Shown beside the tests: it holds lines of the structure itself."""
GAPS = (
    (Structure.NUCHAL_TRANSLUCENCY, "thickness"),
    (Structure.FOURTH_VENTRICLE, "antero_posterior"),
    (Structure.CISTERNA_MAGNA, "width"),
)
BONE = ((Structure.NASAL_BONE, "length"), (Structure.NASAL_BONE, "echo"))


@dataclass(frozen=True, slots=True)
class Job:
    """One frame: its number, its file, its boxes, its pixel size."""

    number: int
    path: Path
    boxes: dict
    mm_per_px: float


@dataclass(frozen=True, slots=True)
class Found:
    """Features of one structure of a frame at every grade, by test; or why there are none."""

    number: int
    kind: str
    values: dict[str, np.ndarray]
    refused: str = ""


def main() -> None:
    """Edit, measure, grade, and write the figures."""
    parser = argparse.ArgumentParser(description="Trace tests of the edits.")
    parser.add_argument("folder", type=Path, help="the Fetus Framework folder")
    parser.add_argument("--frames", type=int, default=160)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=RESULT)
    parser.add_argument("--keep", type=Path, help="a folder for the features of each frame, which are taken from it")
    arguments = parser.parse_args()
    begun = time.time()
    jobs = jobs_of(arguments.folder, arguments.frames)
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(arguments.workers) as pool:
        done = list(track(pool.map(partial(kept, arguments.keep), jobs), "frames", len(jobs)))
    found = [one for rows in done for one in rows]
    tables = tables_of(found)
    document = summary(found, tables, len(jobs))
    arguments.out.write_text(json.dumps(document, indent=1) + "\n")
    sys.stdout.write(json.dumps(document["tests"], indent=1) + f"\n{time.time() - begun:.0f} s\n")


def jobs_of(folder: Path, frames: int) -> list[Job]:
    """The first frames, in an order drawn by lot, of those of Set1 with boxes and a pixel size."""
    data = load(folder).split("set1").boxed()
    boxes: dict[str, dict] = defaultdict(dict)
    for row in data.boxes:
        boxes[row.image][row.structure] = row.box
    known = [image for image in data.images if image.mm_per_px is not None]
    order = np.random.default_rng(SEED).permutation(len(known))[:frames]
    return [
        Job(number, known[place].path, boxes[known[place].name], known[place].mm_per_px)
        for number, place in enumerate(order)
    ]


def kept(folder: Path | None, job: Job) -> list[Found]:
    """What `features_of` gives, from a folder if it lies there; empty the folder when an edit or a feature changes."""
    if folder is None:
        return features_of(job)
    place = folder / f"{job.path.stem}.pickle"
    if not place.exists():
        place.write_bytes(pickle.dumps(features_of(job)))
    return pickle.loads(place.read_bytes())


def features_of(job: Job) -> list[Found]:
    """What is measured of each structure of a frame."""
    pixels = hide_overlay(first_frame(job.path)).pixels
    return [measured(pixels, job, *kind) for kind in (*GAPS, BONE[job.number % 2])]


def measured(pixels: np.ndarray, job: Job, structure: Structure, variable: str) -> Found:
    """The features of one structure at every grade, ``float64[3, M]`` by test, and with what is planted."""
    kind = f"{structure.value} {variable}"
    if structure not in job.boxes:
        return Found(job.number, kind, {}, "no box")
    change = partial(edit_to_grade, pixels, job.boxes, structure, variable, seed=SEED, mm_per_px=job.mm_per_px)
    try:
        made = [change(grade) for grade in GRADES]
    except SettingsError as problem:
        return Found(job.number, kind, {}, problem.rule)
    ring, values = ring_around(made, structure), defaultdict(list)
    start_px = made[0].start / job.mm_per_px if made[0].unit == "mm" else made[0].start
    tissue = tissue_in(pixels, job.boxes, made, structure)
    patches = None if variable == "echo" else patches_in(pixels, job.boxes[structure], made, structure, start_px)
    for place, one in enumerate(made):
        box = job.boxes[structure]
        area = float(one.edited.support.sum())
        for end, blur, more in (("", 0.0, 1.0), (PLANTED, place * BLUR_PX, 1 + place * ENERGY)):
            whole = blurred(one.edited.pixels, blur)
            part = whole[ring.rows, ring.columns]
            if ring.mask.any():
                values[f"ring{end}"].append(region_features(part, ring.mask))
            if tissue is not None:
                values[f"residual{end}"].append(region_features(*mosaic(residual(whole), tissue, place)))
            if not end and ring.ends.any():
                values[ENDS].append(region_features(part, ring.ends))
            values[f"energy{end}"].append(energy_features(one.edited.warp.energy * more, area, box, start_px))
            if patches is not None:
                values[f"patches{end}"].append(region_features(*flat_mosaic(whole, patches, place)))
    return Found(job.number, kind, {name: np.array(rows) for name, rows in values.items()})


def blurred(pixels: np.ndarray, sigma: float) -> np.ndarray:
    """Grey levels after a blur, whole numbers as in a file; ``float64[H, W]``."""
    grey = pixels.astype(np.float64)
    return grey if sigma == 0 else np.rint(ndimage.gaussian_filter(grey, sigma))


def energy_features(energy: float, area: float, box: object, start: float) -> np.ndarray:
    """The energy of both steps, whole and a pixel, beside what it depends on before the edit."""
    sides = [area, box.width, box.height, start]
    return np.log([energy, energy / area, *sides, energy / (area * box.height**2)])


def tables_of(found: list[Found]) -> dict[str, Rows]:
    """Rows by test."""
    tables = {}
    for name in (*(test + end for test in TESTS for end in ("", PLANTED)), ENDS):
        own = [one for one in found if name in one.values]
        tables[name] = Rows(
            np.vstack([one.values[name] for one in own]),
            np.tile(np.arange(len(GRADES)), len(own)),
            np.repeat([one.number for one in own], len(GRADES)),
            np.repeat([one.kind for one in own], len(GRADES)),
        )
    return tables


def summary(found: list[Found], tables: dict[str, Rows], frames: int) -> dict[str, object]:
    """The figures of every test with its control, and what was left out."""
    tests = {test: outcome(figures_of(tables[test]), figures_of(tables[test + PLANTED])) for test in TESTS}
    kinds = sorted({one.kind for one in found})
    refused = {kind: dict(Counter(one.refused for one in found if one.kind == kind and one.refused)) for kind in kinds}
    energies = [one.values["energy"][:, 0] for one in found if "energy" in one.values]
    spread = [float(np.ptp(one)) for one in energies]
    return {
        "frames": frames,
        "seed": SEED,
        "features": len(NAMES),
        "limits": {"upper": LIMIT, "control": CONTROL, "standard_error": MOST_ERROR},
        "planted": {"blur_px_per_grade": BLUR_PX, "energy_per_grade": ENERGY},
        "tests": tests,
        "shown": {ENDS: strongest(figures_of(tables[ENDS]))},
        "energy_within_a_frame": {"median_spread": round(float(np.median(spread)), 6), "most": round(max(spread), 6)},
        "frames_of": {kind: sum(one.kind == kind and not one.refused for one in found) for kind in kinds},
        "frames_of_test": {test: dict(Counter(one.kind for one in found if test in one.values)) for test in TESTS},
        "refused": refused,
    }  # fmt: skip


def outcome(models: dict[str, dict], planted: dict[str, dict]) -> dict[str, object]:
    """The strongest model's figures, and whether the test is passed."""
    own, control = strongest(models), strongest(planted)
    return {
        **own,
        "passed": bool(own["high"] <= LIMIT and control["auc"] >= CONTROL),
        "planted": control,
        "models": {name: {key: one[key] for key in ("auc", "low", "high")} for name, one in models.items()},
    }


def strongest(models: dict[str, dict]) -> dict[str, object]:
    """The name and figures of the model with the highest AUC."""
    best = max(models, key=lambda name: models[name]["auc"])
    return {"strongest": best, **models[best]}


if __name__ == "__main__":
    main()
