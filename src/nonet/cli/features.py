"""``nonet features``: the boxes of a data set as numbers, in a Parquet file."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from nonet.bundle import Bundle
    from nonet.datasets import DataSet
    from nonet.features.table import FeatureFamily, Job, WrittenTable

__all__ = ["app"]

T = TypeVar("T")

Data = Annotated[Path, typer.Argument(exists=True, help="A data set: Fetus Framework, COCO or YOLO txt.")]
Output = Annotated[Path, typer.Option("--output", "-o", dir_okay=False, help="The Parquet file to write.")]
Split = Annotated[str | None, typer.Option(help="Part of the data set, such as set2; all of it if not given.")]
Again = Annotated[bool, typer.Option("--again", help="Measure again although the file exists.")]
Json = Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")]

app = typer.Typer(no_args_is_help=True, help="Turn the boxes of a data set into numbers.")


@app.callback()
def _features() -> None:
    """Turn the boxes of a data set into numbers."""


@app.command()
def radiomics(
    data: Data,
    *,
    output: Output,
    split: Split = None,
    bins: Annotated[int, typer.Option(help="Number of grey levels.")] = 32,
    workers: Annotated[int, typer.Option(min=1, help="Number of processes.")] = os.cpu_count() or 1,
    again: Again = False,
    json: Json = False,
) -> None:
    """Measure 215 radiomic features of every box; an interrupted run goes on where it stopped."""
    from nonet.features.radiomic_features import RadiomicFeatures
    from nonet.radiomics import FixedBinNumber, RadiomicsSettings

    _check(output, again=again)
    table = _measure(
        _boxed(data, split), output, RadiomicFeatures(RadiomicsSettings(bins=FixedBinNumber(bins))), workers=workers
    )
    _report(table, output, as_json=json)


@app.command()
def deep(
    data: Data,
    *,
    output: Output,
    split: Split = None,
    bundle: Annotated[Path | None, typer.Option(help="Folder of a model bundle; by default the one shipped.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Number of processes, of two threads each.")] = 1,
    allow_seen: Annotated[
        bool, typer.Option("--allow-seen", help="Describe frames too that the embedder was trained on.")
    ] = False,
    again: Again = False,
    json: Json = False,
) -> None:
    """Measure the 1,792 deep features of every box; an interrupted run goes on where it stopped.

    Frames that the embedder was trained on are refused: what it says of them is not what it says of new ones.
    """
    from nonet.bundle import DEFAULT_BUNDLE, Bundle
    from nonet.deep import Embedder
    from nonet.features.deep_features import DeepFeatures

    _check(output, again=again)
    folder, boxed = bundle or DEFAULT_BUNDLE, _boxed(data, split)
    opened = Bundle(folder)
    listed = Embedder(opened).manifest.frames_seen
    if not allow_seen:
        _refuse_seen(boxed, opened, listed)
    _report(_measure(boxed, output, DeepFeatures(folder), workers=workers), output, as_json=json)


def _check(output: Path, *, again: bool) -> None:
    if not output.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {output.parent}")
    if output.exists() and not again:
        raise typer.BadParameter(f"{output} exists; give --again to measure once more")


def _boxed(data: Path, split: str | None) -> DataSet:
    from nonet.datasets import load

    data_set = load(data)
    return (data_set.split(split) if split else data_set).boxed()


def _refuse_seen(data: DataSet, bundle: Bundle, listed: str) -> None:
    """Raise LeakError if a frame is in the bundle's list; one that cannot be read is told of later."""
    from nonet.cli.progress import watched
    from nonet.errors import NonetError
    from nonet.evaluate import refuse_seen, uses_by_hash
    from nonet.frame import pixels_sha256

    hashes = {}
    for image in watched(data.images, "comparing with what was trained on"):
        with suppress(NonetError, OSError):
            hashes[image.name] = pixels_sha256(_pixels(image.path))
    refuse_seen(hashes, uses_by_hash(bundle, listed) or {})


def _measure(data: DataSet, output: Path, measurement: FeatureFamily, *, workers: int) -> WrittenTable:
    from nonet.features.table import write_table

    return write_table(_jobs(data), output, measurement, workers=workers, watch=_watched)


def _jobs(data: DataSet) -> list[Job]:
    from nonet.features.table import Job

    jobs = []
    for image in data.images:
        file = image.path.stat()
        regions = tuple((structure.value, box) for structure, box in data.boxes_of(image).items())
        stamp = f"{file.st_size}-{file.st_mtime_ns}"
        jobs.append(Job(image.name, partial(_pixels, image.path), regions, stamp))
    return jobs


def _watched(batches: Sequence[T]) -> Iterator[T]:
    from nonet.cli.progress import watched

    return watched(batches, "measuring, by eight images")


def _pixels(path: Path) -> NDArray[np.uint8]:
    from nonet.datasets.inspection import first_frame

    return first_frame(path).pixels


def _report(table: WrittenTable, output: Path, *, as_json: bool) -> None:
    for image in table.unreadable:
        sys.stderr.write(f"nonet: {image} could not be read; its rows are empty\n")
    if as_json:
        from dataclasses import asdict
        from json import dumps

        sys.stdout.write(dumps({"file": str(output), **asdict(table)}) + "\n")
    else:
        sys.stdout.write(f"{table.rows} boxes in {output}, {table.defective} of them without a value\n")
    raise typer.Exit(1 if table.unreadable else 0)
