"""``nonet node``: what answers others while it runs."""

from __future__ import annotations

import typer

__all__ = ["app"]

app = typer.Typer(help="The DICOM node: receive, read, send results on.", no_args_is_help=True)
