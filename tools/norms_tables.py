"""The table of norms and that of rulers read, from the data file and the files that the command wrote."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from markdown_table import markdown_table

__all__ = ["TABLES"]

ROOT = Path(__file__).parents[1]
NORMS = ROOT / "src/nonet/measure/norms.json"
RESULTS = ROOT / "benchmarks/results"
RULERS = {"Set1, on which it was made": "ruler.json", "Set2, looked at once": "ruler-set2.json"}


def _norms() -> str:
    rows = [
        [
            "id",
            "structure, measurement",
            "population",
            "n",
            "expected or centiles, mm",
            "spread",
            "a finding",
            "CRL, mm",
        ]
    ]
    for norm in json.loads(NORMS.read_text())["norms"]:
        what = f"{norm['structure'].replace('_', ' ')}, {norm['variable'].replace('_', ' ')}"
        count = "" if norm["n"] is None else f"{norm['n']:,}"
        low, high = norm["crl_mm"]
        values, spread = _values(norm)
        row = [f"`{norm['id']}`", what, norm["population"], count, values, spread, norm["side"], f"{low:g}-{high:g}"]
        rows.append(row)
    return markdown_table(rows)


def _values(norm: dict[str, Any]) -> tuple[str, str]:
    centiles = norm.get("centiles", {})
    if centiles:
        return "; ".join(f"{name}th: {_curve(curve)}" for name, curve in centiles.items()), "centiles"
    return _curve(norm["expected"]), f"sd {_curve(norm['sd_mm'])}" if "sd_mm" in norm else "none"


def _curve(curve: dict[str, Any]) -> str:
    if "points" in curve:
        return ", ".join(f"{value:g} at {crl:g}" for crl, value in curve["points"])
    first, *others = curve["coefficients"]
    return " + ".join([f"{first:g}", *(f"{one:g} CRL" for one in others)])


def _sources() -> str:
    rows = [["id", "source", "checked", "note"]]
    for norm in json.loads(NORMS.read_text())["norms"]:
        source = norm["source"]
        identifiers = [f"doi {source['doi']}"] if "doi" in source else []
        identifiers += [f"PMID {source['pmid']}"] if "pmid" in source else []
        identifiers += [f"<{source['url']}>"] if "url" in source else []
        rows.append([f"`{norm['id']}`", ", ".join([source["text"], *identifiers]), norm["checked"], norm["note"]])
    return markdown_table(rows)


def _rulers() -> str:
    documents = {name: json.loads((RESULTS / file).read_text()) for name, file in RULERS.items()}
    rows = [["", *documents]]
    rows.append(["frames that show a ruler", *(str(one["n"]) for one in documents.values())])
    rows.append(["read", *(_share(one["read"]) for one in documents.values())])
    rows.append(["wrong by over 3 %", *(f"{one['n_wrong']} of {one['n_judged']}" for one in documents.values())])
    rows.append(["that is at most (exact 95 %)", *(f"{one['wrong_at_most']:.3f}" for one in documents.values())])
    rows.append(["median error", *(f"{one['median_relative_error']:.2%}" for one in documents.values())])
    layouts = sorted({name for one in documents.values() for name in one["by_layout"]})
    for layout in layouts:
        found = [one["by_layout"].get(layout) for one in documents.values()]
        rows.append([f"`{layout}`: read, wrong", *(_counts(one) for one in found)])
    others = [one["no_known_ruler"] for one in documents.values()]
    rows.append(["read on frames without a known ruler", *(f"{one['n_read']} of {one['n']}" for one in others)])
    return markdown_table(rows)


def _share(one: dict[str, float]) -> str:
    return "{value:.3f} ({low:.3f} to {high:.3f})".format(**one)


def _counts(one: dict[str, int] | None) -> str:
    return "" if one is None else f"{one['n_read']} of {one['n']}, {one['n_wrong']}"


TABLES: dict[str, Callable[[], str]] = {"norms": _norms, "norm-sources": _sources, "rulers": _rulers}
