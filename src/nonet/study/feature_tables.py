"""Tables that ``nonet features`` wrote in place of the features that a study computes of frames as they are.

So a study can grade the features of reference boxes, or features that were computed once on another machine.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nonet.errors import SettingsError
from nonet.features.deep_features import DeepFeatures
from nonet.features.radiomic_features import RadiomicFeatures
from nonet.study.study_features import OWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

    from nonet.features.table import FeatureFamily
    from nonet.study.study_features import StudyFeatures

__all__ = ["with_tables"]

_KEYS = ("image", "structure", "box")


def with_tables(features: StudyFeatures, tables: Sequence[Path], bundle: Path) -> StudyFeatures:
    """The features of a study with the columns of some tables in the rows of frames as they are.

    Boxes become those of the tables. A structure without a row has no value; a frame without any is left out
    with its reason, and so is one whose rows have a defect. Ratings stay as they were computed.

    Parameters
    ----------
    features
        What the study computed.
    tables
        Parquet files that `nonet.features.table.write_table` wrote.
    bundle
        Folder of the bundle whose embedder must have made deep features.

    Raises
    ------
    SettingsError
        If a file is no such table, or its features were computed with other settings or another network.
    """
    for path in tables:
        features = _with_table(features, path, bundle)
    return features


def _with_table(features: StudyFeatures, path: Path, bundle: Path) -> StudyFeatures:
    table, family = _read(path, bundle)
    names = (*features.names, *(name for name in family.names if name not in features.names))
    values = np.full((len(features.values), len(names)), np.nan, np.float32)
    values[:, : len(features.names)] = features.values
    own = features.source == OWN
    columns = [names.index(name) for name in family.names]
    values[np.ix_(own, columns)] = np.nan
    boxes = features.boxes.copy()
    given = np.column_stack([table[name].to_numpy() for name in family.names]).astype(np.float32)
    edges = np.array(table["box"].to_pylist(), np.float32).reshape(-1, 4)
    rows = _rows(table)
    for place in np.flatnonzero(own).tolist():
        row = rows.get((str(features.subject[place]), str(features.structure[place])))
        if row is not None:
            values[place, columns], boxes[place] = given[row], edges[row]
    lacking = set(features.subject[own].tolist()) - {image for image, _ in rows}
    kept = ~(own & np.isin(features.subject, sorted(lacking)))
    defects = {**features.defects, **dict.fromkeys(sorted(lacking), f"no row in {path.name}")}
    return replace(
        features,
        names=names,
        subject=features.subject[kept],
        source=features.source[kept],
        rater=features.rater[kept],
        structure=features.structure[kept],
        boxes=boxes[kept],
        values=values[kept],
        defects=defects,
    )


def _read(path: Path, bundle: Path) -> tuple[pa.Table, FeatureFamily]:
    """A table and the family of its features, of this version's settings."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as problem:
        raise _wrong(path, str(problem).splitlines()[0]) from problem
    documents: Mapping[bytes, bytes] = table.schema.metadata or {}
    family = next((one for one in _families(bundle) if _key(one) in documents), None)
    if family is None or not {*_KEYS, *family.names} <= set(table.column_names):
        raise _wrong(path, "columns or settings of no family of features that a study takes")
    if documents[_key(family)].decode() != family.document:
        raise _wrong(path, f"{family.kind} features of other settings, or of another network than the study's bundle")
    return table, family


def _families(bundle: Path) -> Iterable[FeatureFamily]:
    yield RadiomicFeatures()
    yield DeepFeatures(bundle)


def _key(family: FeatureFamily) -> bytes:
    return f"nonet.{family.kind}.settings".encode()


def _rows(table: pa.Table) -> dict[tuple[str, str], int]:
    """Where the row of each image and structure lies, of those that have features."""
    keys: Any = zip(
        table["image"].to_pylist(), table["structure"].to_pylist(), table["defect"].to_pylist(), strict=True
    )
    found: dict[tuple[str, str], int] = {}
    for place, (image, structure, defect) in enumerate(keys):
        if defect is None:
            found.setdefault((image, structure), place)
    return found


def _wrong(path: Path, found: str) -> SettingsError:
    return SettingsError(
        "A plan's tables of features are those that nonet features wrote, with this study's settings and bundle",
        found=f"{path.name}: {found}",
        remedy="Compute it again with nonet features, and the same --bundle",
    )
