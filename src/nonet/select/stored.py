"""A selection as a bundle holds it: the chosen columns, what fills and scales them, and what became of the others."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, NoReturn

import numpy as np
from pydantic import TypeAdapter, ValidationError

from nonet.errors import BundleError
from nonet.select.selection_record import FeatureRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Selection", "known"]

_CAP_BYTES = 64 << 20
_LARGEST = 1e100
"""Numbers beyond this count as undefined: their squares overflow."""
_REACH = 10.0
"""Standardised values are held within this many standard deviations."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The features chosen on the rows of a training fold, for one structure.

    Attributes
    ----------
    names
        The chosen features, in the order of their columns; none, if nothing told the classes apart.
    medians, means, scales
        Of each chosen feature in the training rows: what fills a gap, is subtracted, and divided by.
    record
        Every feature there was, chosen or not.
    """

    names: tuple[str, ...]
    medians: tuple[float, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    record: tuple[FeatureRecord, ...]
    format: Literal[1] = 1

    def choose(self, names: Sequence[str], values: NDArray[np.floating]) -> NDArray[np.float64]:
        """The chosen columns as they are, ``float64[N, len(self.names)]``, gaps as NaN.

        Parameters
        ----------
        names
            ``F`` names of columns, in any order; others than the chosen do not matter.
        values
            ``float[N, F]``. What is not finite or beyond 1e100 is a gap.

        Raises
        ------
        BundleError
            If a chosen feature is not among the names.
        """
        places = {name: place for place, name in enumerate(names)}
        absent = [name for name in self.names if name not in places]
        if absent:
            raise BundleError(
                "A selection gets every feature that it chose",
                found=f"no {', '.join(absent[:3])}" + (f" and {len(absent) - 3} more" if len(absent) > 3 else ""),
                remedy="Use a bundle made by this version of Nonet",
            )
        return known(values[:, [places[name] for name in self.names]])

    def transform(self, names: Sequence[str], values: NDArray[np.floating]) -> NDArray[np.float64]:
        """The chosen columns without gaps and standardised, held within 10 standard deviations; see `choose`."""
        chosen = self.choose(names, values)
        filled = np.where(np.isnan(chosen), self.medians, chosen)
        with np.errstate(over="ignore"):
            return np.clip((filled - self.means) / self.scales, -_REACH, _REACH)

    def to_json(self) -> str:
        """JSON text in one line."""
        return json.dumps(asdict(self), ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: bytes) -> Selection:
        """A selection from its document.

        Raises
        ------
        BundleError
            If the text is too large, not of this format, or its parts disagree.
        """
        if len(text) > _CAP_BYTES:
            _refuse(f"{len(text)} bytes, more than {_CAP_BYTES}")
        try:
            selection = _adapter().validate_json(text)
        except ValidationError as problem:
            first = problem.errors()[0]
            _refuse(f"{'.'.join(map(str, first['loc']))}: {first['msg']}", problem)
        _check(selection)
        return selection


def known(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """The values in double precision, NaN for what is not finite or too large to be squared."""
    wide = np.asarray(values, np.float64)
    return np.where(np.abs(wide) <= _LARGEST, wide, np.nan)


@cache
def _adapter() -> TypeAdapter[Selection]:
    return TypeAdapter(Selection)


def _check(selection: Selection) -> None:
    rows = [selection.medians, selection.means, selection.scales]
    if any(len(row) != len(selection.names) for row in rows):
        _refuse("a list of another length than its names")
    chosen = [column.name for column in selection.record if column.reason is None]
    every = {column.name for column in selection.record}
    if sorted(chosen) != sorted(selection.names) or len(every) < len(selection.record):
        _refuse("a record of other features than were chosen, or of one twice")
    if not np.isfinite(rows).all() or any(scale <= 0 for scale in selection.scales):
        _refuse("a number that is not finite, or a scale that is not above 0")


def _refuse(found: str, cause: Exception | None = None) -> NoReturn:
    raise BundleError(
        "A selection's document follows format 1", found=found, remedy="Select again with this version of Nonet"
    ) from cause
