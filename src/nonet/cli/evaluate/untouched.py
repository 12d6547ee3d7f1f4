"""``nonet evaluate untouched``: what a bundle's grader says of frames that nobody edited."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from nonet.cli.evaluate.options import AsJson, BundleFolders, DataFolder, PrintedReadings, Split, Workers

__all__ = ["untouched"]


def untouched(
    data: DataFolder,
    *,
    split: Split = None,
    bundle: BundleFolders = None,
    readings: PrintedReadings = None,
    zooms: Annotated[bool, typer.Option(help="Also show each frame at other sizes.")] = True,
    workers: Workers = 1,
    json: AsJson = False,
) -> None:
    """Evaluate how often untouched standard frames are called abnormal, at other zooms too, and as in edited copies.

    Copies are found in a folder that nonet edits wrote: a sham copy should be called as the frame is, and so should
    every other structure where one was made abnormal. Printed readings of the nuchal translucency are held
    against the probability that it is abnormal.
    """
    from nonet.bundle import DEFAULT_BUNDLE, Bundle
    from nonet.cli.data_sets import load_data
    from nonet.cli.progress import watched
    from nonet.datasets.frame_columns import FRAME_COLUMNS_FILE
    from nonet.evaluate.measurements.printed_readings import printed_mm
    from nonet.evaluate.untouched import run_untouched, untouched_figures
    from nonet.evaluate.untouched.edited_copies import read_copies
    from nonet.evaluate.untouched.untouched_figures import untouched_json, untouched_table

    data_set = load_data(data)
    part = data_set.split(split) if split else data_set
    folders = bundle or [DEFAULT_BUNDLE]
    table = readings or data / FRAME_COLUMNS_FILE
    run = run_untouched(
        part,
        folders,
        read_copies(data),
        zooms=zooms,
        workers=workers,
        watch=lambda items: watched(items, "grading"),
    )
    figures = untouched_figures(run, printed_mm(table) if table.is_file() else None)
    for one in run.unreadable:
        sys.stderr.write(f"nonet: {one.image}: {one.to_json()['reason']}\n")
    if json:
        references = [Bundle(folder).reference for folder in folders]
        sys.stdout.write(untouched_json(figures, run, references, data_set.form, split or "all"))
    else:
        from rich.console import Console

        Console().print(untouched_table(figures, split or "all"))
    raise typer.Exit(1 if run.unreadable else 0)
