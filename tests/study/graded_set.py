"""A small data set in the form of controlled edits: unedited heads, copies of them with grades, and their truth.

The copies are drawn, not edited: what they test is how a study goes about such a set, not how well it grades.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from nonet.anatomy import Structure
from nonet.simulate import simulate
from nonet.simulate.edits.bands import GRADES, draw_target, edit_bands
from nonet.simulate.png_export import write_boxes, write_png

STRUCTURES = ((Structure.NUCHAL_TRANSLUCENCY, "thickness"), (Structure.NASAL_BONE, "length"))

PLAN = """
name = "graded"
task = "labels"
labels_from = "edits"
labels = "labels.csv"
external_data = "{external}"
positive = "abnormal"
budget = 1
inner_folds = 3
resamples = 100
kinds = ["logistic_regression"]

[levels]
borderline = 0.6

[arms]
"detector" = ["detector"]
"echo" = ["radiomics_without_morphology"]

[baselines]
"ruler alone" = ["ruler"]
"box alone" = ["box_size"]

[primary]
structures = ["nuchal_translucency", "nasal_bone"]
arm = "echo"
against = "detector"
ruler = "ruler alone"

[folds]
count = 2
least = 5

[raters]
reviewed = 3
reviewers = 1
shown_again = 4
heads = 0

[selection]
sources = ["devices"]
reported = []
folds = 3
penalty = "none"
resamples = 0
"""


def make_graded_set(folder: Path, sources: int, *, first: int, copies: bool = True) -> None:
    """Heads, each once for every grade of both structures; with ``copies`` the unedited frames are there too."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(first)
    named, labels, frames, truth = [], [], [], []
    for number in range(sources):
        source, patient = f"head-{number}.png", f"{folder.name}-{number}"
        if copies:
            named.append((source, simulate(first + number)))
            frames.append([source, patient, named[-1][1].mm_per_px, "", "Fir 3"])
        for place, grade in enumerate(GRADES):
            name = f"head-{number}-{grade.value}.png"
            absent = {Structure.NASAL_BONE} if place == 2 else set()
            frame = simulate(first + number + (0 if copies and place == 2 else 1000 * (place + 1)), absent=absent)
            named.append((name, frame))
            frames.append([name, patient, frame.mm_per_px, source if copies else "", "Fir 3"])
            for structure, variable in STRUCTURES:
                band = edit_bands().of(structure, variable)
                target = draw_target(band, grade, rng)
                labels.append([name, structure.value, grade.value, patient, "Fir 3"])
                truth.append(
                    [name, frames[-1][3], structure.value, variable, band.unit, 2.0, f"{target:.4f}", grade.value, 0]
                )
    for name, frame in named:
        write_png(folder / name, frame)
    write_boxes(folder / "boxes.json", named)
    _write(folder / "labels.csv", ["image", "structure", "label", "patient", "device"], labels)
    _write(folder / "frames.csv", ["fname", "patient", "mm_per_px", "source", "device_family"], frames)
    columns = ["image", "source", "structure", "variable", "unit", "start", "target", "grade", "sham"]
    _write(folder / "truth.csv", columns, truth)


def _write(path: Path, columns: list[str], rows: list[list[object]]) -> None:
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(columns)
        table.writerows(rows)
