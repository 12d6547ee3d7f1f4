"""The class names of a YOLO data set, from ``data.yaml``, ``classes.txt`` or Darknet's ``obj.names``."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from nonet.errors import DatasetError

__all__ = ["class_names", "names_file", "names_in"]

_MAX_BYTES = 1 << 20
_YAML = (".yaml", ".yml")


def names_file(root: Path) -> Path | None:
    """The file that names the classes: a YAML file with ``names`` at the top, ``classes.txt`` or ``*.names``."""
    for path in sorted(root.iterdir()):
        if path.suffix.lower() in _YAML and path.is_file() and re.search(r"(?m)^names\s*:", _text(path)):
            return path
    places = (root / "classes.txt", root / "labels" / "classes.txt", *sorted(root.glob("*.names")))
    return next((path for path in places if path.is_file()), None)


def class_names(path: Path) -> dict[int, str]:
    """Class number to name; an empty line of ``classes.txt`` keeps its number.

    Raises
    ------
    DatasetError
        If the file is not YAML, or its ``names``, within the first MiB, is neither a list nor a mapping.
    """
    text = _text(path)
    if path.suffix.lower() not in _YAML:
        return {number: line.strip() for number, line in enumerate(text.splitlines()) if line.strip()}
    document = _parsed(text, path.name)
    names = _numbered(document.get("names")) if isinstance(document, dict) else {}
    if not names:
        raise _malformed(f"{path.name}: {str(document)[:60]!r}")
    return names


def names_in(entry: str) -> dict[int, str]:
    """Class number to name, of a list or mapping as YAML or Python writes it; empty if it is neither."""
    try:
        return _numbered(_parsed(entry, "names"))
    except DatasetError:
        return {}


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_MAX_BYTES).decode("utf-8-sig", errors="replace")


def _parsed(text: str, name: str) -> object:
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as problem:
        raise _malformed(f"{name}: {(str(problem).splitlines() or [''])[0][:80]}") from problem


def _numbered(names: object) -> dict[int, str]:
    if isinstance(names, list):
        return {number: str(name) for number, name in enumerate(names)}
    if isinstance(names, dict) and all(isinstance(number, int) and number >= 0 for number in names):
        return {number: str(name) for number, name in names.items()}
    return {}


def _malformed(found: str) -> DatasetError:
    return DatasetError(
        "names in a YOLO yaml is a list of names, or a mapping from number to name",
        found=found,
        remedy="Write it as names: [a, b, ...], or give a classes.txt with one name a line",
    )
