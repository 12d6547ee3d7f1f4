"""How good a grader is: what it said of rows whose answer is known, and every figure that follows from that."""

from __future__ import annotations

from nonet.evaluate.figure_json import figure_json
from nonet.evaluate.grading.graded_rows import UNKNOWN, WORDS, GradedRows
from nonet.evaluate.grading.graded_rows_file import read_rows, write_rows
from nonet.evaluate.grading.grading_figures import ENOUGH, LEAST, N_TOO_SMALL, grading_figures
from nonet.evaluate.grading.grading_json import grading_json
from nonet.evaluate.grading.grading_tables import render_grading
from nonet.evaluate.grading.run_grader import GradingRun, run_grader

__all__ = [
    "ENOUGH",
    "LEAST",
    "N_TOO_SMALL",
    "UNKNOWN",
    "WORDS",
    "GradedRows",
    "GradingRun",
    "figure_json",
    "grading_figures",
    "grading_json",
    "read_rows",
    "render_grading",
    "run_grader",
    "write_rows",
]
