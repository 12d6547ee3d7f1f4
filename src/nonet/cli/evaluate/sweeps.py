"""``nonet evaluate sweeps``: whether the plane is told and the best frame found on sweeps whose planes are known."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from nonet.cli.evaluate.options import AsJson, BundleFolder, Workers

__all__ = ["sweeps"]


def sweeps(
    *,
    count: Annotated[int, typer.Option("--sweeps", min=1, max=100_000, help="How many; the machines take turns.")] = 20,
    frames: Annotated[int, typer.Option(min=2, max=10_000, help="Frames of each sweep.")] = 60,
    seed: Annotated[int, typer.Option(min=0, max=900_000, help="Number of the first sweep.")] = 0,
    bundle: BundleFolder = None,
    workers: Workers = 1,
    json: AsJson = False,
) -> None:
    """Evaluate loops on simulated sweeps through the midline, on machines that no training saw.

    Plane AUC: frames within 2 degrees of the midline against those beyond 8. Chosen: whether the best frame of the loop
    is among the five nearest the midline.
    """
    from nonet.bundle import DEFAULT_BUNDLE, Bundle
    from nonet.cli.progress import watched
    from nonet.evaluate.sweeps import sweep_figures, sweeps_json, sweeps_table
    from nonet.simulate.read_sweeps import read_sweeps

    folder = bundle or DEFAULT_BUNDLE
    read = read_sweeps(
        count, folder, first=seed, frames=frames, workers=workers, watch=lambda items: watched(items, "reading sweeps")
    )
    figures = sweep_figures(read)
    if json:
        sys.stdout.write(sweeps_json(figures, read, Bundle(folder).reference))
        return
    from rich.console import Console

    Console().print(sweeps_table(figures))
