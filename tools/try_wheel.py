"""Install the wheel in ``dist/`` in a fresh environment of every Python at hand, and read the examples with it.

``python tools/try_wheel.py``: a Python is at hand if ``python3.11``, ``python3.12`` or ``python3.13`` is on the path or
lies among pyenv's versions. Exit code 1 if the wheel fails on one of them, or if there is no wheel or no Python.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
VERSIONS = ("3.11", "3.12", "3.13")
PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"


def main() -> int:
    """Try the newest wheel on every Python; 1 if one fails."""
    wheels = sorted((ROOT / "dist").glob("nonet-*.whl"), key=lambda path: path.stat().st_mtime)
    pythons = [python for version in VERSIONS if (python := find_python(version))]
    if not wheels or not pythons:
        sys.stderr.write(f"No wheel in {ROOT / 'dist'}, or no Python of {', '.join(VERSIONS)}. Run make dist.\n")
        return 1
    failed = [python for python in pythons if not works(python, wheels[-1])]
    sys.stdout.write(f"{wheels[-1].name}: works on {len(pythons) - len(failed)} of {len(pythons)} Pythons\n")
    return 1 if failed else 0


def find_python(version: str) -> str | None:
    """The interpreter of a version: pyenv's if it has one, else that on the path."""
    own = sorted(PYENV.glob(f"{version}.*/bin/python"))
    return str(own[-1]) if own else shutil.which(f"python{version}")


def works(python: str, wheel: Path) -> bool:
    """Whether the wheel, alone in a new environment, reads an example and imports nothing from this folder."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        bin_folder = place / "environment/bin"
        example = sorted((ROOT / "examples").glob("*.png"))[0]
        commands = (
            [python, "-m", "venv", str(place / "environment")],
            [str(bin_folder / "python"), "-m", "pip", "install", "--quiet", str(wheel)],
            [str(bin_folder / "nonet"), "--version"],
            [str(bin_folder / "nonet"), "read", str(example), "-o", str(place / "out")],
        )
        for command in commands:
            run = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)  # noqa: S603
            if run.returncode:
                sys.stdout.write(f"{python}: {' '.join(command[:4])} failed\n{run.stderr[-2000:]}\n")
                return False
    sys.stdout.write(f"{python}: works\n")
    return True


if __name__ == "__main__":
    sys.exit(main())
