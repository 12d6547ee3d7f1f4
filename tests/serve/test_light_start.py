"""What serves others loads only where it is asked for by name."""

from __future__ import annotations

import subprocess
import sys

import pytest

NETWORK = ("requests", "dicomweb_client", "starlette", "uvicorn", "pynetdicom", "highdicom")


def loaded_by(code: str) -> set[str]:
    script = f"{code}\nimport sys; print(*(name for name in {NETWORK!r} if name in sys.modules))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "import nonet.cli",
        "import nonet.outputs.folder, nonet.outputs.registry",
        "import nonet.serve.watch",
        "import nonet.serve.mercure.module",
        "from nonet.cli.read import _paths_and_addresses; _paths_and_addresses(['examples'], None, None)",
    ],
)
def test_reading_files_loads_no_library_of_the_network(code: str) -> None:
    assert loaded_by(code) == set()


def test_the_check_can_fail() -> None:
    assert loaded_by("import requests") == {"requests"}
