"""Grades from sizes: a table of sizes in millimetres, and the bands that each structure's grade is read off."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from pydantic import ConfigDict

from nonet.anatomy import Grade, Structure
from nonet.datasets.csv_file import read_csv
from nonet.datasets.label_table import first_faults
from nonet.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nonet.datasets.data_set import DataSet
    from nonet.datasets.label_table import Row

__all__ = ["Band", "Expected", "GradeBands", "grades_by_bands"]

_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Expected:
    """What a size is divided by: a straight line over another column, such as the crown-rump length."""

    __pydantic_config__: ClassVar = _STRICT

    column: str
    intercept: float
    slope: float


@dataclass(frozen=True, slots=True)
class Band:
    """The limits of one structure's grades.

    ``size`` is the column of its size; with ``expected``, limits are of multiples of what is expected. A limit that is
    not given is not there. A size between normal and abnormal is borderline.
    """

    __pydantic_config__: ClassVar = _STRICT

    size: str
    expected: Expected | None = None
    abnormal_below: float | None = None
    normal_from: float | None = None
    normal_to: float | None = None
    abnormal_above: float | None = None

    def grade(self, value: float) -> Grade:
        """The grade of a size, or of its multiple of what is expected."""
        if value < _or(self.abnormal_below, -math.inf) or value > _or(self.abnormal_above, math.inf):
            return Grade.ABNORMAL
        if value < _or(self.normal_from, -math.inf) or value > _or(self.normal_to, math.inf):
            return Grade.BORDERLINE
        return Grade.NORMAL

    @property
    def ordered(self) -> bool:
        """Whether the limits that are given rise, and there is one at least."""
        limits = (self.abnormal_below, self.normal_from, self.normal_to, self.abnormal_above)
        given = [limit for limit in limits if limit is not None]
        return bool(given) and given == sorted(given)


@dataclass(frozen=True, slots=True)
class GradeBands:
    """A CSV of sizes in the folder of a data set, and the bands by structure.

    ``table`` has a line an image, named in the column ``image``. An empty size is no row.
    """

    __pydantic_config__: ClassVar = _STRICT

    structures: dict[Structure, Band]
    table: str = "truth.csv"
    image: str = "file"


def grades_by_bands(bands: GradeBands, folder: Path, data: DataSet) -> Mapping[Row, str]:
    """The grade of each structure of each image that has a size.

    Raises
    ------
    DatasetError
        If the table cannot be read, names an image twice or one that is not there, or holds what is no size.
    """
    path = folder / bands.table
    columns = {band.size for band in bands.structures.values()}
    columns |= {band.expected.column for band in bands.structures.values() if band.expected}
    try:
        table = read_csv(path, (bands.image, *sorted(columns)))
    except (OSError, ValueError) as problem:
        raise _malformed(path, str(problem)) from problem
    images = {image.name for image in data.images}
    grades: dict[Row, str] = {}
    faults: list[str] = []
    met: set[str] = set()
    for number, line in table.rows:
        image = line[bands.image]
        if image not in images or image in met:
            faults.append(f"line {number}: {image!r} is {'there twice' if image in met else 'not in the data set'}")
            continue
        met.add(image)
        for structure, band in bands.structures.items():
            if not line[band.size]:
                continue
            value = _value(band, line)
            if value is None:
                faults.append(f"line {number}: {band.size} {line[band.size]!r} is no size")
            else:
                grades[image, structure] = band.grade(value).value
    if faults:
        raise _malformed(path, first_faults(faults))
    return grades


def _value(band: Band, line: Mapping[str, str]) -> float | None:
    """The size, divided by what is expected; None where a number is lacking or not above zero."""
    try:
        size = float(line[band.size])
        expected = (
            band.expected.intercept + band.expected.slope * float(line[band.expected.column]) if band.expected else 1.0
        )
    except ValueError:
        return None
    known = math.isfinite(size) and math.isfinite(expected) and size > 0 and expected > 0
    return size / expected if known else None


def _or(limit: float | None, otherwise: float) -> float:
    return otherwise if limit is None else limit


def _malformed(path: Path, found: str) -> DatasetError:
    return DatasetError(
        "A table of sizes has a line an image of the data set, with sizes above zero or empty",
        found=f"{path.name}: {found}",
        remedy="Fix the lines, or the columns that the plan's bands name",
    )
