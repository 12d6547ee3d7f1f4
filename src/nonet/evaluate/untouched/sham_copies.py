"""The sham copies of a folder of edited frames, by its table of sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.anatomy import Structure
from nonet.datasets.csv_file import read_csv
from nonet.errors import DatasetError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_shams"]

_TRUTH = "truth.csv"
_COLUMNS = ("image", "structure", "sham")


def read_shams(folder: Path) -> dict[str, tuple[Structure, ...]]:
    """By image name, the structures that were edited without a change; empty where the folder has no such table.

    Raises
    ------
    DatasetError
        If the table cannot be read.
    """
    path = folder / _TRUTH
    if not path.is_file():
        return {}
    try:
        table = read_csv(path, ())
        if not set(_COLUMNS) <= set(table.columns):
            return {}
        shams: dict[str, tuple[Structure, ...]] = {}
        for _, row in table.rows:
            if row["sham"] == "1":
                shams[row["image"]] = (*shams.get(row["image"], ()), Structure(row["structure"]))
    except (OSError, ValueError) as problem:
        raise DatasetError(
            "truth.csv of edited frames names an image, one of the nine structures, and whether it is a sham",
            found=str(problem),
            remedy="Write the folder again with nonet edits",
        ) from problem
    return shams
