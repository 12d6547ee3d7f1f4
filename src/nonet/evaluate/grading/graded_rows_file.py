"""Graded rows as CSV: the one file that all figures can be derived from again."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np

from nonet.errors import DatasetError
from nonet.evaluate.grading.graded_rows import WORDS, GradedRows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

__all__ = ["read_rows", "write_rows"]

_PROBABILITY, _IN_SET = "p:", "in_set:"

Key = tuple[str, ...]


def write_rows(parts: Iterable[tuple[Key, GradedRows]], path: Path, keys: Sequence[str] = ()) -> None:
    """Write a line for each row, probabilities with six decimals.

    Parameters
    ----------
    parts
        Rows, all of the same classes, each with words that say by what they were graded.
    path
        The CSV.
    keys
        Names of the columns of those words.
    """
    unfinished = path.with_name(path.name + ".tmp")
    with unfinished.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        for number, (key, rows) in enumerate(parts):
            if not number:
                shares = [f"{prefix}{name}" for prefix in (_PROBABILITY, _IN_SET) for name in rows.classes]
                writer.writerow([*keys, *WORDS, *shares])
            for row in range(len(rows)):
                words = [rows.words[name][row] for name in WORDS]
                shares = [f"{share:.9g}" for share in rows.probabilities[row]]
                writer.writerow([*key, *words, *shares, *(int(each) for each in rows.sets[row])])
    unfinished.replace(path)


def read_rows(path: Path, positive: str, keys: Sequence[str] = ()) -> list[tuple[Key, GradedRows]]:
    """Read what `write_rows` wrote, one item for each key.

    Raises
    ------
    DatasetError
        If the file is another one.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            names = reader.fieldnames or ()
            if not {*keys, *WORDS} <= set(names):
                raise ValueError(f"columns {', '.join(names) or 'none'}")
            classes = tuple(name.removeprefix(_PROBABILITY) for name in names if name.startswith(_PROBABILITY))
            together: dict[Key, list[dict[str, str]]] = {}
            for row in reader:
                together.setdefault(tuple(row[name] for name in keys), []).append(row)
            return [(key, _rows(rows, classes, positive)) for key, rows in together.items()]
    except (OSError, KeyError, ValueError, csv.Error) as problem:
        raise DatasetError(
            "A predictions file has the columns that a study writes",
            found=f"{path.name}: {type(problem).__name__} {problem}",
            remedy="Make it again with this version of Nonet",
        ) from problem


def _rows(lines: list[dict[str, str]], classes: tuple[str, ...], positive: str) -> GradedRows:
    return GradedRows(
        classes,
        positive,
        {name: np.array([line[name] for line in lines]) for name in WORDS},
        np.array([[float(line[_PROBABILITY + name]) for name in classes] for line in lines]),
        np.array([[line[_IN_SET + name] == "1" for name in classes] for line in lines]),
    )
