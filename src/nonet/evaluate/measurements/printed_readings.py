"""Sonographers' readings of the nuchal translucency, printed on frames, from a table in the form of ``frames.csv``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from nonet.datasets.csv_file import read_csv
from nonet.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["NEEDED", "PrintedReading", "Scale", "printed_mm", "read_printed"]

NEEDED = ("fname", "mm_per_px", "scale_source", "flags", "nt_printed_mm")
"""The columns of the table."""

_STRONG = ("ruler_dot10", "ruler_dash5")
_FROM_TEXT = "calliper_text"
_PLAUSIBLE_MM = (0.1, 20.0)
_PLAUSIBLE_MM_PER_PX = (0.001, 10.0)


class Scale(StrEnum):
    """What a frame's pixel size may be used for."""

    RULER = "ruler"
    """It is from a depth ruler, and may serve to check a distance."""
    FROM_TEXT = "calliper_text"
    """It is from the printed distance itself: it shows where callipers stand, and checks no distance."""


@dataclass(frozen=True, slots=True)
class PrintedReading:
    """One printed reading.

    Attributes
    ----------
    mm
        The thickness.
    mm_per_px
        The pixel size.
    scale
        What the pixel size may be used for.
    """

    mm: float
    mm_per_px: float
    scale: Scale


def read_printed(path: Path) -> tuple[dict[str, PrintedReading], dict[str, str]]:
    """The printed readings by the names of their images, and why others that have a reading cannot be used.

    Weak, doubted or missing pixel sizes cannot, nor can copies of other images.

    Raises
    ------
    DatasetError
        If the file is no such table, or no reading in it can be used.
    """
    try:
        table = read_csv(path, NEEDED)
    except (OSError, ValueError) as problem:
        raise _refusal(f"{path.name}: {problem}") from problem
    readings: dict[str, PrintedReading] = {}
    left_out: dict[str, str] = {}
    for line, row in table.rows:
        if not row["nt_printed_mm"].strip() or row["fname"] in readings or row["fname"] in left_out:
            continue
        found = _reading(row, path, line)
        if isinstance(found, str):
            left_out[row["fname"]] = found
        else:
            readings[row["fname"]] = found
    if not readings:
        raise _refusal(f"{path.name}: no reading with a pixel size that can be used")
    return readings, left_out


def printed_mm(path: Path) -> dict[str, float]:
    """The printed thickness by image name, whatever is known of the pixel size; copies of other images have none.

    Raises
    ------
    DatasetError
        If the file cannot be read, or holds a reading that no thickness is.
    """
    try:
        table = read_csv(path, ("fname",))
    except (OSError, ValueError) as problem:
        raise _refusal(f"{path.name}: {problem}") from problem
    found: dict[str, float] = {}
    for line, row in table.rows:
        text = row.get("nt_printed_mm", "").strip()
        if not text or any(flag.startswith("duplicate_of") for flag in row.get("flags", "").split(";")):
            continue
        mm = _number(text, _PLAUSIBLE_MM)
        if mm is None:
            raise _refusal(f"{path.name}, line {line}: nt_printed_mm {text!r}")
        found.setdefault(row["fname"], mm)
    return found


def _reading(row: Mapping[str, str], path: Path, line: int) -> PrintedReading | str:
    mm = _number(row["nt_printed_mm"], _PLAUSIBLE_MM)
    if mm is None:
        raise _refusal(f"{path.name}, line {line}: nt_printed_mm {row['nt_printed_mm']!r}")
    flags = row["flags"].split(";")
    if any(flag.startswith("duplicate_of") for flag in flags):
        return "copy of another image"
    mm_per_px = _number(row["mm_per_px"], _PLAUSIBLE_MM_PER_PX)
    if mm_per_px is None:
        return "no pixel size"
    if row["scale_source"] == _FROM_TEXT:
        return PrintedReading(mm, mm_per_px, Scale.FROM_TEXT)
    if row["scale_source"] not in _STRONG or {"scale_weak", "scale_geom_fail"} & set(flags):
        return "weak pixel size"
    return PrintedReading(mm, mm_per_px, Scale.RULER)


def _number(text: str, plausible: tuple[float, float]) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if plausible[0] <= value <= plausible[1] else None


def _refusal(found: str) -> DatasetError:
    return DatasetError(
        f"Printed readings are a CSV file with the columns {', '.join(NEEDED)}, millimetres from "
        f"{_PLAUSIBLE_MM[0]:g} to {_PLAUSIBLE_MM[1]:g}",
        found=found,
        remedy="Give a table in the form of frames.csv by --readings",
    )
