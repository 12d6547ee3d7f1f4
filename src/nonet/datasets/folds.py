"""Folds fixed by the grey pixels, groups and classes: the same data set falls into the same folds on every machine."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nonet.datasets.data_set import ImageRow
from nonet.datasets.groups import groups_of
from nonet.datasets.stratify import stratified_folds
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
    images: Iterable[ImageRow],
    hashes: Mapping[str, str],
    folds: int,
    salt: str = "nonet-folds-1",
    *,
    groups: Mapping[str, str] | None = None,
    classes: Mapping[str, Collection[str]] | None = None,
) -> tuple[FoldRow, ...]:
    """A fold for every image; images of one group share theirs.

    With ``classes`` every fold has about the same share of each, so that a fold depends on the data set as a whole,
    but neither on the order of the images nor on their names. Without, a group's fold is that of the smallest pixel
    hash in it, whatever else the data set holds. Copies, whose last bits depend on the processor that made them, have
    no say where their group holds an image that is none.

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
    groups
        What is never split, by image name; by default as `nonet.datasets.groups.groups_of` finds it by patients and
        pixels.
    classes
        What folds are balanced by, by image name: the classes of its rows, such as ``nasal_bone abnormal``.

    Raises
    ------
    DatasetError
        If a fold would stay empty, or patients' ids are ambiguous.
    """
    images = tuple(images)
    of_image = groups_of(images, hashes) if groups is None else groups
    least = _least_hashes(images, of_image, hashes)
    if classes is None:
        fold_of_group = {group: fold_of(sha, folds, salt) for group, sha in least.items()}
    else:
        fold_of_group = _stratified(images, of_image, least, classes, folds, salt)
    rows = tuple(FoldRow(image.name, hashes[image.name], fold_of_group[of_image[image.name]]) for image in images)
    _check_filled(rows, folds, len(least))
    return rows


def _least_hashes(images: Iterable[ImageRow], of_image: Mapping[str, str], hashes: Mapping[str, str]) -> dict[str, str]:
    """The smallest pixel hash of each group: of its images that are no copies, where it has any."""
    least: dict[str, tuple[bool, str]] = {}
    for image in images:
        group, mark = of_image[image.name], (image.source is not None, hashes[image.name])
        least[group] = min(least.get(group, mark), mark)
    return {group: sha for group, (_, sha) in least.items()}


def _stratified(
    images: Iterable[ImageRow],
    of_image: Mapping[str, str],
    least: Mapping[str, str],
    classes: Mapping[str, Collection[str]],
    folds: int,
    salt: str,
) -> dict[str, int]:
    order = sorted(least, key=lambda group: hashlib.sha256(f"{salt}:{least[group]}".encode()).digest())
    names = sorted({name for each in classes.values() for name in each})
    places, columns = ({one: place for place, one in enumerate(each)} for each in (order, names))
    counts = np.zeros((len(order), len(names)), np.intp)
    for image in images:
        for name in classes.get(image.name, ()):
            counts[places[of_image[image.name]], columns[name]] += 1
    return dict(zip(order, stratified_folds(counts, folds).tolist(), strict=True))


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
