"""What the models of a study said of each row that was judged: the one file that all figures come from."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nonet.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["Said", "read_predictions", "write_predictions"]

_COLUMNS = (
    "scheme", "division", "arm", "kind", "image", "structure", "group", "centre", "device", "layout", "answer",
)  # fmt: skip
_PROBABILITY, _IN_SET = "p:", "in_set:"


@dataclass(frozen=True, slots=True)
class Said:
    """What one cell said of the rows of one division.

    Attributes
    ----------
    scheme, division, arm, kind
        Which rows were judged, and by what.
    classes
        ``K`` words.
    words
        ``N`` of each: image, structure, group, centre, device, layout, answer.
    probabilities
        Calibrated, ``float64[N, K]``.
    sets
        ``bool[N, K]``, the conformal sets before the most probable class is added.
    """

    scheme: str
    division: str
    arm: str
    kind: str
    classes: tuple[str, ...]
    words: dict[str, NDArray[np.str_]]
    probabilities: NDArray[np.float64]
    sets: NDArray[np.bool_]

    @property
    def labels(self) -> NDArray[np.intp]:
        """``int[N]``, the place of each answer among the classes."""
        places = {name: place for place, name in enumerate(self.classes)}
        return np.array([places[answer] for answer in self.words["answer"].tolist()], np.intp)


def write_predictions(said: Iterable[Said], path: Path) -> None:
    """Write one row for each row that was judged; probabilities with six decimals."""
    unfinished = path.with_name(path.name + ".tmp")
    with unfinished.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        for number, one in enumerate(said):
            if not number:
                told = [f"{prefix}{name}" for prefix in (_PROBABILITY, _IN_SET) for name in one.classes]
                writer.writerow([*_COLUMNS, *told])
            for row in range(len(one.probabilities)):
                words = [one.words[name][row] for name in _COLUMNS[4:]]
                shares = [f"{share:.6f}" for share in one.probabilities[row]]
                inside = [int(each) for each in one.sets[row]]
                writer.writerow([one.scheme, one.division, one.arm, one.kind, *words, *shares, *inside])
    unfinished.replace(path)


def read_predictions(path: Path) -> list[Said]:
    """Read what `write_predictions` wrote, one item for each cell and division.

    Raises
    ------
    DatasetError
        If the file is another one.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            classes = tuple(
                name.removeprefix(_PROBABILITY) for name in reader.fieldnames or () if name.startswith(_PROBABILITY)
            )
            together: dict[tuple[str, ...], list[dict[str, str]]] = {}
            for row in reader:
                together.setdefault(tuple(row[name] for name in _COLUMNS[:4]), []).append(row)
            return [_said(key, classes, rows) for key, rows in together.items()]
    except (OSError, KeyError, ValueError, csv.Error) as problem:
        raise DatasetError(
            "A predictions file has the columns that a study writes",
            found=f"{path.name}: {type(problem).__name__} {problem}",
            remedy="Run the study again",
        ) from problem


def _said(key: tuple[str, ...], classes: tuple[str, ...], rows: list[dict[str, str]]) -> Said:
    scheme, division, arm, kind = key
    return Said(
        scheme,
        division,
        arm,
        kind,
        classes,
        {name: np.array([row[name] for row in rows]) for name in _COLUMNS[4:]},
        np.array([[float(row[_PROBABILITY + name]) for name in classes] for row in rows]),
        np.array([[row[_IN_SET + name] == "1" for name in classes] for row in rows]),
    )
