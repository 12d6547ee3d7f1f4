"""The ``nonet`` command: puts the subcommands together and turns errors into one line and an exit code."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

import nonet
from nonet.cli import evaluate, features, model, study, train
from nonet.cli.check import check
from nonet.cli.read import read
from nonet.cli.simulate import simulate
from nonet.errors import NonetError

__all__ = ["app", "main"]

app = typer.Typer(
    help="Reads first-trimester ultrasound of the fetal head. Research use; not a diagnosis.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(read)
app.command()(check)
app.command()(simulate)
app.add_typer(features.app, name="features")
app.add_typer(evaluate.app, name="evaluate")
app.add_typer(train.app, name="train")
app.add_typer(study.app, name="study")
app.add_typer(model.app, name="model")

_FAILED = 1


def main() -> None:
    """Run the command line; exit code 0 done, 1 some inputs failed, 2 wrong usage."""
    try:
        app()
    except NonetError as problem:
        sys.stderr.write(f"nonet: {problem}\n")
        sys.exit(_FAILED)


def _print_version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"nonet {nonet.__version__}\n")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Hold the options of the command itself."""
