"""Frames that show a ruler, and the pixel size read off it, from a table in the form of ``frames.csv``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nonet.datasets.csv_file import read_csv
from nonet.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["NEEDED", "KnownRuler", "read_known"]

NEEDED = ("fname", "mm_per_px", "scale_source", "flags")
"""The columns of the table."""

_RULER = "ruler_"
_WEAK = {"scale_weak", "scale_geom_fail"}
_COPY = "duplicate_of"
_PLAUSIBLE_MM_PER_PX = (0.001, 10.0)


@dataclass(frozen=True, slots=True)
class KnownRuler:
    """A frame's ruler.

    Attributes
    ----------
    mm_per_px
        The pixel size read off it.
    is_sure
        Whether that may judge another reading; not if it is weak or failed a check.
    """

    mm_per_px: float
    is_sure: bool


def read_known(path: Path) -> dict[str, KnownRuler]:
    """The rulers by the names of their images; copies of other images are left out.

    Raises
    ------
    DatasetError
        If the file is no such table, or names no ruler.
    """
    try:
        table = read_csv(path, NEEDED)
    except (OSError, ValueError) as problem:
        raise _refusal(f"{path.name}: {problem}") from problem
    known: dict[str, KnownRuler] = {}
    for line, row in table.rows:
        if row["scale_source"].startswith(_RULER) and row["fname"] not in known and _COPY not in row["flags"]:
            known[row["fname"]] = _ruler(row, f"{path.name}, line {line}")
    if not known:
        raise _refusal(f"{path.name}: no scale_source that starts with {_RULER}")
    return known


def _ruler(row: Mapping[str, str], where: str) -> KnownRuler:
    try:
        mm_per_px = float(row["mm_per_px"])
    except ValueError:
        mm_per_px = -1.0
    if not _PLAUSIBLE_MM_PER_PX[0] <= mm_per_px <= _PLAUSIBLE_MM_PER_PX[1]:
        raise _refusal(f"{where}: mm_per_px {row['mm_per_px']!r}")
    weak = row["scale_source"].endswith("weak") or bool(_WEAK & set(row["flags"].split(";")))
    return KnownRuler(mm_per_px, not weak)


def _refusal(found: str) -> DatasetError:
    low, high = _PLAUSIBLE_MM_PER_PX
    return DatasetError(
        f"Known rulers are a CSV file with the columns {', '.join(NEEDED)}, pixel sizes from {low:g} to {high:g} mm",
        found=found,
        remedy="Give a table in the form of frames.csv by --rulers",
    )
