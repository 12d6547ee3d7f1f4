"""The ``nonet`` command: puts the subcommands together and turns errors into one line and an exit code."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, Annotated

import typer

import nonet
from nonet.cli import evaluate, features, model, node, study, train
from nonet.cli.adapt import adapt
from nonet.cli.check import check
from nonet.cli.deidentify import deidentify
from nonet.cli.edits import edits
from nonet.cli.node_http import http
from nonet.cli.node_mercure import mercure
from nonet.cli.read import read
from nonet.cli.simulate import simulate
from nonet.cli.streams import guard_streams, let_nothing_more_out
from nonet.cli.watch import watch
from nonet.environment import environment_failure
from nonet.errors import EnvironmentFailure, NonetError

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["app", "main"]

app = typer.Typer(
    help="Reads first-trimester ultrasound of the fetal head. Research use; not a diagnosis.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(read)
app.command()(watch)
app.command()(check)
app.command()(simulate)
app.command()(edits)
app.command()(adapt)
app.command()(deidentify)
app.add_typer(features.app, name="features")
app.add_typer(evaluate.app, name="evaluate")
app.add_typer(train.app, name="train")
app.add_typer(study.app, name="study")
app.add_typer(model.app, name="model")
app.add_typer(node.app, name="node")
node.app.command()(http)
node.app.command()(mercure)

_FAILED, _REFUSED = 1, 3


def main() -> None:
    """Run the command line; exit code 0 done, 1 some inputs failed, 2 wrong usage, 3 the machine refused."""
    guard_streams()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        code = _run()
        sys.stdout.flush()
    except OSError as problem:
        code = _fail(environment_failure(problem))
    except EnvironmentFailure as problem:
        code = _fail(problem)
    if code == _REFUSED:
        let_nothing_more_out()
    sys.exit(code)


def _run() -> int:
    """Run a command; its exit code."""
    try:
        app()
    except NonetError as problem:
        return _fail(problem)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _fail(problem: NonetError) -> int:
    """Write an error in one line; its exit code."""
    line = "".join(letter if letter.isprintable() else "?" for letter in str(problem))
    sys.stderr.write(f"nonet: {line}\n")
    return _REFUSED if isinstance(problem, EnvironmentFailure) else _FAILED


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Answer a request to end as one to interrupt: what is finished is kept."""
    del number, frame
    raise KeyboardInterrupt


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
