"""The tables of the page on the arrangement, from what ``benchmarks/shape_prior.py`` wrote."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from markdown_table import markdown_table

__all__ = ["TABLES"]

RESULT = Path(__file__).parents[1] / "benchmarks/results/shape_prior.json"
MEASURES = {"ap50": "AP50", "ap50_95": "AP50:95", "f1": "F1", "precision": "precision", "recall": "recall"}
MISPLACED = {
    "as_in_another_frame": "where another frame has it",
    "mirrored": "at its mirror place",
    "exchanged": "in exchange with another structure",
}


def _result() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(RESULT.read_text())
    return document


def _detection() -> str:
    arms = _result()["detection"]
    rows = [["mean over the structures", "without", "with", "difference (95 % interval)"]]
    for measure, label in MEASURES.items():
        apart = arms["difference"][measure]
        interval = f"{apart['value']:+.4f} ({apart['low']:+.4f} to {apart['high']:+.4f})"
        rows.append([label, *(f"{arms[arm][measure]['value']:.4f}" for arm in ("without", "with")), interval])
    rows.append(["boxes changed", "", str(arms["boxes_changed"]), ""])
    rows.append(["scores lowered", "", str(arms["scores_lowered"]), ""])
    return markdown_table(rows)


def _flags() -> str:
    flag = _result()["flag"]
    kinds = list(MISPLACED)
    rows = [["structure", *(f"flagged, put {MISPLACED[kind]}" for kind in kinds)]]
    for structure in ["all", *(name for name in flag["misplaced"][kinds[0]] if name not in ("all", "cases"))]:
        shares = [flag["misplaced"][kind].get(structure) for kind in kinds]
        rows.append([structure.replace("_", " "), *("-" if share is None else f"{share:.2f}" for share in shares)])
    return markdown_table(rows)


def _unmoved() -> str:
    flag = _result()["flag"]
    rows = [["boxes left where they are", "flagged, of boxes", "frames with a flag"]]
    for key, label in (("reference_boxes", "reference boxes"), ("detected_boxes", "boxes of visible structures")):
        rows.append([label, f"{100 * flag[key]['of_boxes']:.1f} %", f"{100 * flag[key]['of_frames']:.1f} %"])
    return markdown_table(rows)


def _erased() -> str:
    erased = _result()["erased"]
    rows = [["structure", "frames", "reported before", "erased, without", "erased, with"]]
    for structure, row in erased["structures"].items():
        shares = (f"{row[arm]:.2f}" for arm in ("before", "without", "with"))
        rows.append([structure.replace("_", " "), str(row["frames"]), *shares])
    frames = str(sum(row["frames"] for row in erased["structures"].values()))
    whole = [erased["visible"][arm] for arm in ("before", "without", "with")]
    rows.append(["**all**", frames, *(f"{one['value']:.2f} ({one['low']:.2f}-{one['high']:.2f})" for one in whole)])
    return markdown_table(rows)


TABLES: dict[str, Callable[[], str]] = {
    "shape-prior-detection": _detection,
    "shape-prior-flags": _flags,
    "shape-prior-unmoved": _unmoved,
    "shape-prior-erased": _erased,
}
