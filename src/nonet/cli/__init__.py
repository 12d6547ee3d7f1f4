"""The command line: one thin file per subcommand; results on stdout, progress and logs on stderr."""

from __future__ import annotations

from nonet.cli.main import main

__all__ = ["main"]
