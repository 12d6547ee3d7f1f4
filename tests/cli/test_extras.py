"""A command that needs an extra names it, and the command that installs it, in one line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BLOCKED = """
import importlib.abc, sys
class Blocker(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"torch", "sklearn", "onnx", "matplotlib"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocker())
from nonet.cli import main
main()
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("extra", "arguments"),
    [
        ("study", ["study", "run", "studies/plane-quality.toml", "--run", "RUN"]),
        ("train", ["train", "detector", "recipes/detector-default.toml", "--data", ".", "--run", "RUN", "-o", "RUN"]),
        ("train", ["train", "embedder", "recipes/embedder-default.toml", "--data", ".", "--run", "RUN", "-o", "RUN"]),
    ],
)
def test_a_missing_extra_is_one_line_with_the_command_that_installs_it(
    extra: str, arguments: list[str], tmp_path: Path
) -> None:
    words = [word.replace("RUN", str(tmp_path / "run")) for word in arguments]
    root = Path(__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", BLOCKED, *words], capture_output=True, text=True, check=False, cwd=root)
    assert run.returncode == 1
    assert len(run.stderr.splitlines()) == 1
    assert f"pip install 'nonet[{extra}]'" in run.stderr
