"""The tables on what another hospital costs and what adapting brings, from the files that the benchmarks wrote."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from markdown_table import markdown_table

__all__ = ["TABLES"]

RESULTS = Path(__file__).parents[1] / "benchmarks/results"
ADAPTED = ("sensitivity", "specificity", "coverage, standard", "coverage, non-standard")
CRITERIA = ("structures_seen", "in_place", "magnification", "edges", "sharpness")
TWINS = {
    "ap50": "AP50",
    "ap50_95": "AP50:95",
    "plane_auc": "plane AUC",
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "coverage, standard": "coverage, standard",
    "coverage, non-standard": "coverage, non-standard",
    "label_changed": "label changed",
    "label_reversed": "label reversed",
}


def _adapt() -> str:
    rows = [["left out", "sets", "draws", "", *ADAPTED]]
    for one in json.loads((RESULTS / "adapt.json").read_text()):
        if one["frames"] == 40:
            for when in ("before", "after"):
                values = [_spread(one[when][name]) for name in ADAPTED]
                maker = one["left_out"].removeprefix("without ")
                rows.append([maker, f"{one['conformal_level']:.0%}", str(one["draws"]), when, *values])
    return markdown_table(rows)


def _robustness() -> str:
    document = json.loads((RESULTS / "robustness.json").read_text())
    own = document["as it is"]
    known = {name: heading for name, heading in TWINS.items() if name in own}
    rows = [["picture", *known.values()], ["as it is", *(f"{own[name]['value']:.3f}" for name in known)]]
    for one in document["twins"]:
        cells = []
        for name in known:
            change = one["change"][name]
            told = "" if name.startswith("label") else f" ({change['value']:+.3f})"
            cells.append(f"{one[name]['value']:.3f}{told}")
        rows.append([one["twin"], *cells])
    return markdown_table(rows)


def _criteria() -> str:
    document = json.loads((RESULTS / "criteria.json").read_text())
    rows = [["picture", "frames", *(name.replace("_", " ") for name in CRITERIA)]]
    for one in ({"twin": "as it is", "frames": document["frames"], **document["as it is"]}, *document["twins"]):
        cells = []
        for name in CRITERIA:
            words = "{value:.3f} ({low:.3f} to {high:.3f})".format(**one[name])
            cells.append(f"**{words}**" if name == one.get("criterion") else words)
        rows.append([one["twin"], str(one["frames"]), *cells])
    return markdown_table(rows)


def _spread(one: dict[str, Any]) -> str:
    return f"{one['mean']:.3f} ({one['least']:.3f} to {one['greatest']:.3f})"


TABLES: dict[str, Callable[[], str]] = {"adapt": _adapt, "robustness": _robustness, "criteria": _criteria}
