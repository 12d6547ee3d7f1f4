"""Cache of a run that are done once: a result is a file named by the hash of all that went into it."""

from __future__ import annotations

import hashlib
import importlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Cache", "code_version", "digest"]

_SHOWN = 16


@dataclass(frozen=True, slots=True)
class Cache:
    """The folder of a run's intermediate results.

    A file takes its name only when it is whole, so a run that was killed goes on with what is there.
    Results of other inputs, settings or code are other files; deleting the folder is always safe.
    """

    folder: Path

    def path(self, stage: str, key: str, suffix: str) -> Path:
        """Where the result of a stage lies, or will lie."""
        place = self.folder / stage
        place.mkdir(parents=True, exist_ok=True)
        return place / f"{key[:_SHOWN]}{suffix}"

    def json(self, stage: str, key: str, work: Callable[[], Any]) -> Any:  # noqa: ANN401
        """The result of a stage as JSON values: read, if it is there, else made and written."""
        path = self.path(stage, key, ".json")
        if not path.exists():
            replace_text(path, json.dumps(work()))
        return json.loads(path.read_text(encoding="utf-8"))


def replace_text(path: Path, text: str) -> None:
    """Write a file that is either the old one or the whole new one."""
    unfinished = path.with_name(path.name + ".tmp")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def digest(*parts: Any) -> str:  # noqa: ANN401
    """SHA-256 of values as JSON."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def code_version(modules: Sequence[str]) -> str:
    """SHA-256 of the source of modules, and of all that lies in those that are packages."""
    files: list[Path] = []
    for name in modules:
        spec = importlib.import_module(name)
        path = Path(str(spec.__file__))
        files += sorted(path.parent.rglob("*.py")) if path.name == "__init__.py" else [path]
    sums = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    return digest(sums)
