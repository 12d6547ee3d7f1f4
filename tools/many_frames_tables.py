"""The tables of what many frames cost, and of a million of them, from ``benchmarks/results/many-frames.json``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from markdown_table import markdown_table

__all__ = ["TABLES"]

RESULT = Path(__file__).parents[1] / "benchmarks/results/many-frames.json"
ALONE, LOCAL, RAY = "one process", "two workers", "Ray, two actors"
LEAST_OF_POOL, AIMED_OF_POOL = 0.7, 0.95
MOST_GROWTH_PERCENT = 10.0
MILLION = 1_000_000
SLOTS = (2, 16, 128)
_PARTS = {
    "all processes": "all_mib",
    "the one that was started": "first_mib",
    "the largest worker": "largest_other_mib",
}
RULE_OF_THREE = 3.0
"""Where none of n failed, fewer than 3 in n fail, 95 times in 100 (Hanley and Lippman-Hand, JAMA 249, 1743-1745)."""


def _found() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(RESULT.read_text())
    return found


def _rates() -> str:
    found = _found()
    machine = found["machine"]
    heading = f"{machine['cores']} cores, load before {machine['load_before']:.1f}"
    few = f"seconds for {found['few_frames']} frames"
    rows = [[heading, "frames", "seconds", "frames a second", few, "MiB of the largest worker"]]
    for name, run in found["runs"].items():
        worker = "-" if name == ALONE else f"{run['largest_other_mib']:.0f}"
        start = f"{found['seconds_for_few'][name]:.1f}"
        rate = f"{run['frames_per_second']:.2f}"
        rows.append([name, str(run["frames"]), f"{run['seconds']:.0f}", rate, start, worker])
    share = found["ray_over_pool"]
    verdict = "meets" if share >= LEAST_OF_POOL else "is below"
    words = f"Ray has {share:.2f} of the local pool's rate, which {verdict} the bar of {LEAST_OF_POOL:g}"
    return markdown_table(rows) + f"\n{words} (aim: {AIMED_OF_POOL:g}).\n"


def _memory() -> str:
    memory = _found()["memory"]
    few, many = memory["frames"]
    heads = f"one in {memory['one_head_in']} a head"
    rows = [[f"MiB, most at any moment; {heads}", f"{few} frames", f"{many} frames", "growth"]]
    together, above = [], []
    for name in (LOCAL, RAY):
        first, second = memory[name]["runs"]
        for part, key in _PARTS.items():
            percent = 100 * (second[key] / first[key] - 1)
            rows.append([f"{name}, {part}", f"{first[key]:.0f}", f"{second[key]:.0f}", f"{percent:+.1f} %"])
            if key == "all_mib":
                together.append(percent)
            elif percent >= MOST_GROWTH_PERCENT:
                above.append(f"{name}, {part}")
    verdict = "is below" if max(together) < MOST_GROWTH_PERCENT else "is not below"
    single = f"; by itself, {' and '.join(above)} grows by more" if above else ""
    words = f"All processes together: the growth {verdict} the bar of {MOST_GROWTH_PERCENT:g} %{single}."
    return markdown_table(rows) + f"\n{words}\n"


def _million() -> str:
    found = _found()
    local, ray, sizes, rows_read = found["runs"][LOCAL], found["runs"][RAY], found["bytes_a_frame"], found["rows"]
    hours = 2 * MILLION / local["frames_per_second"] / 3600
    per_slot = ray["frames_per_second"] / 2
    failed, read = rows_read["failed"], rows_read["rows"]
    share = failed / read if failed else RULE_OF_THREE / read
    bound = "expected" if failed else "at most, 95 times in 100"
    rows = [
        ["of a million frames", ""],
        ["CPU hours, by two workers", f"{hours:.0f}"],
        *[[f"days on {n} slots by Ray", f"{MILLION / per_slot / n / 86400:.1f}"] for n in SLOTS],
        ["GB of sources as they are here", f"{sizes['source'] * MILLION / 1e9:.0f}"],
        ["GB of Parquet", f"{sizes['parquet'] * MILLION / 1e9:.1f}"],
        ["GB of JSON besides, if asked for", f"{sizes['json'] * MILLION / 1e9:.1f}"],
        ["Parquet objects", f"{MILLION / 64:.0f}"],
        [f"files that cannot be read, {bound}", f"{share * MILLION:.0f}"],
        ["frames read again for each worker that is killed, at most", "64"],
    ]
    return markdown_table(rows)


def _if_measured(table: Callable[[], str], part: str) -> Callable[[], str]:
    words = "Not measured yet: run `python benchmarks/many_frames.py`.\n"
    return lambda: table() if RESULT.exists() and part in _found() else words


TABLES = {
    "many-frames-rates": _if_measured(_rates, "runs"),
    "many-frames-memory": _if_measured(_memory, "memory"),
    "many-frames-million": _if_measured(_million, "runs"),
}
