"""The copies in a folder of edited frames that nothing is trained on here, by its table of sizes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nonet.anatomy import Grade, Structure
from nonet.datasets.csv_file import read_csv
from nonet.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["NO_COPIES", "EditedCopies", "read_copies"]

_TRUTH = "truth.csv"
_COLUMNS = ("image", "structure", "grade", "sham")


@dataclass(frozen=True, slots=True)
class EditedCopies:
    """Structures by the name of a copy.

    Attributes
    ----------
    shams
        Those that went through the machinery of an edit without a change.
    abnormal
        Of copies in which one was edited to abnormal: all that were edited, to whatever grade.
    """

    shams: Mapping[str, tuple[Structure, ...]] = field(default_factory=dict)
    abnormal: Mapping[str, tuple[Structure, ...]] = field(default_factory=dict)


NO_COPIES = EditedCopies()


def read_copies(folder: Path) -> EditedCopies:
    """The copies that a folder's table tells of; none where the folder has no such table.

    Raises
    ------
    DatasetError
        If the table cannot be read.
    """
    path = folder / _TRUTH
    if not path.is_file():
        return NO_COPIES
    shams: dict[str, tuple[Structure, ...]] = {}
    edited: dict[str, tuple[Structure, ...]] = {}
    abnormal: set[str] = set()
    try:
        table = read_csv(path, ())
        if not set(_COLUMNS) <= set(table.columns):
            return NO_COPIES
        for _, row in table.rows:
            copies = shams if row["sham"] == "1" else edited
            copies[row["image"]] = (*copies.get(row["image"], ()), Structure(row["structure"]))
            if row["sham"] != "1" and Grade(row["grade"]) is Grade.ABNORMAL:
                abnormal.add(row["image"])
    except (OSError, ValueError) as problem:
        raise DatasetError(
            "truth.csv of edited frames names an image, one of the nine structures, a grade, and whether it is a sham",
            found=str(problem),
            remedy="Write the folder again with nonet edits",
        ) from problem
    return EditedCopies(shams, {image: structures for image, structures in edited.items() if image in abnormal})
