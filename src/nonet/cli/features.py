"""``nonet features``: the boxes of a data set as numbers, in a Parquet file."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from nonet.datasets import DataSet
    from nonet.radiomics.table import Job, Table

__all__ = ["app"]

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, help="Turn the boxes of a data set into numbers.")


@app.callback()
def _features() -> None:
    """Turn the boxes of a data set into numbers."""


@app.command()
def radiomics(
    data: Annotated[Path, typer.Argument(exists=True, help="A data set: Fetus Framework, COCO or YOLO txt.")],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", dir_okay=False, help="The Parquet file to write.")],
    split: Annotated[
        str | None, typer.Option(help="Part of the data set, such as set2; all of it if not given.")
    ] = None,
    bins: Annotated[int, typer.Option(help="Number of grey levels.")] = 32,
    workers: Annotated[int, typer.Option(min=1, help="Number of processes.")] = os.cpu_count() or 1,
    again: Annotated[bool, typer.Option("--again", help="Measure again although the file exists.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
) -> None:
    """Measure 215 radiomic features of every box; an interrupted run goes on where it stopped."""
    from nonet.datasets import load
    from nonet.radiomics import FixedBinNumber, Settings
    from nonet.radiomics.table import write_table

    if not output.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {output.parent}")
    if output.exists() and not again:
        raise typer.BadParameter(f"{output} exists; give --again to measure once more")
    data_set = load(data)
    jobs = _jobs((data_set.split(split) if split else data_set).boxed())
    table = write_table(jobs, output, Settings(bins=FixedBinNumber(bins)), workers=workers, watch=_watched)
    _report(table, output, as_json=json)
    raise typer.Exit(1 if table.unreadable else 0)


def _jobs(data: DataSet) -> list[Job]:
    from nonet.radiomics.table import Job

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


def _report(table: Table, output: Path, *, as_json: bool) -> None:
    for image in table.unreadable:
        sys.stderr.write(f"nonet: {image} could not be read; its rows are empty\n")
    if as_json:
        from dataclasses import asdict
        from json import dumps

        sys.stdout.write(dumps({"file": str(output), **asdict(table)}) + "\n")
    else:
        sys.stdout.write(f"{table.rows} boxes in {output}, {table.defective} of them without a value\n")
