"""``nonet node``: a DICOM node that receives ultrasound, reads it and sends the results back."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nonet.cli.extras import needs_extra

if TYPE_CHECKING:
    from nonet.serve.node.config import Config
    from nonet.serve.node.queue import Queue
    from nonet.serve.node.summary import Summary

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True, help="A DICOM node: receives ultrasound, reads it, sends the results to a PACS."
)

ConfigFile = Annotated[Path, typer.Argument(help="The node's configuration, a TOML file.", show_default=False)]


@app.command()
def serve(config: ConfigFile) -> None:
    """Run the node until it is told to stop (SIGTERM or Ctrl-C); what is not done then waits for the next start."""
    from nonet.serve.node.config import load_config

    loaded = load_config(config)
    with needs_extra("node"):
        import pynetdicom  # noqa: F401

        from nonet.serve.node.node import serve as run

        run(loaded)


@app.command()
def check(
    config: ConfigFile,
    *,
    json: Annotated[bool, typer.Option("--json", help="Print the checks as JSON.")] = False,
) -> None:
    """Try all that the node needs: its spool, bundle and TLS, and C-ECHO to every destination."""
    from json import dumps

    from nonet.outputs.phrases import printable
    from nonet.serve.node.config import load_config

    loaded = load_config(config)
    with needs_extra("node"):
        from nonet.serve.node.check import check_node
    checks = []
    for one in check_node(loaded):
        checks.append(one)
        if not json:
            sys.stdout.write(f"{'ok   ' if one.ok else 'wrong'} {printable(one.name)}: {printable(one.words)}\n")
            sys.stdout.flush()
    if json:
        values = [{"name": one.name, "ok": one.ok, "words": one.words} for one in checks]
        sys.stdout.write(dumps(values, indent=2) + "\n")
    raise typer.Exit(0 if all(one.ok for one in checks) else 1)


@app.command()
def status(
    config: ConfigFile,
    *,
    json: Annotated[bool, typer.Option("--json", help="Print the status as JSON.")] = False,
) -> None:
    """Show the queue: how many instances wait, are sent, are done or failed, and why. The node may run or not."""
    from json import dumps

    from nonet.serve.node.config import load_config
    from nonet.serve.node.summary import summarise

    with _opened_queue(load_config(config)) as queue:
        found = summarise(queue)
    if json:
        sys.stdout.write(dumps(found.to_dict(), indent=2) + "\n")
        return
    sys.stdout.write("".join(f"{line}\n" for line in _lines(found)))


def _opened_queue(config: Config) -> closing[Queue]:
    """The queue of a node, to look into; closed when the block is left."""
    from nonet.errors import SettingsError
    from nonet.serve.node.queue import FILE, Queue
    from nonet.serve.node.spool import Spool

    if not (config.spool / FILE).is_file():
        raise SettingsError(
            "A node that has run has a queue in its spool",
            found=f"none in {config.spool}",
            remedy="Run nonet node serve with this configuration first",
        )
    return closing(Queue(Spool(config.spool), storage_bytes=config.limits.storage_bytes))


def _lines(found: Summary) -> list[str]:
    from nonet.outputs.phrases import printable

    lines = [f"{name.replace('_', ' ')}: {count}" for name, count in found.instances.items()]
    if found.oldest_seconds is not None:
        lines.append(f"oldest that has not ended: {found.oldest_seconds:.0f} s")
    lines.append(f"spool: {found.bytes_held >> 20} MiB held, {found.bytes_free >> 20} MiB free on its disk")
    for name, counts in found.results.items():
        words = ", ".join(f"{count} {state}" for state, count in counts.items())
        peer = found.peers.get(name, {})
        trouble = f"; last answer: {peer['reason']}" if peer.get("reason") else ""
        lines.append(f"results to {printable(name)}: {words}{trouble}")
    for one in found.failures:
        words = f"{one['rule']}. Found: {one['found']}. {one['remedy']}."
        lines.append(f"failed: job {one['number']}, {printable(one['sop_instance_uid'])}: {printable(words)}")
    return lines
