"""The table of measurements against printed readings, from the file that the command wrote."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from markdown_table import markdown_table

__all__ = ["TABLES"]

RESULT = Path(__file__).parents[1] / "benchmarks/results/measurements.json"
ROWS = {
    "median_absolute_error_mm": "median absolute error, mm",
    "bias_mm": "bias, mm",
    "limits_mm": "limits of agreement, mm",
    "icc_a1": "ICC(A,1)",
    "within_0_1_mm": "within 0.1 mm",
}


def _measurements() -> str:
    document = json.loads(RESULT.read_text())
    apart = document["calliper_text"]
    rows = [["", f"pixel size from a ruler (n = {document['n']})", f"from the print, placement only (n = {apart['n']})"]]
    for name, words in ROWS.items():
        cells = [_words(one[name]) if name in one else "" for one in (document, apart)]
        rows.append([words, *cells])
    return markdown_table(rows)


def _words(one: dict[str, float]) -> str:
    return "{value:.3f} ({low:.3f} to {high:.3f})".format(**one)


TABLES: dict[str, Callable[[], str]] = {"measurements": _measurements}
