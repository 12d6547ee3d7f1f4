"""Keep libraries silent: onnxruntime without telemetry, matplotlib without a cache, pydicom without a socket."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
import warnings
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

__all__ = ["matplotlib_without_cache", "pydicom_without_requests", "switch_off"]

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


def pydicom_without_requests() -> None:
    """Let pydicom go without requests, where that is installed for DICOMweb.

    pydicom imports it for the downloads of its own test files; that costs a tenth of a second in every process, and
    urllib3, which comes with it, opens a socket to see whether the machine has IPv6.
    """
    if not any(isinstance(finder, _DownloadsFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _DownloadsFinder())


class _DownloadsFinder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "pydicom.data.download":
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec and spec.loader:
            spec.loader = _WithoutRequests(spec.loader)
        return spec


class _WithoutRequests(Loader):
    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        hidden = "requests" not in sys.modules
        if hidden:
            sys.modules["requests"] = None  # type: ignore[assignment]  # importing it then fails
        try:
            self._loader.exec_module(module)
        finally:
            if hidden:
                del sys.modules["requests"]


def matplotlib_without_cache() -> None:
    """Let matplotlib keep its list of fonts in a folder that is gone when the process ends, unless a user named one."""
    if "MPLCONFIGDIR" not in os.environ:
        folder = tempfile.mkdtemp(prefix="nonet-matplotlib-")
        os.environ["MPLCONFIGDIR"] = folder
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
