"""Keep libraries silent: no telemetry of onnxruntime, no cache of matplotlib, in this process and those it starts."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
import warnings

__all__ = ["matplotlib_without_cache", "switch_off"]

_SWITCH = "ORT_DISABLE_TELEMETRY"


def switch_off() -> None:
    """Set the environment variable that onnxruntime reads once, when it is imported.

    Without it, importing onnxruntime 1.32 looks up a collector's address and leaves a device id and a database of
    events under the user's cache. Switching telemetry off after the import does not undo that, so a process that
    imported onnxruntime before Nonet gets a warning.
    """
    if "onnxruntime" in sys.modules and os.environ.get(_SWITCH) != "1":
        warnings.warn(
            f"onnxruntime was imported before nonet: its telemetry may be on. Import nonet first, or set {_SWITCH}=1.",
            stacklevel=3,
        )
    os.environ[_SWITCH] = "1"


def matplotlib_without_cache() -> None:
    """Let matplotlib keep its list of fonts in a folder that is gone when the process ends, unless a user named one."""
    if "MPLCONFIGDIR" not in os.environ:
        folder = tempfile.mkdtemp(prefix="nonet-matplotlib-")
        os.environ["MPLCONFIGDIR"] = folder
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
