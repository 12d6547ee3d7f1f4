"""The table of measurements against printed readings, from the files that the command wrote."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from markdown_table import markdown_table

__all__ = ["TABLES"]

RESULTS = Path(__file__).parents[1] / "benchmarks/results"
FILES = {"both sets": "measurements.json", "Set2, not seen by the detector": "measurements-set2.json"}
ROWS = {
    "median_absolute_error_mm": "median absolute error, mm",
    "bias_mm": "bias, mm",
    "within_0_1_mm": "within 0.1 mm",
    "limits_mm": "limits of agreement, mm",
    "icc_a1": "ICC(A,1)",
    "interval_holds": "90 % interval holds the print",
}


def _measurements() -> str:
    documents = [json.loads((RESULTS / file).read_text()) for file in FILES.values()]
    columns = [
        (f"{name}, {words} ({one['n']})", one)
        for name, document in zip(FILES, documents, strict=True)
        for words, one in (("ruler", document), ("print, placement only", document["calliper_text"]))
    ]
    rows = [["", *(heading for heading, _ in columns)]]
    rows += [[words, *(_words(one.get(name)) for _, one in columns)] for name, words in ROWS.items()]
    return markdown_table(rows)


def _words(one: dict[str, float] | None) -> str:
    return "{value:.3f} ({low:.3f} to {high:.3f})".format(**one) if one else ""


TABLES: dict[str, Callable[[], str]] = {"measurements": _measurements}
