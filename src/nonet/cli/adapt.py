"""``nonet adapt``: set a bundle's threshold, calibration and conformal sets on a site's own labelled frames."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from nonet.evaluate.grading import GradingRun

__all__ = ["adapt"]

_SHOWN = ("auc", "sensitivity", "specificity", "calibration_intercept", "calibration_slope", "brier")
_FEW = 25


def adapt(
    bundle: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Folder of the bundle to adapt.")],
    data: Annotated[Path, typer.Argument(exists=True, help="25 to 50 labelled frames of the site, as a data set.")],
    output: Annotated[Path, typer.Option(help="Folder of the new bundle.", file_okay=False)],
    *,
    name: Annotated[str | None, typer.Option(help="Name of the site; by default that of the folder.")] = None,
    split: Annotated[
        str | None, typer.Option(help="Part of the data set, such as set2; all of it if not given.")
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="CSV of image, structure, label: adapts grades, not planes."),
    ] = None,
    level: Annotated[float, typer.Option(min=0.5, max=0.99, help="Of the conformal sets.")] = 0.95,
    json: Annotated[bool, typer.Option("--json", help="Print figures before and after as JSON.")] = False,
) -> None:
    """Adapt a bundle to a hospital: its threshold, calibration and sets, from what, and what that is worth."""
    from nonet.bundle import Bundle
    from nonet.cli.data_sets import load_data, report_problems
    from nonet.cli.progress import watched
    from nonet.datasets.tasks import Task, label_rows
    from nonet.evaluate.adaptation import adapt as adapted
    from nonet.evaluate.adaptation import write_adapted_bundle
    from nonet.evaluate.adaptation.adapted_bundle import refuse_adapted
    from nonet.evaluate.grading import grading_figures, run_grader
    from nonet.grade.novelty import Novelty
    from nonet.grade.task_grader import TaskGrader

    if output.exists() and any(output.iterdir()):
        raise typer.BadParameter(f"{output} is not empty", param_hint="--output")
    task = Task.LABELS if labels else Task.PLANE
    opened = Bundle(bundle)
    refuse_adapted(opened, task)
    data_set = load_data(data)
    labelled = label_rows(task, data_set.split(split) if split else data_set, labels=labels)
    if labels:
        report_problems(labelled.data)
    run = run_grader(task, labelled, opened, lambda images: watched(images, "grading"))
    for one in run.unreadable:
        sys.stderr.write(f"nonet: {one.image}: {one.to_json()['reason']}\n")
    made = adapted(run, TaskGrader(opened, task).spec.classes, level=level)
    if run.frames < _FEW:
        sys.stderr.write(f"nonet: {run.frames} frames are few: 25 to 50 give a steadier threshold\n")
    figures = {"before": grading_figures(made.before), "after": grading_figures(made.after)}
    named = name or data.resolve().name
    novelty = None if run.distances is None else Novelty.of_site(run.distances)
    write_adapted_bundle(output, opened, task, made.site, run.hashes, name=named, figures=figures, novelty=novelty)
    sys.stdout.write(_json(figures, run, level, output) if json else _words(figures, run, level, output))
    raise typer.Exit(1 if run.unreadable else 0)


def _json(figures: dict[str, dict[str, Any]], run: GradingRun, level: float, output: Path) -> str:
    from dataclasses import asdict
    from json import dumps

    document = {
        **figures,
        "frames": run.frames,
        "left_out": [one.to_json() for one in run.excluded],
        "conformal_level": level,
        "adapted_from": asdict(run.bundle),
        "bundle": str(output),
        "protocol": "each frame by an adaptation that had not seen it (five folds, groups kept together)",
    }
    return dumps(document, indent=1) + "\n"


def _words(figures: dict[str, dict[str, Any]], run: GradingRun, level: float, output: Path) -> str:
    lines = [f"{run.frames} frames, {run.grader}; each frame by an adaptation that had not seen it"]
    lines += [f"{'':24}{'before':>26}{'after':>26}"]
    for name in _SHOWN:
        shown = [_figure(figures[when][name]) for when in ("before", "after")]
        lines.append(f"{name.replace('_', ' '):24}{shown[0]:>26}{shown[1]:>26}")
    for one in run.rows.classes:
        shown = [_figure(figures[when]["conformal"]["coverage"][one]) for when in ("before", "after")]
        lines.append(f"{f'coverage, {one}':24}{shown[0]:>26}{shown[1]:>26}")
    lines.append(f"{level:.0%} sets; the bundle is in {output}")
    return "\n".join(lines) + "\n"


def _figure(one: dict[str, float | None]) -> str:
    if one["value"] is None:
        return "-"
    low, high = ("no bound" if one[end] is None else f"{one[end]:.3f}" for end in ("low", "high"))
    return f"{one['value']:.3f} ({low} to {high})"
