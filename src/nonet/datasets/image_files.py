"""The image files under a folder and their sizes, read from the headers alone."""

from __future__ import annotations

import warnings
from itertools import islice
from pathlib import Path

from PIL import Image

from nonet.datasets.problems import Problem, Severity
from nonet.errors import DatasetError

__all__ = ["IMAGE_SUFFIXES", "MAX_PIXELS", "image_files", "image_size", "is_file", "stored_turned"]

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"})
"""File name endings that count as images of a data set."""

MAX_PIXELS = 16 << 20
"""An image of a data set has at most this many pixels."""

_MIN_SIDE = 32
_ORIENTATION = 274
_SIDEWAYS = (5, 6, 7, 8)
_PNG_CHUNK_HEAD = 8
_MAX_FILES = 1_000_000


def image_files(root: Path) -> list[Path]:
    """Image files anywhere under a folder, sorted by number then name; hidden ones are left out.

    Raises
    ------
    DatasetError
        If the folder holds more than a million entries.
    """
    entries = list(islice(root.rglob("*"), _MAX_FILES + 1))
    if len(entries) > _MAX_FILES:
        raise DatasetError(
            f"A data set's folder holds at most {_MAX_FILES:,} entries",
            found=f"more than that in {root}",
            remedy="Point to the data set's own folder",
        )
    return sorted((entry for entry in entries if _is_image(entry, root)), key=_order)


def image_size(path: Path, name: str) -> tuple[int, int] | Problem:
    """Width and height in pixels of the upright picture, or the problem that keeps the image out."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                width, height = image.size[::-1] if _orientation(path, image) in _SIDEWAYS else image.size
    except Image.DecompressionBombError as problem:
        return _absurd(name, str(problem))
    except (OSError, ValueError, SyntaxError) as problem:
        found = f"{type(problem).__name__}: {problem}"
        return Problem(Severity.ERROR, name, "An image of a data set opens", found, "Copy it again")
    if min(width, height) < _MIN_SIDE or width * height > MAX_PIXELS:
        return _absurd(name, f"{width} x {height}")
    return width, height


def stored_turned(path: Path) -> int:
    """The EXIF orientation of an image that is stored turned or mirrored; 0 if it is stored upright."""
    try:
        with Image.open(path) as image:
            orientation = _orientation(path, image)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return 0
    return orientation if orientation > 1 else 0


def is_file(path: Path) -> bool:
    """Whether a file is there; a name that no file can have is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _orientation(path: Path, image: Image.Image) -> int:
    """The EXIF orientation from the header alone: Pillow decodes a PNG to look for it after the picture."""
    if image.format == "PNG" and "exif" not in image.info and not _has_exif_chunk(path):
        return 1
    found = image.getexif().get(_ORIENTATION, 1)
    return found if isinstance(found, int) else 1


def _has_exif_chunk(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(_PNG_CHUNK_HEAD)
        while len(head := file.read(_PNG_CHUNK_HEAD)) == _PNG_CHUNK_HEAD:
            if head[4:] == b"eXIf":
                return True
            file.seek(int.from_bytes(head[:4], "big") + 4, 1)
    return False


def _absurd(name: str, found: str) -> Problem:
    rule = f"An image has sides of at least {_MIN_SIDE} and at most {MAX_PIXELS:,} pixels in all"
    return Problem(Severity.ERROR, name, rule, found, "Remove it, or export it again at the scanner's own size")


def _is_image(entry: Path, root: Path) -> bool:
    if entry.suffix.lower() not in IMAGE_SUFFIXES or not entry.is_file():
        return False
    return not any(part.startswith((".", "__MACOSX")) for part in entry.relative_to(root).parts)


def _order(path: Path) -> tuple[int, str]:
    return int(path.stem) if path.stem.isdecimal() and len(path.stem) < 20 else -1, str(path)
