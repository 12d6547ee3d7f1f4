"""Find the image files that a person means by a list of files and folders."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from nonet.frames.sniff import HEAD_BYTES, FileKind, sniff

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["MARKER", "PICTURE_SUFFIX", "find_files", "is_image", "is_searched"]

MARKER = ".nonet"
"""The hidden folder by which an output folder is known; such a folder is never read as input."""

PICTURE_SUFFIX = ".picture.png"
"""How the names of Nonet's own pictures end; such a file is never read as input."""

_READ_SUFFIXES = (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".tif", ".tiff", ".bmp", ".dib", ".webp")
_DICOM_SUFFIXES = (".dcm", ".dicom", ".ima")
_UNREAD_SUFFIXES = (".gif", ".jp2", ".j2k", ".jpx", ".jxl", ".heic", ".heif", ".avif")
_IMAGE_SUFFIXES = frozenset({*_READ_SUFFIXES, *_DICOM_SUFFIXES, *_UNREAD_SUFFIXES})


def find_files(paths: Iterable[Path], *, skip: Path | None = None) -> list[Path]:
    """The files to read for a list of files and folders, in natural order, each once.

    A named file is kept whatever it is, so that `open_frames` can say what is wrong with it. Of a
    folder, searched to its depths, a file is kept if its suffix or its content is that of an image
    or of DICOM, also in a form that is not read, so that none is lost silently. Hidden files and
    folders, links to folders and DICOMDIR indexes are left out. A folder that may not be listed is
    kept too, for the same reason. What Nonet wrote, output folders and pictures, is left out.

    Parameters
    ----------
    paths
        Files and folders.
    skip
        A folder not to search, such as the one that results are written to.
    """
    found = {os.path.realpath(path): path for path in sorted(_candidates(paths, skip), key=_natural, reverse=True)}
    return sorted(found.values(), key=_natural)


def _candidates(paths: Iterable[Path], skip: Path | None) -> Iterator[Path]:
    skipped = os.path.realpath(skip) if skip is not None else None
    for path in map(Path, paths):
        if path.is_dir():
            yield from _in_folder(path, skipped) if is_searched(path, skipped, named=True) else ()
        else:
            yield path


def _in_folder(folder: Path, skipped: str | None) -> Iterator[Path]:
    unlisted: list[Path] = []
    for root, folders, names in os.walk(folder, onerror=lambda problem: unlisted.append(Path(problem.filename))):
        folders[:] = [name for name in folders if is_searched(Path(root, name), skipped)]
        yield from (path for name in names if is_image(path := Path(root, name)))
    yield from unlisted


def is_searched(folder: Path, skipped: str | None, *, named: bool = False) -> bool:
    """Whether a folder's files are inputs: it is not hidden, not an output folder, not the one to skip."""
    hidden = folder.name.startswith(".") and not named
    return not hidden and not (folder / MARKER).is_dir() and (named or os.path.realpath(folder) != skipped)


def is_image(path: Path) -> bool:
    """Whether a file found in a folder is an input, by its suffix or its content."""
    left_out = path.name.startswith(".") or path.name.upper() == "DICOMDIR" or path.name.endswith(PICTURE_SUFFIX)
    if left_out or not path.is_file():
        return False
    kind = _content(path)
    return kind in (FileKind.DICOM, FileKind.STILL, FileKind.UNREAD) or (
        kind is FileKind.UNKNOWN and path.suffix.lower() in _IMAGE_SUFFIXES
    )


def _content(path: Path) -> FileKind:
    try:
        with path.open("rb") as stream:
            return sniff(stream.read(HEAD_BYTES))
    except OSError:
        return FileKind.UNKNOWN


def _natural(path: Path) -> list[list[tuple[int, int, str]]]:
    """A key that puts 2.png before 10.png."""
    return [
        [(0, int(piece), "") if piece.isdigit() else (1, 0, piece.casefold()) for piece in re.split(r"([0-9]+)", part)]
        for part in path.parts
    ]
