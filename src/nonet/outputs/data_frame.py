"""Readings as a pandas data frame: a row for each structure of each frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.errors import SettingsError
from nonet.outputs.csv_table import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from nonet.reading import Reading

__all__ = ["to_dataframe"]

_GRADES = ("probability_normal", "probability_borderline", "probability_abnormal")
_NUMBERS = ("_px", "_mm", "frame", "score", "operating_point", "visibility", "probability", *_GRADES)
"""How the names of numeric columns end."""


def to_dataframe(readings: Iterable[Reading]) -> pd.DataFrame:
    """A row for each structure of each reading, with the columns of ``findings.csv``.

    Parameters
    ----------
    readings
        In any order; a reading's ``name`` becomes the column of that name.

    Returns
    -------
    A data frame whose numbers are floats and whose empty cells are NaN.

    Raises
    ------
    SettingsError
        If pandas is not installed.
    """
    try:
        import pandas as pd
    except ModuleNotFoundError as problem:
        raise SettingsError(
            "A data frame needs pandas", found="no pandas", remedy="Install it with: pip install pandas"
        ) from problem
    rows = [row for reading in readings for row in rows_of(reading.name, reading)]
    table = pd.DataFrame(rows)
    for column in table.columns:
        if column.endswith(_NUMBERS):
            table[column] = pd.to_numeric(table[column], errors="coerce")
    return table
