"""What was measured in every box of many images, as one Parquet file: in parallel, resumable, one row a box.

Images are measured in batches. A finished batch is a file in a folder beside the table, named by a
hash of what went into it; what is there already is not measured again, and when all batches are
there they become the table.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from nonet.errors import NonetError
from nonet.reading import Box

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FeatureFamily", "Job", "Row", "WrittenTable", "write_table"]

_BATCH = 8
_UNREADABLE = "unreadable"

Pixels = NDArray[np.uint8]
Values = NDArray[np.float32 | np.float64]

Work = Callable[[], None]
Watch = Callable[[Sequence[Work]], Iterable[Work]]


@dataclass(frozen=True, slots=True)
class Job:
    """One image and the regions to measure in it.

    Parameters
    ----------
    image
        Name of the image in the table.
    pixels
        Gives the image's pixels ``uint8[H, W]``; must be picklable, as it is called in another process.
    regions
        Name and box of each region.
    stamp
        What the pixels are known by, such as size and time of the file: when it changes, the image
        is measured again.
    """

    image: str
    pixels: Callable[[], Pixels]
    regions: tuple[tuple[str, Box], ...]
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured in one region.

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
    """A way to turn boxes into numbers; must be picklable, as other processes measure too."""

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
        """One row for each box on pixels ``uint8[H, W]``; where nothing can be measured, one with its defect."""


@dataclass(frozen=True, slots=True)
class WrittenTable:
    """What was written: rows in all, rows in which nothing could be measured, images that could not be read."""

    rows: int
    defective: int
    unreadable: tuple[str, ...]


def write_table(
    jobs: Sequence[Job],
    output: Path,
    measurement: FeatureFamily,
    *,
    workers: int = 1,
    watch: Watch = iter,
) -> WrittenTable:
    """Measure the regions of all jobs and write one Parquet file.

    The columns are ``image``, ``structure``, ``box`` (x1, y1, x2, y2 in pixels), ``settings`` (hash),
    the features, ``defect`` (why a row has no value at all, else null) and ``undefined`` (feature
    name to reason, for single features). A region or an image that cannot be measured makes a row
    of NaN. The settings themselves stand in the file's metadata.

    Parameters
    ----------
    jobs
        What to measure.
    output
        The Parquet file. Batches wait in ``<output>.parts`` until all are done.
    measurement
        How to measure.
    workers
        Number of processes.
    watch
        Gives the batches back one by one, and may show how far they are.
    """
    parts = output.with_name(output.name + ".parts")
    parts.mkdir(parents=True, exist_ok=True)
    batches = [tuple(jobs[start : start + _BATCH]) for start in range(0, len(jobs), _BATCH)]
    files = [parts / f"{_key(batch, measurement)}.parquet" for batch in batches]
    waiting = [(batch, file) for batch, file in zip(batches, files, strict=True) if not file.exists()]
    _measure_all([partial(_measure, batch, file, measurement) for batch, file in waiting], workers, watch)
    table = _join(files, output, measurement)
    shutil.rmtree(parts)
    return table


def _key(batch: Sequence[Job], measurement: FeatureFamily) -> str:
    boxes = [[job.image, job.stamp, [[name, *box.xyxy] for name, box in job.regions]] for job in batch]
    return hashlib.sha256(json.dumps([_settings(measurement), boxes]).encode()).hexdigest()


def _settings(measurement: FeatureFamily) -> str:
    return hashlib.sha256(measurement.document.encode()).hexdigest()


def _measure_all(work: Sequence[Work], workers: int, watch: Watch) -> None:
    """Measure batches, here or in other processes."""
    if workers == 1:
        for measure in watch(work):
            measure()
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waits: list[Work] = [pool.submit(measure).result for measure in work]
        try:
            for wait in watch(waits):
                wait()
        finally:
            pool.shutdown(cancel_futures=True)


def _measure(batch: Sequence[Job], file: Path, measurement: FeatureFamily) -> None:
    import pyarrow.parquet as pq

    unfinished = file.with_name(f"{file.stem}.{os.getpid()}.tmp")
    pq.write_table(_rows(batch, measurement), unfinished)
    unfinished.replace(file)


def _rows(batch: Sequence[Job], measurement: FeatureFamily) -> pa.WrittenTable:
    import pyarrow as pa

    rows = [row for job in batch for row in _of_job(job, measurement)]
    regions = [(job.image, name, box) for job in batch for name, box in job.regions]
    values = np.array([row.values for row in rows], measurement.dtype).reshape(len(rows), -1)
    data = {
        "image": [image for image, _, _ in regions],
        "structure": [name for _, name, _ in regions],
        "box": [list(box.xyxy) for _, _, box in regions],
        "settings": [_settings(measurement)] * len(regions),
        **{name: values[:, index] for index, name in enumerate(measurement.names) if rows},
        "defect": [row.defect for row in rows],
        "undefined": [list(row.undefined.items()) for row in rows],
    }
    return pa.table({name: data.get(name, []) for name in _schema(measurement).names}, schema=_schema(measurement))


def _of_job(job: Job, measurement: FeatureFamily) -> Sequence[Row]:
    try:
        return measurement.rows(job.pixels(), [box for _, box in job.regions])
    except (NonetError, OSError):
        nothing: Values = np.full(len(measurement.names), np.nan, measurement.dtype)
        return [Row(nothing, _UNREADABLE)] * len(job.regions)


def _schema(measurement: FeatureFamily) -> pa.Schema:
    import pyarrow as pa

    number = pa.from_numpy_dtype(measurement.dtype)
    fields = [
        ("image", pa.string()),
        ("structure", pa.string()),
        ("box", pa.list_(pa.float64(), 4)),
        ("settings", pa.string()),
        *((name, number) for name in measurement.names),
        ("defect", pa.string()),
        ("undefined", pa.map_(pa.string(), pa.string())),
    ]
    return pa.schema(fields, metadata={f"nonet.{measurement.kind}.settings": measurement.document})


def _join(files: Sequence[Path], output: Path, measurement: FeatureFamily) -> WrittenTable:
    """Write the batches into one file, which takes its name only when it is whole."""
    import pyarrow.parquet as pq

    rows, defective, unreadable = 0, 0, []
    unfinished = output.with_name(output.name + ".tmp")
    with pq.ParquetWriter(unfinished, _schema(measurement)) as writer:
        for file in files:
            batch = pq.read_table(file)
            writer.write_table(batch)
            defects = batch["defect"].to_pylist()
            rows, defective = rows + len(defects), defective + sum(defect is not None for defect in defects)
            images = batch["image"].to_pylist()
            unreadable += [image for image, defect in zip(images, defects, strict=True) if defect == _UNREADABLE]
    unfinished.replace(output)
    return WrittenTable(rows, defective, tuple(dict.fromkeys(unreadable)))
