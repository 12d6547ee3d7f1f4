"""What a study ran on, in words for its figures."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version

import nonet
from nonet.study.cache import LIBRARIES

__all__ = ["environment_words"]


def environment_words() -> dict[str, str]:
    """Versions of Python, Nonet and the libraries that change results, and the kind of machine."""
    found = {"Nonet": nonet.__version__, "Python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found | {"machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}"}
