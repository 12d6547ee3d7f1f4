"""``nonet evaluate ruler``: on how many frames the ruler on the screen is read, and how often wrongly."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from nonet.cli.evaluate.options import AsJson, DataFolder, Split, Workers

__all__ = ["ruler"]


def ruler(
    data: DataFolder,
    *,
    split: Split = None,
    rulers: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="CSV of known rulers; by default frames.csv in the data set's folder."
        ),
    ] = None,
    workers: Workers = 1,
    json: AsJson = False,
) -> None:
    """Evaluate the pixel size read from the ruler on the screen against pixel sizes that people read off it."""
    from nonet.cli.data_sets import load_data
    from nonet.cli.progress import watched
    from nonet.datasets.frame_columns import FRAME_COLUMNS_FILE
    from nonet.evaluate.ruler import read_known, ruler_figures, ruler_json, ruler_words, run_ruler

    known = read_known(rulers or data / FRAME_COLUMNS_FILE)
    data_set = load_data(data)
    part = data_set.split(split) if split else data_set
    run = run_ruler(part.images, known, workers=workers, watch=lambda items: watched(items, "reading rulers"))
    for one in run.unreadable:
        sys.stderr.write(f"nonet: {one.image}: {one.to_json()['reason']}\n")
    figures = ruler_figures(run)
    words = ruler_json(figures, data_set.form, split or "all") if json else ruler_words(figures, split or "all")
    sys.stdout.write(words)
    raise typer.Exit(1 if run.unreadable else 0)
