"""What a read may load: nothing that trains, plots or serves."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "sklearn", "matplotlib", "nicegui", "onnx", "pandas", "polars", "ray", "duckdb")


def loaded_by(code: str) -> set[str]:
    script = f"{code}\nimport sys; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_importing_nonet_loads_no_third_party_package() -> None:
    script = "import sys; before = set(sys.modules); import nonet; print(*(set(sys.modules) - before))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "numpy" not in run.stdout.split()


@pytest.mark.parametrize(
    "code",
    [
        "import nonet; nonet.read",
        "import nonet.outputs.folder",
        "import nonet.cli",
        "import nonet.grade",
        "from pathlib import Path; import nonet.study; nonet.study.load_plan(Path('studies/plane-quality.toml'))",
    ],
)
def test_reading_and_parsing_a_plan_load_nothing_heavy(code: str) -> None:
    assert loaded_by(code) == set()


def test_the_check_can_fail() -> None:
    assert loaded_by("import torch") == {"torch"}
