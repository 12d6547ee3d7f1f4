"""Tables of loops: what one costs, and how much its boxes flicker."""

from __future__ import annotations

import json
from pathlib import Path

from markdown_table import markdown_table

__all__ = ["TABLES"]

_RESULT = Path(__file__).parents[1] / "benchmarks/results/loop.json"


def _cost() -> str:
    cost = json.loads(_RESULT.read_text())["cost"]
    taken = cost["taken"]
    frames = cost["frames"]
    rows = [
        [f"{frames} frames one by one, at the cost of a few", f"{cost['cpu_s_a_frame_alone'] * frames:.1f}"],
        *(
            [f"as a loop, {words}", str(cost[key]["cpu_s"])]
            for key, words in (("workers_1", "one process"), ("workers_2", "two processes"))
        ),
        ["of them " + ", ".join(f"{count} {how}" for how, count in taken.items()), ""],
    ]
    return markdown_table([["run", "CPU seconds"], *rows])


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


TABLES = {"loop-cost": _cost, "loop-flicker": _flicker}
