"""Derive the figures of the committed studies again, from their predictions, where the statistics have changed.

Cells and differences are made anew; what was selected and which models were fitted stays as the run wrote it.

    python tools/remake_figures.py [STUDY ...]
"""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
from pathlib import Path

from nonet.evaluate.grading import read_rows
from nonet.study.figures import KEYS, comparisons, pooled, results
from nonet.study.plan_file import load_plan

ROOT = Path(__file__).parents[1]
STUDIES, PLANS = ROOT / "benchmarks/results/studies", ROOT / "studies"


def remake(study: Path) -> None:
    """Write ``figures.json`` of a study again."""
    kept = json.loads((study / "figures.json").read_text())
    plan = load_plan(PLANS / f"{study.name}.toml")[0]
    with tempfile.TemporaryDirectory() as folder:
        predictions = Path(folder) / "predictions.csv"
        predictions.write_bytes(gzip.decompress((study / "predictions.csv.gz").read_bytes()))
        rows = pooled(read_rows(predictions, kept["positive"], KEYS))
    kept["cells"] = results(rows, plan.resamples, prevalence=plan.prevalence)
    kept["differences"] = comparisons(rows, plan)
    (study / "figures.json").write_text(json.dumps(kept, indent=1) + "\n")


def main() -> None:
    """Remake all, and name them."""
    names = sys.argv[1:] or sorted(each.name for each in STUDIES.iterdir() if each.is_dir())
    for study in (STUDIES / name for name in names):
        remake(study)
        sys.stdout.write(f"{study.name}: figures made again\n")


if __name__ == "__main__":
    main()
