"""Figures of sweeps as JSON and as a table for a terminal."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.table import Column, Table

from nonet.evaluate.bootstrap import RESAMPLES, SEED
from nonet.evaluate.figure_json import figure_words
from nonet.evaluate.sweeps.read_sweep import MIDLINE_DEG, NEAREST, OUTSIDE_DEG
from nonet.evaluate.sweeps.sweep_figures import FIGURES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nonet.evaluate.sweeps.read_sweep import ReadSweep
    from nonet.reading import BundleReference

__all__ = ["sweeps_json", "sweeps_table"]


def sweeps_json(figures: Mapping[str, Any], sweeps: Sequence[ReadSweep], bundle: BundleReference) -> str:
    """Indented JSON that ends in a newline: the figures, each sweep by itself, the bundle and the protocol."""
    document = {
        **figures,
        "sweeps": [_sweep(one) for one in sweeps],
        "data": {"form": "simulated sweeps", "frames_each": sorted({len(one.angle_deg) for one in sweeps})},
        "bundles": [asdict(bundle)],
        "protocol": {
            "plane_auc": f"frames up to {MIDLINE_DEG:g} degrees from the midline against those beyond {OUTSIDE_DEG:g}, "
            "by the probability of a standard plane, smoothed in time, that a loop's document has for the frame",
            "chosen": f"the best frame of the loop's document; right if among the {NEAREST} nearest the midline by the "
            "root mean square distance of the nine structures",
            "unseen": "neither detector nor grader nor any constant was fitted on these machines or on any sweep",
            "interval": "95 % percentile bootstrap over sweeps; of the share chosen, exact (Clopper and Pearson)",
            "resamples": RESAMPLES,
            "seed": SEED,
        },
    }
    return json.dumps(document, indent=1) + "\n"


def _sweep(one: ReadSweep) -> dict[str, Any]:
    nearest = int(np.argmin(one.distance_mm))
    return {
        "seed": one.seed,
        "device": one.device,
        "nearest": nearest,
        "chosen": one.chosen,
        "nearer_frames": one.rank(),
        "chosen_angle_deg": None if one.chosen is None else round(float(one.angle_deg[one.chosen]), 2),
        "angle_deg": [round(float(each), 2) for each in one.angle_deg],
        "probability": [None if np.isnan(each) else round(float(each), 4) for each in one.probability],
    }


def sweeps_table(figures: Mapping[str, Any]) -> Table:
    """A row for all sweeps and one for each machine."""
    columns = (Column("", no_wrap=True), *(Column(each, justify="right") for each in ("sweeps", *FIGURES.values())))
    table = Table(*columns, box=None, pad_edge=False)
    for name, own in (("all", figures), *figures["devices"].items()):
        table.add_row(name, str(own["n"]), *(figure_words(own[each]) for each in FIGURES))
    return table
