"""Tables as people save them: comma, semicolon or tab, with or without a byte order mark."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["CsvFile", "read_csv"]

_CAP_BYTES = 256 << 20
_DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class CsvFile:
    """The columns of a table, and its rows with the numbers of their lines; a missing cell is an empty one."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int, Mapping[str, str]], ...]


def read_csv(path: Path, needed: tuple[str, ...]) -> CsvFile:
    """Read a table with a header in UTF-8.

    Parameters
    ----------
    path
        The file, of at most 256 MiB.
    needed
        The columns that it must have; the delimiter is the one with which the header has them.

    Raises
    ------
    ValueError
        If a column is missing, a row has more cells than the header, or it is no such file.
    OSError
        If it cannot be read.
    """
    if path.stat().st_size > _CAP_BYTES:
        raise ValueError(f"more than {_CAP_BYTES >> 20} MiB")
    with path.open(newline="", encoding="utf-8-sig") as file:
        delimiter = _delimiter(file.readline(), needed)
        file.seek(0)
        reader = csv.DictReader(file, delimiter=delimiter, restkey="")
        columns = tuple((name or "").strip() for name in reader.fieldnames or ())
        _check(columns, needed)
        try:
            rows = tuple((reader.line_num, _row(row, reader.line_num)) for row in reader)
        except csv.Error as problem:
            raise ValueError(f"line {reader.line_num}: {problem}") from problem
    return CsvFile(columns, rows)


def _delimiter(header: str, needed: tuple[str, ...]) -> str:
    fitting = (one for one in _DELIMITERS if set(needed) <= {name.strip(' "\r\n') for name in header.split(one)})
    return next(fitting, ",")


def _check(columns: tuple[str, ...], needed: tuple[str, ...]) -> None:
    missing = [name for name in needed if name not in columns]
    if missing:
        raise ValueError(f"no column {', '.join(missing)}; the columns are {', '.join(columns) or 'none'}")
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        raise ValueError(f"two columns {twice[0]}")


def _row(row: Mapping[str, str | list[str] | None], line: int) -> dict[str, str]:
    if row.get(""):
        raise ValueError(f"line {line}: more cells than there are columns")
    return {name.strip(): value.strip() if isinstance(value, str) else "" for name, value in row.items() if name}
