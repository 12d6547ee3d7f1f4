"""``nonet features``: the boxes of a data set as numbers, in a Parquet file."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from enum import StrEnum
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


class Boxes(StrEnum):
    """Where the boxes come from."""

    REFERENCE = "reference"
    DETECTED = "detected"


Data = Annotated[Path, typer.Argument(exists=True, help="A data set: Fetus Framework, COCO or YOLO txt.")]
Output = Annotated[Path, typer.Option("--output", "-o", dir_okay=False, help="The Parquet file to write.")]
Split = Annotated[str | None, typer.Option(help="Part of the data set, such as set2; all of it if not given.")]
Again = Annotated[bool, typer.Option("--again", help="Compute again although the file exists.")]
From = Annotated[
    Boxes, typer.Option("--boxes", help="The data set's own boxes, or the nine that the bundle's detector finds.")
]
BundleFolder = Annotated[Path | None, typer.Option(help="Folder of a model bundle; by default the one shipped.")]
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
    boxes: From = Boxes.REFERENCE,
    bins: Annotated[int, typer.Option(help="Number of grey levels.")] = 32,
    bundle: BundleFolder = None,
    workers: Annotated[int, typer.Option(min=1, help="Number of processes.")] = os.cpu_count() or 1,
    again: Again = False,
    json: Json = False,
) -> None:
    """Compute 215 radiomic features of every box; an interrupted run goes on where it stopped."""
    from nonet.features.radiomic_features import RadiomicFeatures
    from nonet.radiomics import FixedBinNumber, RadiomicsSettings

    _check(output, again=again)
    family = RadiomicFeatures(RadiomicsSettings(bins=FixedBinNumber(bins)))
    jobs = _jobs(_images(data, split, boxes), boxes, bundle)
    _report(_write(jobs, output, family, workers=workers), output, as_json=json)


@app.command()
def deep(
    data: Data,
    *,
    output: Output,
    split: Split = None,
    boxes: From = Boxes.REFERENCE,
    bundle: BundleFolder = None,
    workers: Annotated[int, typer.Option(min=1, help="Number of processes, of two threads each.")] = 1,
    allow_seen: Annotated[
        bool, typer.Option("--allow-seen", help="Take frames too that the embedder was trained on.")
    ] = False,
    again: Again = False,
    json: Json = False,
) -> None:
    """Compute the 1,792 deep features of every box; an interrupted run goes on where it stopped.

    Frames that the embedder was trained on are refused: their features are not those of new frames.
    """
    from nonet.bundle import DEFAULT_BUNDLE, Bundle
    from nonet.deep import Embedder
    from nonet.features.deep_features import DeepFeatures

    _check(output, again=again)
    folder, images = bundle or DEFAULT_BUNDLE, _images(data, split, boxes)
    opened = Bundle(folder)
    listed = Embedder(opened).manifest.frames_seen
    if not allow_seen:
        _refuse_seen(images, opened, listed)
    jobs = _jobs(images, boxes, folder)
    _report(_write(jobs, output, DeepFeatures(folder), workers=workers), output, as_json=json)


def _check(output: Path, *, again: bool) -> None:
    if not output.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {output.parent}")
    if output.exists() and not again:
        raise typer.BadParameter(f"{output} exists; give --again to compute it once more")


def _images(data: Path, split: str | None, boxes: Boxes) -> DataSet:
    """The images of a part of a data set: all of them, or those that have reference boxes."""
    from nonet.cli.data_sets import load_data
    from nonet.errors import DatasetError

    whole = load_data(data)
    part = whole.split(split) if split else whole
    if boxes is Boxes.DETECTED:
        return part
    if not (boxed := part.boxed()).images:
        raise DatasetError(
            "Features of reference boxes need a data set with boxes",
            found=f"{len(part.images)} images without a box in {data}",
            remedy="Try --boxes detected, or nonet check on the data set",
        )
    return boxed


def _refuse_seen(data: DataSet, bundle: Bundle, listed: str) -> None:
    """Raise LeakError if a frame is in the bundle's list; one that cannot be read is reported later."""
    from nonet.cli.progress import watched
    from nonet.errors import NonetError
    from nonet.evaluate import refuse_seen, uses_by_hash
    from nonet.frame import pixels_sha256

    hashes = {}
    for image in watched(data.images, "comparing with what was trained on"):
        with suppress(NonetError, OSError):
            hashes[image.name] = pixels_sha256(_pixels(image.path))
    refuse_seen(hashes, uses_by_hash(bundle, listed) or {})


def _write(jobs: list[Job], output: Path, family: FeatureFamily, *, workers: int) -> WrittenTable:
    from nonet.features.table import write_table

    return write_table(jobs, output, family, workers=workers, watch=_watched)


def _jobs(data: DataSet, boxes: Boxes, bundle: Path | None) -> list[Job]:
    from nonet.features.table import Job

    if boxes is Boxes.DETECTED:
        return _jobs_of_detections(data, bundle)
    return [
        Job(
            image.name,
            partial(_pixels, image.path),
            tuple((structure.value, box) for structure, box in data.boxes_of(image).items()),
            _stamp(image.path),
        )
        for image in data.images
    ]


def _jobs_of_detections(data: DataSet, bundle: Path | None) -> list[Job]:
    """The nine boxes that the detector finds on each frame with its overlay hidden, as in a reading and a study.

    Features are of pixels of the frame; those of readings and studies are of the head frame.
    """
    from nonet.bundle import DEFAULT_BUNDLE, Bundle
    from nonet.cli.progress import watched
    from nonet.datasets.inspection import first_frame
    from nonet.detect import Detector
    from nonet.errors import NonetError
    from nonet.features.table import Job
    from nonet.frames import hide_overlay

    detector = Detector(Bundle(bundle or DEFAULT_BUNDLE))
    jobs = []
    for image in watched(data.images, "detecting"):
        try:
            found = detector.detect(hide_overlay(first_frame(image.path)))
        except NonetError as error:
            sys.stderr.write(f"nonet: {error}\n")
            continue
        regions = tuple((detection.structure.value, detection.box) for detection in found)
        jobs.append(Job(image.name, partial(_masked_pixels, image.path), regions, f"masked-{_stamp(image.path)}"))
    return jobs


def _stamp(path: Path) -> str:
    file = path.stat()
    return f"{file.st_size}-{file.st_mtime_ns}"


def _masked_pixels(path: Path) -> NDArray[np.uint8]:
    from nonet.datasets.inspection import first_frame
    from nonet.frames import hide_overlay

    return hide_overlay(first_frame(path)).pixels


def _watched(batches: Sequence[T]) -> Iterator[T]:
    from nonet.cli.progress import watched

    return watched(batches, "features, by eight images")


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
