"""The ``nonet`` command: puts the subcommands together and turns errors into one line and an exit code."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

import nonet
from nonet.cli.read import read
from nonet.errors import NonetError

__all__ = ["app", "main"]

app = typer.Typer(
    help="Reads first-trimester ultrasound of the fetal head. Research use; not a diagnosis.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(read)

_FAILED = 1


def main() -> None:
    """Run the command line; exit code 0 done, 1 some inputs failed, 2 wrong usage."""
    try:
        app()
    except NonetError as problem:
        sys.stderr.write(f"nonet: {problem}\n")
        sys.exit(_FAILED)


@app.callback()
def _root(version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False) -> None:
    if version:
        sys.stdout.write(f"nonet {nonet.__version__}\n")
        raise typer.Exit
