"""The rows of a spreadsheet, read only after its size was found to be sane."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from nonet.errors import DatasetError

__all__ = ["Cell", "spreadsheet_rows"]

Cell = str | int | float | bool | None
"""What a cell can hold here; dates and errors arrive as text."""

_MAX_FILE_BYTES = 32 << 20
_MAX_INFLATED_BYTES = 64 << 20
_MAX_MEMBERS = 1_000
_MAX_ROWS = 500_000
_MAX_COLUMNS = 64
_SHEETS = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_REFERENCE = re.compile(rb'<(?:\w+:)?c\b[^>]{0,200}?\br\s*=\s*["\']([A-Za-z]{1,3})\d')


def spreadsheet_rows(path: Path) -> list[tuple[Cell, ...]]:
    """All rows of the first sheet, header included, as plain values.

    Parameters
    ----------
    path
        An ``.xlsx`` file: at most 32 MiB, inflating to at most 64 MiB, at most 500,000 rows and 64 columns.

    Raises
    ------
    DatasetError
        If the file is larger than that, or is no readable spreadsheet.
    """
    _check_size(path)
    try:
        return list(_rows(path))
    except DatasetError:
        raise
    except Exception as problem:  # openpyxl lets through whatever its zip and XML parsers raise
        raise DatasetError(
            "A spreadsheet is a readable .xlsx",
            found=f"{path.name}: {type(problem).__name__}: {problem}",
            remedy="Download it again, or save it anew as .xlsx",
        ) from problem


def _check_size(path: Path) -> None:
    size = path.stat().st_size
    if size > _MAX_FILE_BYTES:
        raise _too_large(path, f"{size:,} bytes")
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            inflated = sum(member.file_size for member in members)
            if len(members) > _MAX_MEMBERS or inflated > _MAX_INFLATED_BYTES:
                raise _too_large(path, f"{len(members):,} members that inflate to {inflated:,} bytes")
            for member in members:
                if _SHEETS.fullmatch(member.filename):
                    _check_columns(path, archive.open(member).read(_MAX_INFLATED_BYTES))
    except (
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        zlib.error,
        EOFError,
        zipfile.BadZipFile,
    ) as problem:
        raise DatasetError(
            "A spreadsheet is a readable .xlsx", found=f"{path.name}: {problem}", remedy="Download it again"
        ) from problem


def _check_columns(path: Path, sheet: bytes) -> None:
    """Refuse a cell in a column that no table of boxes has: its row would be filled up to there."""
    for name in {found.upper() for found in _REFERENCE.findall(sheet)}:
        number = 0
        for letter in name:
            number = 26 * number + letter - ord("A") + 1
        if number > _MAX_COLUMNS:
            raise _too_large(path, f"a cell in column {name.decode()}")


def _rows(path: Path) -> Iterator[tuple[Cell, ...]]:
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        for number, row in enumerate(sheet.iter_rows(values_only=True)):
            if number >= _MAX_ROWS:
                raise _too_large(path, f"more than {_MAX_ROWS:,} rows")
            yield tuple(map(_plain, row))
    finally:
        book.close()


def _plain(value: object) -> Cell:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def _too_large(path: Path, found: str) -> DatasetError:
    return DatasetError(
        f"A spreadsheet of boxes has at most {_MAX_FILE_BYTES >> 20} MiB, {_MAX_INFLATED_BYTES >> 20} MiB inflated, "
        f"{_MAX_ROWS:,} rows, {_MAX_COLUMNS} columns",
        found=f"{path.name}: {found}",
        remedy="Check where the file came from",
    )
