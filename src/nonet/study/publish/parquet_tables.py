"""The features, selections and graders of a study as files for other programs: Parquet tables, and a model each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nonet.files import replacing_path
from nonet.study.cache import replace_text
from nonet.study.experiments import records_of
from nonet.study.splits import ALL
from nonet.study.study_features import OWN

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from nonet.select import FeatureRecord
    from nonet.study.result import StudyResult

__all__ = ["write_features", "write_models", "write_selection"]


def write_features(result: StudyResult, path: Path) -> None:
    """A row for each structure of each frame as it is: image, structure, box, and every feature.

    Features that could not be computed are null.
    """
    features = result.features
    own = np.flatnonzero(features.source == OWN)
    table: dict[str, Any] = {"image": features.subject[own], "structure": features.structure[own]}
    table |= {edge: features.boxes[own, place] for place, edge in enumerate(("x1", "y1", "x2", "y2"))}
    table |= {name: features.values[own, place] for place, name in enumerate(features.names)}
    _write(table, path)


def write_selection(result: StudyResult, path: Path) -> None:
    """A row for each feature of each structure and arm, on all rows: its ICC by source with intervals, and its fate.

    ``least_pair`` is the ICC of the device that agrees least with the original; sources that are only reported have no
    interval.

    ``reason`` says why a feature was removed and is empty for what was selected; ``frequency`` is the share of
    resamples that select it.
    """
    rows: list[dict[str, Any]] = []
    for arm in result.plan.arms:
        for structure, columns in records_of(result.selected[arm, ALL]).items():
            for column in columns:
                row = {"arm": arm, "structure": structure, "feature": column.name, "reason": str(column.reason or "")}
                rival = {"rival": column.rival, "correlation": column.correlation, "frequency": column.frequency}
                selection = result.plan.selection
                least = {f"least_pair_{source}": column.least_pair.get(source) for source in selection.sources}
                reported = {f"icc_{source}": column.reported.get(source) for source in selection.reported}
                rows.append(row | _agreements(column, selection.sources) | least | reported | rival)
    if rows:
        _write({name: [row[name] for row in rows] for name in rows[0]}, path)


def write_models(result: StudyResult, folder: Path) -> None:
    """``ARM-KIND.onnx`` and ``.json`` of every experiment, made from all rows; see `nonet.grade.Grader`."""
    folder.mkdir(exist_ok=True)
    for arm, kind in result.plan.experiments:
        fitted = result.fitted[arm, kind, ALL]
        name = "-".join(f"{arm}-{kind.value}".split())
        (folder / f"{name}.onnx").write_bytes(fitted.model)
        replace_text(folder / f"{name}.json", fitted.spec.to_json())


def _agreements(column: FeatureRecord, sources: Iterable[str]) -> dict[str, float | None]:
    values: dict[str, float | None] = {}
    for source in sources:
        found = column.icc.get(source)
        for place, name in enumerate(("icc", "low", "high")):
            values[f"{name}_{source}"] = found[place] if found else None
    return values


def _write(table: dict[str, Any], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = {name: pa.array(column, from_pandas=True) for name, column in table.items()}
    with replacing_path(path) as unfinished:
        pq.write_table(pa.table(arrays), unfinished)
