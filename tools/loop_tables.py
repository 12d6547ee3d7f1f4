"""Tables of loops: what one costs, how much its boxes flicker, and what is read of simulated sweeps."""

from __future__ import annotations

import json
from pathlib import Path

from markdown_table import figure_cell, markdown_table

__all__ = ["TABLES"]

_RESULTS = Path(__file__).parents[1] / "benchmarks/results"
_RESULT = _RESULTS / "loop.json"


def _cost() -> str:
    cost = json.loads(_RESULT.read_text())["cost"]
    taken = cost["taken"]
    frames = cost["frames"]
    rows = [
        [f"{frames} frames one by one, at the cost of a few", f"{cost['cpu_s_a_frame_alone'] * frames:.1f}", ""],
        *(
            [f"as a loop, {words}", str(cost[key]["cpu_s"]), str(cost[key]["wall_s"])]
            for key, words in (("workers_1", "one process"), ("workers_2", "two processes"))
        ),
        ["of them " + ", ".join(f"{count} {how}" for how, count in taken.items()), "", ""],
    ]
    return markdown_table([["run", "CPU seconds", "seconds"], *rows])


def _flicker() -> str:
    found = json.loads(_RESULT.read_text())["flicker"]
    rows = [
        ["frame by frame", *_spread(found["sd_px_frame_by_frame"]), "1"],
        ["tracks", *_spread(found["sd_px_tracks"]), str(found["share_tracks"])],
        [
            "tracks, every frame computed",
            *_spread(found["sd_px_tracks_all_computed"]),
            str(found["share_tracks_all_computed"]),
        ],
    ]
    stills = f"{found['stills']} stills, {found['frames']} frames each, {found['edges']} edges"
    return markdown_table([[stills, "sd of an edge, px: mean", "95th centile", "share of the mean"], *rows])


def _spread(values: dict[str, float]) -> list[str]:
    return [str(values["mean"]), str(values["p95"])]


def _sweeps() -> str:
    found = json.loads((_RESULTS / "sweeps.json").read_text())
    heading = [
        "machine that no training saw",
        "sweeps",
        "plane AUC",
        "chosen among the 5 nearest",
        "its angle, degrees",
    ]
    rows = [
        [
            name,
            str(one["n"]),
            *(figure_cell(one[key]) for key in ("plane_auc", "chosen_among_nearest", "chosen_angle_deg")),
        ]
        for name, one in (("all", found), *found["devices"].items())
    ]
    return markdown_table([heading, *rows])


TABLES = {"loop-sweeps": _sweeps, "loop-cost": _cost, "loop-flicker": _flicker}
