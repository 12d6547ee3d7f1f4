"""The figures of a grader on a data set as tables for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.table import Column, Table

from nonet.evaluate.bootstrap import RESAMPLES
from nonet.evaluate.grading.grading_figures import grading_figures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nonet.evaluate.grading.run_grader import GradingRun

__all__ = ["render_grading"]

_OF_PROBABILITIES = {
    "auc": "AUC",
    "within_layout_auc": "within layouts",
    "brier": "Brier",
    "calibration_intercept": "intercept",
    "calibration_slope": "slope",
}
_OF_CLASSES = {
    "accuracy": "accuracy",
    "largest_class": "largest class",
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "ppv": "PPV",
    "npv": "NPV",
    "kappa": "kappa",
}
_PARTS = ("devices", "centres", "structures")


def render_grading(run: GradingRun, task: str, split: str, prevalence: float | None = None) -> RenderableType:
    """All rows, then each device, centre and structure, and what to know of the figures."""
    figures = grading_figures(run.rows, prevalence=prevalence)
    title = f"{task}, {run.bundle.name} {run.bundle.version} on {split}: {run.frames} frames, by {run.grader}"
    probabilities = _table("how well probabilities order and fit", figures, _OF_PROBABILITIES)
    classes = _table("the most probable class", figures, _OF_CLASSES)
    return Group(title, "", probabilities, "", classes, "", *_notes(run, figures))


def _table(title: str, figures: Mapping[str, Any], headings: Mapping[str, str]) -> Table:
    columns = [
        Column("", no_wrap=True),
        *(Column(heading, justify="right") for heading in (*headings.values(), "rows")),
    ]
    table = Table(*columns, title=title, title_justify="left", box=None, pad_edge=False)
    table.add_row("all", *_cells(figures, headings))
    for part in _PARTS:
        of_part: dict[str, Any] = figures[part]
        if len(of_part) > 1 or part == "structures":
            table.add_section()
            for name, own in of_part.items():
                table.add_row(name.replace("_", " "), *_cells(own, headings))
    return table


def _notes(run: GradingRun, figures: Mapping[str, Any]) -> list[str]:
    coverage = ", ".join(f"{name} {_cell(one, ' ')}" for name, one in figures["conformal"]["coverage"].items())
    notes = [
        f"Sensitivity is of {run.rows.positive}. Coverage of the {_levels(run)}sets: {coverage}.",
        f"95 % intervals: {RESAMPLES} bootstrap resamples of patients, or else frames.",
    ]
    if "at_prevalence" in figures:
        stated = figures["at_prevalence"]
        values = f"PPV {_cell(stated['ppv'], ' ')}, NPV {_cell(stated['npv'], ' ')}"
        notes.append(f"Where {100 * stated['prevalence']:g} % are {run.rows.positive}: {values}.")
    if run.not_graded:
        others = ", ".join(f"{name.replace('_', ' ')} {count} rows" for name, count in run.not_graded.items())
        notes.append(f"Left out, as this bundle does not grade them: {others}.")
    if run.excluded:
        count = len(run.excluded)
        notes.append(f"{count} {'image was' if count == 1 else 'images were'} left out; --json says why.")
    if run.seen:
        notes.append(f"[bold red]{run.seen} of these frames were seen in training: not a test.[/bold red]")
    return notes


def _levels(run: GradingRun) -> str:
    levels = sorted(set((run.levels or {}).values()), reverse=True)
    return f"{' and '.join(f'{100 * level:g}' for level in levels)} % " if levels else ""


def _cells(figures: Mapping[str, Any], headings: Mapping[str, str]) -> list[str]:
    if "note" in figures:
        return [figures["note"], *[""] * (len(headings) - 1), " / ".join(map(str, figures["counts"].values()))]
    return [*(_cell(figures[name]) for name in headings), str(figures["rows"])]


def _cell(figure: Mapping[str, float | None], apart: str = "\n") -> str:
    if figure["value"] is None:
        return "-"
    return f"{figure['value']:.3f}{_interval(figure, apart)}"


def _interval(figure: Mapping[str, float | None], apart: str) -> str:
    low, high = figure["low"], figure["high"]
    if low is None and high is None:
        return ""
    return f"{apart}{'no bound' if low is None else f'{low:.3f}'}-{'no bound' if high is None else f'{high:.3f}'}"
