"""Write ``deploy/requirements.lock``: the versions of all that ``nonet[node]`` needs, from this environment.

Run ``python tools/lock.py`` where the tests have passed. The packages are those that ``pyproject.toml`` names for a
read and for the node, and what these require in turn.
"""

from __future__ import annotations

import sys
import tomllib
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "deploy/requirements.lock"
HEAD = "# Written by `python tools/lock.py` from an environment in which the tests passed.\n"


def main() -> None:
    """Write the lock file."""
    LOCK.write_text(render())
    sys.stdout.write(f"{LOCK}: {len(LOCK.read_text().splitlines()) - 1} packages\n")


def render() -> str:
    """The lock file's text."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    found: dict[str, str] = {}
    for line in (*project["dependencies"], *project["optional-dependencies"]["node"]):
        _collect(Requirement(line), found)
    return HEAD + "".join(f"{name}=={found[name]}\n" for name in sorted(found))


def _collect(required: Requirement, found: dict[str, str]) -> None:
    """Add a package and what it requires here, with the extras that were asked for."""
    name = canonicalize_name(required.name)
    if name in found and not required.extras:
        return
    try:
        found[name] = version(name)
    except PackageNotFoundError:
        raise SystemExit(f"{name} is required, and not installed here: install '.[node]' first") from None
    for one in map(Requirement, requires(name) or ()):
        if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in ("", *required.extras)):
            _collect(one, found)


if __name__ == "__main__":
    main()
