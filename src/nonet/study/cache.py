"""Results of a study that are computed once: files named by a hash of everything that they depend on.

That is the settings and inputs, the source of all of Nonet's modules that the code imports, directly or
not, and the versions of the libraries that compute.
"""

from __future__ import annotations

import ast
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nonet
from nonet.files import replacing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["LIBRARIES", "Cache", "code_hash", "digest", "import_closure", "replace_text", "stage_key"]

LIBRARIES = ("numpy", "scipy", "scikit-learn", "onnxruntime", "torch")
"""Distributions whose version changes results."""

_SHOWN = 16
_ROOT = Path(nonet.__file__).parent


@dataclass(frozen=True, slots=True)
class Cache:
    """The folder of a study's intermediate results.

    A file takes its name only when it is whole, so a study that was killed goes on with what is there.
    Results of other inputs, settings or code are other files; deleting the folder is always safe.
    """

    folder: Path

    def path(self, stage: str, key: str, suffix: str) -> Path:
        """Where the result of a stage lies, or will lie."""
        place = self.folder / stage
        place.mkdir(parents=True, exist_ok=True)
        return place / f"{key[:_SHOWN]}{suffix}"

    def json(self, stage: str, key: str, work: Callable[[], Any]) -> Any:  # noqa: ANN401
        """The result of a stage as JSON values: read, if it is there, else computed and written."""
        path = self.path(stage, key, ".json")
        if not path.exists():
            replace_text(path, json.dumps(work()))
        return json.loads(path.read_text(encoding="utf-8"))


def stage_key(module: str, *parts: Any) -> str:  # noqa: ANN401
    """The key of a result: its settings and inputs, the code of a module with all that it imports, library versions."""
    return digest(parts, _code_hash(module, _ROOT), _library_versions())


def digest(*parts: Any) -> str:  # noqa: ANN401
    """SHA-256 of values as JSON."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def replace_text(path: Path, text: str) -> None:
    """Write a file that is either the old one or the whole new one."""
    with replacing(path) as file:
        file.write(text)


def import_closure(module: str, root: Path = _ROOT) -> frozenset[str]:
    """A module of Nonet and every other that it imports, directly or not, at the top or within a function.

    Parameters
    ----------
    module
        For example ``nonet.study.study_features``.
    root
        The folder of the package ``nonet``.
    """
    found: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in found or _file_of(name, root) is None:
            continue
        found.add(name)
        waiting += [name.rpartition(".")[0], *_imports(name, root)]
    return frozenset(found)


@cache
def _code_hash(module: str, root: Path) -> str:
    return code_hash(module, root)


def code_hash(module: str, root: Path = _ROOT) -> str:
    """SHA-256 of the source of a module and of its import closure."""
    files = [(name, _file_of(name, root)) for name in sorted(import_closure(module, root))]
    return digest([(name, hashlib.sha256(file.read_bytes()).hexdigest()) for name, file in files if file])


@cache
def _library_versions() -> dict[str, str | None]:
    return {name: _version(name) for name in LIBRARIES}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _file_of(module: str, root: Path) -> Path | None:
    """The source of a module of Nonet, or None if there is none of that name."""
    top, *parts = module.split(".")
    if top != "nonet":
        return None
    place = root.joinpath(*parts)
    package, plain = place / "__init__.py", place.with_suffix(".py")
    return package if package.is_file() else plain if parts and plain.is_file() else None


def _imports(module: str, root: Path) -> Iterator[str]:
    """The modules of Nonet that a module names in its imports; an imported name may be a module itself."""
    file = _file_of(module, root)
    assert file is not None
    for node in _run_time_nodes(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _run_time_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Every node below one, but for what is imported for types alone."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
            continue
        yield child
        yield from _run_time_nodes(child)
