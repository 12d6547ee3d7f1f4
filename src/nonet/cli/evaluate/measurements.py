"""``nonet evaluate measurements``: how near measurements come to what sonographers measured on the same frames."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from nonet.cli.evaluate.options import AsJson, BundleFolders, DataFolder, PrintedReadings, Split, Workers
from nonet.cli.evaluate.overlays import Overlays

__all__ = ["measurements"]


def measurements(
    data: DataFolder,
    *,
    split: Split = None,
    readings: PrintedReadings = None,
    bundle: BundleFolders = None,
    overlays: Annotated[Overlays, typer.Option(help="Whether callipers and text are hidden.")] = Overlays.MASK,
    workers: Workers = 1,
    json: AsJson = False,
) -> None:
    """Evaluate the thickness of the nuchal translucency against readings that are printed on the frames."""
    from nonet.bundle import DEFAULT_BUNDLE, Bundle
    from nonet.cli.data_sets import load_data
    from nonet.cli.progress import watched
    from nonet.datasets.frame_columns import FRAME_COLUMNS_FILE
    from nonet.evaluate.measurements import measurement_figures, read_printed, run_measurements
    from nonet.evaluate.measurements.measurement_figures import measurements_json, measurements_words

    printed = read_printed(readings or data / FRAME_COLUMNS_FILE)
    data_set = load_data(data)
    part = data_set.split(split) if split else data_set
    folders = bundle or [DEFAULT_BUNDLE]
    run = run_measurements(
        part.images,
        printed,
        folders,
        keep_overlays=overlays is Overlays.KEEP,
        workers=workers,
        watch=lambda items: watched(items, "measuring"),
    )
    for one in run.unreadable:
        sys.stderr.write(f"nonet: {one.image}: {one.to_json()['reason']}\n")
    figures = measurement_figures(run)
    if json:
        references = [Bundle(folder).reference for folder in folders]
        sys.stdout.write(measurements_json(figures, references, data_set.form, split or "all", overlays.value))
    else:
        sys.stdout.write(measurements_words(figures, split or "all"))
    raise typer.Exit(1 if run.unreadable else 0)
