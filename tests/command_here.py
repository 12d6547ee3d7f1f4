"""The command line run in this process: what the program prints and ends with, without the seconds of its start.

Signals, streams that are closed and what is left of a killed run are tested on the program itself.
"""

from __future__ import annotations

import io
import os
import signal
import subprocess
from contextlib import redirect_stderr, redirect_stdout
from unittest.mock import patch

from nonet.cli import main

__all__ = ["nonet"]


def nonet(*arguments: object) -> subprocess.CompletedProcess[str]:
    """``nonet`` with arguments, on a terminal 200 letters wide."""
    words = ["nonet", *map(str, arguments)]
    out, err, code = io.StringIO(), io.StringIO(), 0
    handler = signal.getsignal(signal.SIGTERM)
    try:
        with (
            patch("sys.argv", words),
            patch.dict(os.environ, {"COLUMNS": "200"}),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            main()
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        signal.signal(signal.SIGTERM, handler)
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())
