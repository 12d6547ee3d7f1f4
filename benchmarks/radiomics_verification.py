"""Verify the radiomic features against IBSI's phantom, 36 real boxes and pysera, and write down what was found.

    python benchmarks/radiomics_verification.py

Reads the references in ``tests/radiomics/data`` and the frames in ``../shared/data``; writes
``benchmarks/results/radiomics_verification.json``, from which the page on radiomics has its tables.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

from nonet.radiomics import FAMILIES, FeatureColumn, Features, RadiomicsSettings, columns, extract

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks/results/radiomics_verification.json"
sys.path.insert(0, str(ROOT / "tests/radiomics"))

from radiomics_references import RealBox, real_boxes, rows  # noqa: E402
from test_digital_phantom import consensus, measured  # noqa: E402

Measured = list[tuple[RealBox, Features]]


def main() -> None:
    """Verify, and write the result."""
    boxes = [(real, extract(real.pixels(), real.box)) for real in real_boxes()]
    found = {
        "boxes": len(boxes),
        "families": {family.title: agreement(family.key, boxes) for family in FAMILIES},
        "pysera": disagreements(boxes),
    }
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")


def agreement(family: str, boxes: Measured) -> dict[str, float]:
    """A family's number of features, consensus values met, and largest relative error on real boxes."""
    described = [column for column in columns(RadiomicsSettings()) if column.family == family]
    held = [column for column in described if (column.ibsi_id, column.aggregation) in consensus()]
    return {
        "features": len(described),
        "consensus": len(held),
        "met": sum(meets(column) for column in held),
        "error": max(error(column.name, real.true, features) for column in described for real, features in boxes),
    }


def meets(column: FeatureColumn) -> bool:
    """Whether a feature of the phantom lies within the consensus."""
    value, half_width = consensus()[column.ibsi_id, column.aggregation]
    return bool(abs(measured()[column.name] - value) <= half_width)


def disagreements(boxes: Measured) -> dict[str, dict[str, float | None]]:
    """The features in which pysera differs from the reference: in how many boxes, and by how much at most.

    The size is None where pysera gives no value.
    """
    found = {}
    for row in rows("radiomics_215.csv"):
        name = row["clean_name"]
        errors = [error(name, real.pysera, features) for real, features in boxes]
        if row["oracle_source"] == "ibsi_true_215.csv":
            worst = max(errors)
            found[name] = {"boxes": sum(e > 1e-6 for e in errors), "error": worst if math.isfinite(worst) else None}
    return found


def error(name: str, reference: dict[str, float], features: Features) -> float:
    """Relative difference from a reference; 0 where both are NaN, infinite where one is."""
    value, expected = float(features.values[features.names.index(name)]), reference[name]
    if math.isnan(value) or math.isnan(expected):
        return 0.0 if math.isnan(value) and math.isnan(expected) else math.inf
    return abs(value - expected) / abs(value) if value != expected else 0.0


if __name__ == "__main__":
    main()
