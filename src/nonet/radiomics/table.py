"""The features of every box of many images as one Parquet file: in parallel, resumable, one row a box.

Images are measured in batches. A finished batch is a file in a folder beside the table, named by a
hash of what went into it; what is there already is not measured again, and when all batches are
there they become the table.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nonet.errors import NonetError
from nonet.radiomics.extract import Features, columns, extract_many
from nonet.radiomics.region import Pixels
from nonet.radiomics.settings import Settings
from nonet.radiomics.undefined import Undefined
from nonet.reading import Box

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Job", "Table", "write_table"]

_BATCH = 8

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
        Gives the image's pixels ``[H, W]``; must be picklable, as it is called in another process.
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
class Table:
    """What was written: rows in all, rows in which nothing could be measured, images that could not be read."""

    rows: int
    defective: int
    unreadable: tuple[str, ...]


def write_table(
    jobs: Sequence[Job],
    output: Path,
    settings: Settings | None = None,
    *,
    workers: int = 1,
    watch: Watch = iter,
) -> Table:
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
    settings
        How to measure.
    workers
        Number of processes.
    watch
        Gives the batches back one by one, and may show how far they are.
    """
    chosen = settings or Settings()
    parts = output.with_name(output.name + ".parts")
    parts.mkdir(parents=True, exist_ok=True)
    batches = [tuple(jobs[start : start + _BATCH]) for start in range(0, len(jobs), _BATCH)]
    files = [parts / f"{_key(batch, chosen)}.parquet" for batch in batches]
    waiting = [(batch, file) for batch, file in zip(batches, files, strict=True) if not file.exists()]
    _measure_all([partial(_measure, batch, file, chosen) for batch, file in waiting], workers, watch)
    table = _join(files, output, chosen)
    shutil.rmtree(parts)
    return table


def _key(batch: Sequence[Job], settings: Settings) -> str:
    boxes = [[job.image, job.stamp, [[name, *box.xyxy] for name, box in job.regions]] for job in batch]
    return hashlib.sha256(json.dumps([settings.sha256, boxes]).encode()).hexdigest()


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


def _measure(batch: Sequence[Job], file: Path, settings: Settings) -> None:
    import pyarrow.parquet as pq

    unfinished = file.with_name(f"{file.stem}.{os.getpid()}.tmp")
    pq.write_table(_rows(batch, settings), unfinished)
    unfinished.replace(file)


def _rows(batch: Sequence[Job], settings: Settings) -> pa.Table:
    import pyarrow as pa

    measured = [features for job in batch for features in _features(job, settings)]
    regions = [(job.image, name, box) for job in batch for name, box in job.regions]
    values = np.array([features.values for features in measured]).reshape(len(measured), -1)
    data = {
        "image": [image for image, _, _ in regions],
        "structure": [name for _, name, _ in regions],
        "box": [list(box.xyxy) for _, _, box in regions],
        "settings": [settings.sha256] * len(regions),
        **{column.name: values[:, index] for index, column in enumerate(columns(settings)) if len(measured)},
        "defect": [features.defect for features in measured],
        "undefined": [[] if features.defect else list(features.undefined().items()) for features in measured],
    }
    return pa.table({name: data.get(name, []) for name in _schema(settings).names}, schema=_schema(settings))


def _features(job: Job, settings: Settings) -> list[Features]:
    try:
        return extract_many(job.pixels(), [box for _, box in job.regions], settings)
    except (NonetError, OSError):
        return [Features.nothing(Undefined.UNREADABLE, settings)] * len(job.regions)


def _schema(settings: Settings) -> pa.Schema:
    import pyarrow as pa

    fields = [
        ("image", pa.string()),
        ("structure", pa.string()),
        ("box", pa.list_(pa.float64(), 4)),
        ("settings", pa.string()),
        *((column.name, pa.float64()) for column in columns(settings)),
        ("defect", pa.string()),
        ("undefined", pa.map_(pa.string(), pa.string())),
    ]
    return pa.schema(fields, metadata={"nonet.radiomics.settings": settings.document})


def _join(files: Sequence[Path], output: Path, settings: Settings) -> Table:
    """Write the batches into one file, which takes its name only when it is whole."""
    import pyarrow.parquet as pq

    rows, defective, unreadable = 0, 0, []
    unfinished = output.with_name(output.name + ".tmp")
    with pq.ParquetWriter(unfinished, _schema(settings)) as writer:
        for file in files:
            batch = pq.read_table(file)
            writer.write_table(batch)
            defects = batch["defect"].to_pylist()
            rows, defective = rows + len(defects), defective + sum(defect is not None for defect in defects)
            images = batch["image"].to_pylist()
            unreadable += [
                image for image, defect in zip(images, defects, strict=True) if defect == Undefined.UNREADABLE
            ]
    unfinished.replace(output)
    return Table(rows, defective, tuple(dict.fromkeys(unreadable)))
