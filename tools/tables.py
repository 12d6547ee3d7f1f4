"""Write the tables of the docs from the result files, between the marks that name them.

Run ``python tools/tables.py``. A block in a page starts with ``<!-- table: NAME -->`` and ends with
``<!-- end -->``; what lies between is replaced. A test holds the pages to the files.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from deidentify_tables import TABLES as DEIDENTIFY
from detection_tables import TABLES as DETECTION
from dicom_tables import TABLES as DICOM
from edits_tables import TABLES as EDITS
from frames_tables import TABLES as FRAMES
from graders_tables import TABLES as GRADERS
from grades_tables import TABLES as GRADES
from hospital_tables import TABLES as HOSPITAL
from loop_tables import TABLES as LOOP
from many_frames_tables import TABLES as MANY_FRAMES
from markdown_table import figure_cell, markdown_table
from measurement_tables import TABLES as MEASUREMENTS
from node_tables import TABLES as NODE
from norms_tables import TABLES as NORMS
from radiomics_tables import TABLES as RADIOMICS
from shape_prior_tables import TABLES as SHAPE_PRIOR_FILE
from study_tables import TABLES as STUDY

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks/results"
BLOCK = re.compile(r"(<!-- table: ([a-z0-9-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
MEASURES = ("ap50", "ap50_95", "iou", "f1", "precision", "recall")


def main() -> None:
    """Rewrite every page that has a block."""
    for page in sorted((ROOT / "docs").rglob("*.md")):
        text = page.read_text()
        if (rendered := render(text)) != text:
            page.write_text(rendered)


def render(text: str) -> str:
    """The page with each block filled from its result file."""
    return BLOCK.sub(lambda block: f"{block[1]}{TABLES[block[2]]()}{block[3]}", text)


def _load(name: str) -> Any:  # noqa: ANN401
    return json.loads((RESULTS / name).read_text())


def _detection(name: str, key: str | None = None) -> str:
    document = _load(name)
    figures = document if key is None else document[key]
    rows = [["structure", "n", "AP50", "AP50:95", "IoU of matched", "F1", "precision", "recall"]]
    for structure, row in figures["structures"].items():
        count = str(document["structures"][structure]["n"])
        rows.append([structure.replace("_", " "), count, *(figure_cell(row.get(m)) for m in MEASURES)])
    rows.append(["**mean**", "", *(figure_cell(figures["mean"].get(m)) for m in MEASURES)])
    return markdown_table(rows)


def _read() -> str:
    document = _load("read.json")
    rows = [["stage", "median ms a frame"]]
    rows += [[name, f"{value:g}"] for name, value in document["median_ms"].items()]
    return markdown_table(rows)


TABLES: dict[str, Callable[[], str]] = {
    "detection-set2": lambda: _detection("detection-set2.json"),
    "detection-set2-unboxed-ignored": lambda: _detection("detection-set2.json", "unboxed_ignored"),
    "read": _read,
    **SHAPE_PRIOR_FILE,
    **DEIDENTIFY,
    **DETECTION,
    **DICOM,
    **LOOP,
    **EDITS,
    **FRAMES,
    **GRADERS,
    **GRADES,
    **HOSPITAL,
    **MANY_FRAMES,
    **MEASUREMENTS,
    **NODE,
    **NORMS,
    **RADIOMICS,
    **STUDY,
}


if __name__ == "__main__":
    main()
