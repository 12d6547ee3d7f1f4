"""``nonet node http``: findings over HTTP, on this machine unless told otherwise."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["http"]


def http(
    host: Annotated[str, typer.Option(help="Address to listen on; another than the loopback lets others in.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8751,
    most_mib: Annotated[int, typer.Option(min=1, max=2048, help="Largest body, MiB.")] = 64,
    receive_seconds: Annotated[
        float, typer.Option(min=1, max=3600, help="Time in which a request, its body included, must have come.")
    ] = 30.0,
    bundle: Annotated[Path | None, typer.Option(help="Folder of a model bundle; by default the one shipped.")] = None,
) -> None:
    """Read images that are posted to http://127.0.0.1:8751/findings; the answer is their readings as JSON.

    With the header "Accept: application/dicom" the answer is a structured report. Nothing is stored.
    """
    from nonet.bundle import DEFAULT_BUNDLE, Bundle
    from nonet.cli.extras import needs_extra
    from nonet.reader import Reader

    with needs_extra("node"):
        from nonet.serve.http.app import HttpLimits
        from nonet.serve.http.server import is_loopback, serve

    if not is_loopback(host):
        sys.stderr.write("nonet: what is sent is neither encrypted nor asked for a password: let a proxy do both\n")
    limits = HttpLimits(body_bytes=most_mib << 20, receive_seconds=receive_seconds)
    serve(Reader(Bundle(bundle or DEFAULT_BUNDLE)), host, port, limits)
