"""Folds fixed by the grey pixels: the same image falls into the same fold on every machine."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from nonet.datasets.data_set import ImageRow
from nonet.datasets.patients import group_of
from nonet.errors import DatasetError

__all__ = ["FoldRow", "assign_folds", "fold_of", "read_folds", "write_folds"]

_COLUMNS = ("image", "pixels_sha256", "fold")


@dataclass(frozen=True, slots=True)
class FoldRow:
    """The fold of one image, counted from 0, and the hash that it was drawn from."""

    image: str
    pixels_sha256: str
    fold: int


def fold_of(pixels_sha256: str, folds: int, salt: str = "nonet-folds-1") -> int:
    """The fold of an image, 0 to ``folds - 1``, by a hash of its pixels' hash.

    Parameters
    ----------
    pixels_sha256
        `nonet.frame.pixels_sha256` of the grey pixels.
    folds
        How many folds there are, at least 1.
    salt
        Another salt gives an independent assignment.
    """
    digest = hashlib.sha256(f"{salt}:{pixels_sha256}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % folds


def assign_folds(
    images: Iterable[ImageRow], hashes: Mapping[str, str], folds: int, salt: str = "nonet-folds-1"
) -> tuple[FoldRow, ...]:
    """A fold for every image; images of one patient share theirs.

    A group's fold is that of the smallest pixel hash in it, so neither the order of the images
    nor their names matter. Images of the same pixels are in the same fold.

    Parameters
    ----------
    images
        The images to assign.
    hashes
        `nonet.frame.pixels_sha256` by image name.
    folds
        How many folds there are, at least 1.
    salt
        Another salt gives an independent assignment.

    Raises
    ------
    DatasetError
        If a fold would stay empty.
    """
    images = tuple(images)
    groups: dict[str, str] = {}
    for image in images:
        group = group_of(image, hashes[image.name])
        groups[group] = min(groups.get(group, hashes[image.name]), hashes[image.name])
    rows = tuple(
        FoldRow(image.name, hashes[image.name], fold_of(groups[group_of(image, hashes[image.name])], folds, salt))
        for image in images
    )
    _check_filled(rows, folds, len(groups))
    return rows


def write_folds(rows: Iterable[FoldRow], path: Path) -> None:
    """Write ``folds.csv``: image, pixels_sha256, fold."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows((row.image, row.pixels_sha256, row.fold) for row in rows)


def read_folds(path: Path) -> tuple[FoldRow, ...]:
    """Read what `write_folds` wrote.

    Raises
    ------
    DatasetError
        If the file has other columns, or a fold that is not a number.
    """
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        try:
            return tuple(FoldRow(row["image"], row["pixels_sha256"], int(row["fold"])) for row in reader)
        except (KeyError, TypeError, ValueError) as problem:
            raise DatasetError(
                f"A fold file has columns {', '.join(_COLUMNS)}, the last a number",
                found=f"{path.name}: {problem}",
                remedy="Write it again with this version of Nonet",
            ) from problem


def _check_filled(rows: Iterable[FoldRow], folds: int, groups: int) -> None:
    empty = set(range(folds)) - {row.fold for row in rows}
    if empty:
        raise DatasetError(
            "Every fold holds at least one image",
            found=f"{groups} groups for {folds} folds leave {len(empty)} empty",
            remedy="Ask for fewer folds, or for another salt",
        )
