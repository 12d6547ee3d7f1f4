"""The tables of the edits' bands, their sources, populations, trace tests and cross-effects, from the data files."""

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
TRACES = ROOT / "benchmarks/results/edit-traces.json"
CROSS_EFFECTS = ROOT / "benchmarks/results/edit-cross-effects.json"


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


def _traces() -> str:
    document = _load(TRACES)
    heads = ["test", "rows", "model", "AUC (95 % interval)", "standard error", "planted", "passed"]
    rows = [heads]
    for name, row in document["tests"].items():
        planted, passed = _interval(row["planted"]), "yes" if row["passed"] else "no"
        error = f"{row['standard_error']:.3f}"
        rows.append([name, str(row["rows"]), _words(row["strongest"]), _interval(row), error, planted, passed])
    for name, row in document["shown"].items():
        error = f"{row['standard_error']:.3f}"
        rows.append([f"{name}, shown", str(row["rows"]), _words(row["strongest"]), _interval(row), error, "", ""])
    return markdown_table(rows)


def _traces_of() -> str:
    document = _load(TRACES)
    tests = {**document["tests"], **document["shown"]}
    kinds = sorted({kind for row in tests.values() for kind in row["of"]})
    rows = [["structure, variable", *tests]]
    for kind in kinds:
        own = [row["of"].get(kind) for row in tests.values()]
        rows.append([_words(kind), *("" if one is None else _interval(one) for one in own)])
    return markdown_table(rows)


def _cross_effects() -> str:
    pairs = _load(CROSS_EFFECTS)["pairs"]
    found = {(one["edited"], one["measured"]): one for one in pairs}
    edited, measured = (list(dict.fromkeys(one[side] for one in pairs)) for side in ("edited", "measured"))
    rows = [["edited to abnormal", *map(_words, measured)]]
    for one in edited:
        rows.append([_words(one), *(_change(found.get((one, other))) for other in measured)])  # noqa: PERF401
    return markdown_table(rows)


def _change(pair: dict[str, Any] | None) -> str:
    if pair is None:
        return ""
    unread = f", {pair['unread']} of {pair['n'] + pair['unread']} unread" if pair["unread"] else ""
    return f"{pair['median_mm']:.2f}, {pair['p90_mm']:.2f}{unread}" if pair["n"] else "unread"


def _interval(row: dict[str, Any]) -> str:
    return f"{row['auc']:.2f} ({row['low']:.2f}-{row['high']:.2f})"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _name(band: dict[str, Any]) -> str:
    return f"{band['structure'].replace('_', ' ')}, {band['variable'].replace('_', ' ')}"


def _load(path: Path) -> Any:  # noqa: ANN401
    return json.loads(path.read_text())


TABLES: dict[str, Callable[[], str]] = {
    "edit-bands": _bands,
    "edit-sources": _sources,
    "edit-populations": _populations,
    "edit-traces": _traces,
    "edit-traces-of": _traces_of,
    "edit-cross-effects": _cross_effects,
}
