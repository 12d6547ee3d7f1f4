"""The table of the page on grading, from what ``benchmarks/graders.py`` wrote."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from markdown_table import markdown_table

__all__ = ["TABLES"]

RESULT = Path(__file__).parents[1] / "benchmarks/results/graders.json"


def _cost() -> str:
    rows = [["grader", "columns", "fit, s", "grade of one row, ms", "of nine, ms", "ONNX, KiB", "largest difference"]]
    for row in json.loads(RESULT.read_text())["cpu_seconds"]:
        figures = ("columns", "fit_s", "one_row_ms", "nine_rows_ms", "onnx_kib", "largest_difference")
        rows.append([row["kind"].replace("_", " "), *(f"{row[name]:g}" for name in figures)])
    return markdown_table(rows)


TABLES: dict[str, Callable[[], str]] = {"graders-cost": _cost}
