"""What a study measured, chose and learnt, as files that other programs read: Parquet tables, and a model each cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nonet.study.cache import replace_text
from nonet.study.experiments import columns_of
from nonet.study.ratings import OWN
from nonet.study.splits import ALL

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from nonet.select import FeatureRecord
    from nonet.study.runner import Run

__all__ = ["write_features", "write_models", "write_selection"]


def write_features(run: Run, path: Path) -> None:
    """A row for each structure of each frame as it is: image, structure, box, and every feature.

    Features that could not be measured are null.
    """
    measured = run.measured
    own = np.flatnonzero(measured.source == OWN)
    table: dict[str, Any] = {"image": measured.subject[own], "structure": measured.structure[own]}
    table |= {edge: measured.boxes[own, place] for place, edge in enumerate(("x1", "y1", "x2", "y2"))}
    table |= {name: measured.values[own, place] for place, name in enumerate(measured.names)}
    _write(table, path)


def write_selection(run: Run, path: Path) -> None:
    """A row for each feature of each structure and arm, on all rows: its ICC by source with intervals, and why it left.

    ``reason`` is empty for what was chosen; ``frequency`` is the share of resamples that choose it.
    """
    rows: list[dict[str, Any]] = []
    for arm in run.plan.arms:
        for structure, columns in columns_of(run.chosen(arm, ALL)["records"]).items():
            for column in columns:
                row = {"arm": arm, "structure": structure, "feature": column.name, "reason": str(column.reason or "")}
                rival = {"rival": column.rival, "correlation": column.correlation, "frequency": column.frequency}
                rows.append(row | _agreements(column, run.plan.selection.sources) | rival)
    if rows:
        _write({name: [row[name] for row in rows] for name in rows[0]}, path)


def write_models(run: Run, folder: Path) -> None:
    """``ARM-KIND.onnx`` and ``.json`` of every cell, learnt from all rows; see `nonet.grade.Grader`."""
    folder.mkdir(exist_ok=True)
    for arm, kind in run.plan.cells:
        trained = run.trained(arm, kind, ALL)
        name = "-".join(f"{arm}-{kind.value}".split())
        (folder / f"{name}.onnx").write_bytes(trained.model)
        replace_text(folder / f"{name}.json", trained.spec.to_json())


def _agreements(column: FeatureRecord, sources: Iterable[str]) -> dict[str, float | None]:
    told: dict[str, float | None] = {}
    for source in sources:
        found = column.icc.get(source)
        for place, name in enumerate(("icc", "low", "high")):
            told[f"{name}_{source}"] = found[place] if found else None
    return told


def _write(table: dict[str, Any], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    unfinished = path.with_name(path.name + ".tmp")
    pq.write_table(pa.table({name: pa.array(column, from_pandas=True) for name, column in table.items()}), unfinished)
    unfinished.replace(path)
