"""``nonet study``: labels in, figures and a bundle out, by a plan."""

from __future__ import annotations

import os
import sys
from json import loads
from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = ["app"]

_INTERRUPTED = 130

app = typer.Typer(help="Train and evaluate graders by a plan.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Train and evaluate graders by a plan."""


@app.command()
def run(
    plan: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The plan, a TOML file.")],
    *,
    run: Annotated[Path, typer.Option(help="The run folder; a study that was killed goes on from what it holds.")],
    data: Annotated[Path | None, typer.Option(exists=True, help="The data set, if the plan does not say.")] = None,
    external_data: Annotated[
        Path | None, typer.Option(exists=True, help="The external data set that the plan names, if it lies elsewhere.")
    ] = None,
    bundle: Annotated[
        Path | None, typer.Option(exists=True, help="Bundle that gives the features; by default the one shipped.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Number of processes.")] = os.cpu_count() or 1,
    json: Annotated[bool, typer.Option("--json", help="Print figures.json.")] = False,
) -> None:
    """Do whatever of a study is not done yet: predictions, figures with intervals, a report, a bundle."""
    from nonet.bundle import DEFAULT_BUNDLE
    from nonet.cli.data_sets import report_problems
    from nonet.cli.extras import needs_extra
    from nonet.cli.progress import watched

    with needs_extra("study"):
        from nonet.study import run_study

    try:
        run_study(
            plan,
            run,
            data=data,
            external_data=external_data,
            bundle=bundle or DEFAULT_BUNDLE,
            workers=workers,
            watch=watched,
            report=report_problems,
        )
    except KeyboardInterrupt:
        sys.stderr.write(f"Interrupted: what is finished is kept in {run}; the same command goes on from there.\n")
        raise typer.Exit(_INTERRUPTED) from None
    figures = (run / "figures.json").read_text(encoding="utf-8")
    if json:
        sys.stdout.write(figures)
        return
    document = loads(figures)
    sys.stdout.write(f"{_summary(document)}; see {run / 'report.html'}\n{_shipped(document)}")


def _shipped(figures: dict[str, Any]) -> str:
    """Of what the best grader is not better than chance, a line; empty where there is nothing to say."""
    from nonet.datasets.tasks import Task
    from nonet.study.shipped_grader import shipped_grader

    words = shipped_grader(figures["cells"], figures["best"], Task(figures["task"])).words
    return f"{words}\n" if words else ""


def _summary(figures: dict[str, Any]) -> str:
    """The best experiment and its AUC in the folds."""
    best = figures["best"]
    wanted = ("internal", best["arm"], best["kind"])
    auc = next(one["auc"] for one in figures["cells"] if (one["scheme"], one["arm"], one["kind"]) == wanted)
    interval = "" if auc["value"] is None else f"{auc['value']:.3f} ({auc['low']:.3f}-{auc['high']:.3f})"
    name = f"{best['arm']} by {best['kind'].replace('_', ' ')}"
    return f"{figures['study']}: best {name}, AUC {interval or 'not defined'} in the folds"
