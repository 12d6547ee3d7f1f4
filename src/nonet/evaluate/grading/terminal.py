"""The figures of a grader on a data set as tables for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.table import Column, Table

from nonet.evaluate.bootstrap import RESAMPLES
from nonet.evaluate.grading.figures import grading_figures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nonet.evaluate.grading.running import GradingRun

__all__ = ["render_grading"]

_HEADINGS = {
    "auc": "AUC",
    "accuracy": "accuracy",
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "brier": "Brier",
    "within_layout_auc": "AUC within layouts",
}


def render_grading(run: GradingRun, task: str, split: str) -> RenderableType:
    """All rows, then each device, centre and structure, and what to know of the figures."""
    told = grading_figures(run.rows)
    table = Table(
        Column(task, no_wrap=True),
        *(Column(heading, justify="right") for heading in (*_HEADINGS.values(), "rows")),
        title=f"{run.bundle.name} {run.bundle.version} on {split}: {run.frames} frames, by {run.grader}",
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    table.add_row("all", *_cells(told))
    for part in ("devices", "centres", "structures"):
        of_part: dict[str, Any] = told[part]
        if len(of_part) > 1 or part == "structures":
            table.add_section()
            for name, figures in of_part.items():
                table.add_row(name.replace("_", " "), *_cells(figures))
    return Group(table, "", *_notes(run, told))


def _notes(run: GradingRun, told: Mapping[str, Any]) -> list[str]:
    coverage = ", ".join(f"{name} {_cell(one, ' ')}" for name, one in told["conformal"]["coverage"].items())
    notes = [
        f"Sensitivity is of {run.rows.positive}. Coverage of the 90 % sets: {coverage}.",
        f"95 % intervals: {RESAMPLES} bootstrap resamples of patients, or else frames.",
    ]
    if run.left_out:
        notes.append(f"{len(run.left_out)} images were left out; --json tells why.")
    if run.seen:
        notes.append(f"[bold red]{run.seen} of these frames were seen in training: not a test.[/bold red]")
    return notes


def _cells(figures: Mapping[str, Any]) -> list[str]:
    rows = figures.get("rows")
    if "note" in figures:
        return [figures["note"], *[""] * (len(_HEADINGS) - 1), " / ".join(map(str, figures["counts"].values()))]
    return [*(_cell(figures[name]) for name in _HEADINGS), str(rows if rows is not None else "")]


def _cell(figure: Mapping[str, float | None], apart: str = "\n") -> str:
    if figure["value"] is None:
        return "-"
    interval = "" if figure["low"] is None else f"{apart}{figure['low']:.3f}-{figure['high']:.3f}"
    return f"{figure['value']:.3f}{interval}"
