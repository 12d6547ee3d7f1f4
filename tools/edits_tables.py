"""The tables of the bands of edits, their sources, and the population that they are made of, from the data files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from markdown_table import markdown_table

__all__ = ["TABLES"]

ROOT = Path(__file__).parents[1]
BANDS = ROOT / "src/nonet/simulate/edits/bands.json"
POPULATIONS = ROOT / "benchmarks/results/edit-populations.json"


def _bands() -> str:
    rows = [
        ["structure, variable", "unit", "standard error", "normal", "side", "borderline to", "abnormal to", "margins"]
    ]
    for band in _load(BANDS)["bands"]:
        error = "" if band["standard_error"] is None else f"{band['standard_error']:g}"
        normal = "{:g} to {:g}".format(*band["normal"])
        for one in band["beyond"]:
            ends = [f"{one[name]:g}" for name in ("borderline_to", "abnormal_to")]
            margins = "{:g}, {:g}".format(*one["margins"])
            rows.append([_name(band), band["unit"], error, normal, one["side"], *ends, margins])
    return markdown_table(rows)


def _sources() -> str:
    rows = [["structure, variable", "sources", "note"]]
    bands = _load(BANDS)["bands"]
    rows += [[_name(one), "; ".join(_source(each) for each in one["sources"]), one["note"]] for one in bands]
    return markdown_table(rows)


def _source(one: dict[str, str]) -> str:
    identifiers = [f"doi {one['doi']}"] if "doi" in one else []
    identifiers += [f"PMID {one['pmid']}"] if "pmid" in one else []
    identifiers += [f"<{one['url']}>"] if "url" in one else []
    return f"{', '.join([one['text'], *identifiers])} ({one['checked']})"


def _populations() -> str:
    document = _load(POPULATIONS)
    rows = [["structure, variable", "frames", "share whose starts agree", "5th, 50th, 95th centile", "in head units"]]
    for name, row in document["variables"].items():
        centiles = (
            ", ".join(f"{row[unit][one]:.2f}" for one in ("p5", "p50", "p95")) for unit in ("own_unit", "head_units")
        )
        rows.append([name.replace("_", " "), str(row["n"]), f"{row['agree']:g}", *centiles])
    return markdown_table(rows)


def _name(band: dict[str, Any]) -> str:
    return f"{band['structure'].replace('_', ' ')}, {band['variable'].replace('_', ' ')}"


def _load(path: Path) -> Any:  # noqa: ANN401
    return json.loads(path.read_text())


TABLES: dict[str, Callable[[], str]] = {
    "edit-bands": _bands,
    "edit-sources": _sources,
    "edit-populations": _populations,
}
