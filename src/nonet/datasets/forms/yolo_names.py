"""The class names of a YOLO data set, from ``data.yaml`` or ``classes.txt``.

Of YAML only the ``names`` entry is understood, in the four ways in which it is written: a flow or
block list, a flow or block mapping from number to name. Anything else there is an error.
"""

from __future__ import annotations

import re
from pathlib import Path

from nonet.errors import DatasetError

__all__ = ["class_names", "names_file", "names_in"]

_MAX_BYTES = 1 << 20
_YAML = (".yaml", ".yml")


def names_file(root: Path) -> Path | None:
    """The file that names the classes: a YAML file with ``names`` at the top, else ``classes.txt``."""
    for path in sorted(root.iterdir()):
        if path.suffix.lower() in _YAML and path.is_file() and re.search(r"(?m)^names\s*:", _text(path)):
            return path
    places = (root / "classes.txt", root / "labels" / "classes.txt")
    return next((path for path in places if path.is_file()), None)


def class_names(path: Path) -> dict[int, str]:
    """Class number to name.

    Raises
    ------
    DatasetError
        If its ``names``, within the first MiB, is in none of the four ways.
    """
    text = _text(path)
    if path.suffix.lower() not in _YAML:
        return dict(enumerate(line.strip() for line in text.splitlines() if line.strip()))
    entry = _names_entry(text)
    names = names_in(entry)
    if not names:
        raise DatasetError(
            "names in a YOLO yaml is a list of names, or a mapping from number to name",
            found=f"{path.name}: {entry.strip()[:60]!r}",
            remedy="Write it as names: [a, b, ...], or give a classes.txt with one name a line",
        )
    return names


def names_in(entry: str) -> dict[int, str]:
    """Class number to name, of a list or mapping as YAML or Python writes it; empty if it is neither."""
    return _flow(entry) if entry.lstrip()[:1] in {"[", "{"} else _block(entry)


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_MAX_BYTES).decode("utf-8-sig", errors="replace")


def _names_entry(text: str) -> str:
    lines = [line for line in (re.sub(r"(^|\s)#.*$", "", line) for line in text.splitlines()) if line.strip()]
    start = next(number for number, line in enumerate(lines) if re.match(r"names\s*:", line))
    taken = [lines[start].split(":", 1)[1]]
    for line in lines[start + 1 :]:
        if re.match(r"[\w\"']", line):
            break
        taken.append(line)
    return "\n".join(taken)


def _flow(entry: str) -> dict[int, str]:
    body = re.fullmatch(r"\s*(?:\[(.*)\]|\{(.*)\})\s*", entry, flags=re.DOTALL)
    if body is None:
        return {}
    items = [item for item in (body[1] or body[2] or "").split(",") if item.strip()]
    if body[1] is not None:
        return {number: _bare(item) for number, item in enumerate(items)}
    return _mapping(items)


def _block(entry: str) -> dict[int, str]:
    lines = [line for line in entry.splitlines() if line.strip()]
    if lines and all(line.lstrip().startswith("- ") for line in lines):
        return {number: _bare(line.lstrip()[2:]) for number, line in enumerate(lines)}
    return _mapping(lines)


def _mapping(items: list[str]) -> dict[int, str]:
    pairs = [re.fullmatch(r"\s*(\d{1,6})\s*:\s*(.+?)\s*", item, flags=re.DOTALL) for item in items]
    if not all(pairs):
        return {}
    return {int(pair[1]): _bare(pair[2]) for pair in pairs if pair}


def _bare(text: str) -> str:
    text = text.strip()
    return text[1:-1] if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"" else text
