"""``nonet evaluate``: the figures of a model on a data set, a command for each thing that can be evaluated."""

from __future__ import annotations

import typer

from nonet.cli.evaluate.criteria import criteria
from nonet.cli.evaluate.detection import detection
from nonet.cli.evaluate.detectors import detectors
from nonet.cli.evaluate.grading import labels, plane, visibility
from nonet.cli.evaluate.measurements import measurements
from nonet.cli.evaluate.repeatability import repeatability
from nonet.cli.evaluate.robustness import robustness
from nonet.cli.evaluate.ruler import ruler
from nonet.cli.evaluate.scope import scope
from nonet.cli.evaluate.simulated_measurements import simulated_measurements
from nonet.cli.evaluate.sweeps import sweeps
from nonet.cli.evaluate.untouched import untouched

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Evaluate a model on a data set.")
for _command in (
    detection,
    detectors,
    scope,
    plane,
    visibility,
    labels,
    untouched,
    robustness,
    criteria,
    measurements,
    ruler,
    simulated_measurements,
    repeatability,
    sweeps,
):
    app.command()(_command)
