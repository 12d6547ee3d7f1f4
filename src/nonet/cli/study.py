"""``nonet study``: labels in, figures and a bundle out, by a plan."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["app"]

app = typer.Typer(help="Train and judge graders by a plan.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Train and judge graders by a plan."""


@app.command()
def run(
    plan: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The plan, a TOML file.")],
    *,
    run: Annotated[Path, typer.Option(help="The run folder; a study that was killed goes on from what it holds.")],
    data: Annotated[Path | None, typer.Option(exists=True, help="The data set, if the plan does not say.")] = None,
    bundle: Annotated[
        Path | None, typer.Option(exists=True, help="Bundle that describes frames; by default the one shipped.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Number of processes.")] = os.cpu_count() or 1,
) -> None:
    """Do whatever of a study is not done yet: predictions, figures with intervals, a bundle."""
    from nonet.bundle import DEFAULT_BUNDLE
    from nonet.cli.progress import watched
    from nonet.study import run_study

    run_study(plan, run, data=data, bundle=bundle or DEFAULT_BUNDLE, workers=workers, watch=watched)
    sys.stdout.write(f"{run / 'figures.json'}, {run / 'predictions.csv'}\n")
