"""A data set of two simulated centres, each with a machine of its own, and tables of labels for it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np

from nonet.anatomy import Structure
from nonet.simulate import simulate
from nonet.simulate.devices import EXAMPLE_DEVICE, STUDY_DEVICES
from nonet.simulate.png_export import write_boxes, write_png

HEADS = 48
CUT_SHORT = 5

PLAN = """
name = "two-centres"
task = "labels"
labels_from = "simulation"
labels = "{labels}.csv"
positive = "abnormal"
budget = 1
repeats = 2
twins = 1
inner_folds = 3
resamples = 200
kinds = [{kinds}]

[arms]
radiomics = ["detector", "radiomics"]
deep = ["detector", "deep"]
fusion = ["detector", "radiomics", "deep"]

[baselines]
"zoom alone" = ["zoom"]

[variants."otherwise"]
arm = "fusion"
selection = {{ sources = [], penalty = "none" }}
grader = {{ components = 0.9 }}

[folds]
count = 2
leave_out = "centre"
least = 5

[raters]
reviewed = 48
reviewers = 1
shown_again = 28
heads = 0

[selection]
sources = ["reviewers", "devices"]
reported = []
folds = 3
resamples = 4
"""

SHIPPING = '\n[bundle]\nname = "two-centres"\nversion = "0.1.0"\nfolds = true\ndata = "Frames of two centres"\n'


def make_two_centres(folder: Path) -> None:
    """Frames with boxes, one file of them cut short, and two tables of labels of the nasal bone.

    In ``bone.csv`` it is abnormal where it was not drawn, in ``shuffled.csv`` by lot.
    """
    folder.mkdir(parents=True)
    machines = (EXAMPLE_DEVICE, next(device for device in STUDY_DEVICES if device.name == "Hazel T7"))
    named = []
    for head in range(HEADS):
        absent = {Structure.NASAL_BONE} if _without_bone(head) else set()
        frame = simulate(3_000 + head, device=machines[head % 2], absent=absent)
        named.append((f"head-{head:02d}.png", frame))
        write_png(folder / named[-1][0], frame)
    cut_short = folder / named[CUT_SHORT][0]
    cut_short.write_bytes(cut_short.read_bytes()[:2_000])
    write_boxes(folder / "boxes.json", named)
    rng = np.random.default_rng(0)
    lots = rng.permutation(np.arange(HEADS) < HEADS // 2)
    _write(folder, "bone", _without_bone)
    _write(folder, "shuffled", lambda head: bool(lots[head]))


def write_plan(folder: Path, labels: str, kinds: str, more: str = "") -> Path:
    """A plan beside the tables."""
    plan = folder / f"{labels}.toml"
    plan.write_text(PLAN.format(labels=labels, kinds=kinds) + more)
    return plan


def _without_bone(head: int) -> bool:
    return head % 4 > 1


def _write(folder: Path, name: str, abnormal: Callable[[int], bool]) -> None:
    with (folder / f"{name}.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["image", "structure", "label", "patient", "centre", "device"])
        for head in range(HEADS):
            place = ("north", "Fir 3") if head % 2 == 0 else ("south", "Hazel T7")
            label = "abnormal" if abnormal(head) else "normal"
            table.writerow([f"head-{head:02d}.png", Structure.NASAL_BONE.value, label, f"p{head}", *place])
