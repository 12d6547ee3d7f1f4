"""The features of every box of many images as one Parquet file: in parallel, resumable, one row a box.

Images are done in batches. A finished batch is a file in a folder beside the table, named by a hash of
its inputs; what is there already is not computed again, and when all batches are there they become the
table.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nonet.errors import NonetError
from nonet.files import replacing_path
from nonet.reading import Box
from nonet.work import run_items

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FeatureFamily", "Job", "Row", "WrittenTable", "write_table"]

_BATCH = 8
_UNREADABLE = "unreadable"

Pixels = NDArray[np.uint8]
Values = NDArray[np.float32 | np.float64]


@dataclass(frozen=True, slots=True)
class Job:
    """One image and the boxes in it.

    Parameters
    ----------
    image
        Name of the image in the table.
    pixels
        Gives the image's pixels ``uint8[H, W]``; must be picklable, as it is called in another process.
    regions
        Name and box of each region.
    stamp
        What the pixels are known by, such as size and time of the file: when it changes, the features
        are computed again.
    """

    image: str
    pixels: Callable[[], Pixels]
    regions: tuple[tuple[str, Box], ...]
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """The features of one box.

    Parameters
    ----------
    values
        One number a feature, NaN where there is none.
    defect
        Why the row has no value at all, or None if it has one.
    undefined
        Why single features are NaN, by their names.
    """

    values: Values
    defect: str | None = None
    undefined: Mapping[str, str] = field(default_factory=dict)


class FeatureFamily(Protocol):
    """A family of features: a way to turn boxes into numbers; picklable, since other processes compute too."""

    @property
    def kind(self) -> str:
        """A word for it; the file's metadata holds its settings as ``nonet.<kind>.settings``."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features."""

    @property
    def dtype(self) -> type[np.float32] | type[np.float64]:
        """Precision of the values."""

    @property
    def document(self) -> str:
        """Everything besides pixels and box that a value depends on, the same text for equal settings."""

    def rows(self, pixels: Pixels, boxes: Sequence[Box]) -> Sequence[Row]:
        """One row for each box on pixels ``uint8[H, W]``; where there is no feature, one with its defect."""


@dataclass(frozen=True, slots=True)
class WrittenTable:
    """What was written: rows in all, rows without any feature, images that could not be read."""

    rows: int
    defective: int
    unreadable: tuple[str, ...]


def write_table(
    jobs: Sequence[Job],
    output: Path,
    family: FeatureFamily,
    *,
    workers: int = 1,
    watch: Callable[[Sequence[Any]], Iterable[Any]] = iter,
) -> WrittenTable:
    """Compute the features of all jobs and write one Parquet file.

    The columns are ``image``, ``structure``, ``box`` (x1, y1, x2, y2 in pixels), ``settings`` (hash),
    the features, ``defect`` (why a row has no value at all, else null) and ``undefined`` (feature
    name to reason, for single features). A box without features, or of an image that cannot be read, makes
    a row of NaN. The settings themselves stand in the file's metadata.

    Parameters
    ----------
    jobs
        Images and boxes.
    output
        The Parquet file. Batches wait in ``<output>.parts`` until all are done.
    family
        The features.
    workers
        Number of processes.
    watch
        Yields the batches one by one, and may show progress.
    """
    parts = output.with_name(output.name + ".parts")
    parts.mkdir(parents=True, exist_ok=True)
    batches = [tuple(jobs[start : start + _BATCH]) for start in range(0, len(jobs), _BATCH)]
    files = [parts / f"{_key(batch, family)}.parquet" for batch in batches]
    waiting = [_Batch(batch, file) for batch, file in zip(batches, files, strict=True) if not file.exists()]
    for _ in run_items(_compute, waiting, partial(_unchanged, family), workers=workers, watch=watch):
        pass
    table = _join(files, output, family)
    shutil.rmtree(parts)
    return table


@dataclass(frozen=True, slots=True)
class _Batch:
    """Images whose features lie together in a file."""

    jobs: tuple[Job, ...]
    file: Path


def _unchanged(family: FeatureFamily) -> FeatureFamily:
    return family


def _key(batch: Sequence[Job], family: FeatureFamily) -> str:
    boxes = [[job.image, job.stamp, [[name, *box.xyxy] for name, box in job.regions]] for job in batch]
    return hashlib.sha256(json.dumps([_settings(family), boxes]).encode()).hexdigest()


def _settings(family: FeatureFamily) -> str:
    return hashlib.sha256(family.document.encode()).hexdigest()


def _compute(family: FeatureFamily, batch: _Batch) -> None:
    import pyarrow.parquet as pq

    with replacing_path(batch.file) as unfinished:
        pq.write_table(_rows(batch.jobs, family), unfinished)


def _rows(batch: Sequence[Job], family: FeatureFamily) -> pa.WrittenTable:
    import pyarrow as pa

    rows = [row for job in batch for row in _of_job(job, family)]
    regions = [(job.image, name, box) for job in batch for name, box in job.regions]
    values = np.array([row.values for row in rows], family.dtype).reshape(len(rows), -1)
    data = {
        "image": [image for image, _, _ in regions],
        "structure": [name for _, name, _ in regions],
        "box": [list(box.xyxy) for _, _, box in regions],
        "settings": [_settings(family)] * len(regions),
        **{name: values[:, index] for index, name in enumerate(family.names) if rows},
        "defect": [row.defect for row in rows],
        "undefined": [list(row.undefined.items()) for row in rows],
    }
    return pa.table({name: data.get(name, []) for name in _schema(family).names}, schema=_schema(family))


def _of_job(job: Job, family: FeatureFamily) -> Sequence[Row]:
    try:
        return family.rows(job.pixels(), [box for _, box in job.regions])
    except (NonetError, OSError):
        nothing: Values = np.full(len(family.names), np.nan, family.dtype)
        return [Row(nothing, _UNREADABLE)] * len(job.regions)


def _schema(family: FeatureFamily) -> pa.Schema:
    import pyarrow as pa

    number = pa.from_numpy_dtype(family.dtype)
    fields = [
        ("image", pa.string()),
        ("structure", pa.string()),
        ("box", pa.list_(pa.float64(), 4)),
        ("settings", pa.string()),
        *((name, number) for name in family.names),
        ("defect", pa.string()),
        ("undefined", pa.map_(pa.string(), pa.string())),
    ]
    return pa.schema(fields, metadata={f"nonet.{family.kind}.settings": family.document})


def _join(files: Sequence[Path], output: Path, family: FeatureFamily) -> WrittenTable:
    """Write the batches into one file, which takes its name only when it is whole."""
    import pyarrow.parquet as pq

    rows, defective, unreadable = 0, 0, []
    with replacing_path(output) as unfinished, pq.ParquetWriter(unfinished, _schema(family)) as writer:
        for file in files:
            batch = pq.read_table(file)
            writer.write_table(batch)
            defects = batch["defect"].to_pylist()
            rows, defective = rows + len(defects), defective + sum(defect is not None for defect in defects)
            images = batch["image"].to_pylist()
            unreadable += [image for image, defect in zip(images, defects, strict=True) if defect == _UNREADABLE]
    return WrittenTable(rows, defective, tuple(dict.fromkeys(unreadable)))
