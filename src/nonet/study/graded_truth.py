"""``truth.csv`` of a graded data set: the size of each graded structure, and the bands that it is graded by."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nonet.anatomy import Structure
from nonet.datasets.csv_file import read_csv
from nonet.datasets.label_table import first_faults
from nonet.datasets.structure_names import structure_of
from nonet.errors import DatasetError
from nonet.simulate.edits.bands import edit_bands

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nonet.simulate.edits.bands import EditBand

__all__ = ["TRUTH_FILE", "TrueSize", "TrueSizes", "read_truth", "truth_csv"]

TRUTH_FILE = "truth.csv"

_NEEDED = ("image", "structure", "variable", "unit", "target")


@dataclass(frozen=True, slots=True)
class TrueSize:
    """The size of a structure of an image.

    Attributes
    ----------
    structure, variable
        What has the size.
    target
        The size, in the band's unit.
    edited
        Whether it was reached by an edit, so that the error of the start is in it; a simulated size is exact.
    """

    structure: Structure
    variable: str
    target: float
    edited: bool

    @property
    def band(self) -> EditBand:
        """The bands of the variable."""
        return edit_bands().of(self.structure, self.variable)


TrueSizes = dict[tuple[str, str], TrueSize]
"""By image name and structure."""


def read_truth(folder: Path) -> TrueSizes:
    """The sizes of a data set's ``truth.csv``; none where there is no such file, or it is one of another kind.

    Its columns are image, structure, variable, unit and target; ``source``, of an edited copy, may be there. A line
    without a target has no size.

    Raises
    ------
    DatasetError
        If lines name none of the nine structures, a variable without bands, another unit, no size, or a structure of an
        image twice.
    """
    path = (folder if folder.is_dir() else folder.parent) / TRUTH_FILE
    if not path.is_file() or not _is_graded(path):
        return {}
    try:
        table = read_csv(path, _NEEDED)
    except (OSError, ValueError) as problem:
        raise _malformed(path, str(problem)) from problem
    found: TrueSizes = {}
    faults = []
    for number, line in table.rows:
        if not line["target"]:
            continue
        structure, target = structure_of(line["structure"]), _number(line["target"])
        known = [one for one in edit_bands().bands if (one.structure, one.variable) == (structure, line["variable"])]
        if structure is None or not known:
            faults.append(f"line {number}: {line['structure']!r} {line['variable']!r} has no bands")
        elif known[0].unit != line["unit"]:
            faults.append(f"line {number}: unit {line['unit']!r}, not {known[0].unit!r}")
        elif target is None:
            faults.append(f"line {number}: target {line['target']!r} is no size")
        elif (line["image"], structure.value) in found:
            faults.append(f"line {number}: {structure.label} of {line['image']} again")
        else:
            one = TrueSize(structure, line["variable"], target, edited=bool(line.get("source")))
            found[line["image"], structure.value] = one
    if faults:
        raise _malformed(path, first_faults(faults))
    return found


def truth_csv(truth: Mapping[tuple[str, str], TrueSize]) -> str:
    """The sizes as a table that `read_truth` reads."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*_NEEDED, "source"])
    for (image, structure), one in truth.items():
        source = "edited" if one.edited else ""
        writer.writerow([image, structure, one.variable, one.band.unit, f"{one.target:.6g}", source])
    return file.getvalue()


def _is_graded(path: Path) -> bool:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        return {"variable", "target"} <= {name.strip(' "\r\n') for name in file.readline().replace(";", ",").split(",")}


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def _malformed(path: Path, found: str) -> DatasetError:
    return DatasetError(
        "A table of true sizes has an image, a structure, a variable with bands, its unit and a size a line",
        found=f"{path.name}: {found}",
        remedy="Make the data set again",
    )
