"""Files that look like labels and that no form read: they must not pass for a plain folder of images."""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["label_files"]

_MOST_ENTRIES = 1_000_000
_HEAD_BYTES = 1 << 16
_YOLO_LINE = re.compile(r"\s*\d+(\s+[-+.\deE]+){4,}\s*")
_JSON_KEYS = ('"annotations"', '"bbox"', '"shapes"', '"regions"', '"categories"')
_CSV_KEYS = re.compile(r"x_?min|x_?1\b|bbox|region_shape", re.IGNORECASE)


def label_files(folder: Path) -> Iterator[tuple[Path, str]]:
    """Each file under a folder that looks like labels, and of which form: by its name and its first bytes."""
    for path in sorted(islice(folder.rglob("*"), _MOST_ENTRIES)):
        if path.suffix.lower() in _KINDS and not path.name.startswith(".") and path.is_file():
            form = _KINDS[path.suffix.lower()](path)
            if form:
                yield path, form


def _xml(path: Path) -> str:
    return "Pascal VOC" if "<annotation" in _head(path) else ""


def _json(path: Path) -> str:
    return "COCO or another JSON of annotations" if any(key in _head(path) for key in _JSON_KEYS) else ""


def _csv(path: Path) -> str:
    return "a CSV of boxes" if _CSV_KEYS.search(_head(path).partition("\n")[0]) else ""


def _text(path: Path) -> str:
    """YOLO, if a line is a class and at least four numbers, and an image has the same name."""
    lines = [line for line in _head(path).splitlines() if line.strip()]
    if not lines or not _YOLO_LINE.fullmatch(lines[0]):
        return ""
    return "YOLO"


_KINDS = {".xml": _xml, ".json": _json, ".csv": _csv, ".txt": _text}


def _head(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(_HEAD_BYTES)
    except OSError:
        return ""
    return raw.decode(json.detect_encoding(raw), errors="replace")
