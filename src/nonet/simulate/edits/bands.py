"""What is normal, borderline and abnormal in an edit: one table of variables, bands, margins and sources.

The table is ``bands.json`` beside this module. A grade is the value after the edit. Values are millimetres, or, where
a frame has no pixel size, shares of its head unit; grades are set apart by margins of two to three standard errors of
the starting value.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal

from pydantic import ConfigDict, TypeAdapter

from nonet.anatomy import Grade, Structure
from nonet.errors import SettingsError

if TYPE_CHECKING:
    import numpy as np

__all__ = ["BANDS_FILE", "GRADES", "BandSource", "Beyond", "EditBand", "EditBands", "draw_target", "edit_bands"]

BANDS_FILE = "bands.json"

GRADES = (Grade.NORMAL, Grade.BORDERLINE, Grade.ABNORMAL)
"""The grades of an edit."""

_STRICT = ConfigDict(extra="forbid")
_MM = "mm"


@dataclass(frozen=True, slots=True)
class BandSource:
    """Where a number was published, and how it was checked."""

    __pydantic_config__ = _STRICT
    text: str
    checked: str
    doi: str = ""
    pmid: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Beyond:
    """The two bands on one side of the normal one.

    Attributes
    ----------
    side
        ``low`` or ``high``.
    borderline_to, abnormal_to
        Where borderline ends and abnormal begins, and the last abnormal value that is drawn.
    margins
        How far apart normal and borderline are drawn, and borderline and abnormal.
    """

    __pydantic_config__ = _STRICT
    side: Literal["low", "high"]
    borderline_to: float
    abnormal_to: float
    margins: tuple[float, float]


@dataclass(frozen=True, slots=True)
class EditBand:
    """The bands of one variable.

    Attributes
    ----------
    structure, variable
        One of `nonet.simulate.edits.edit.EDITED`.
    unit
        Of all values: ``mm`` or ``ratio to skin``.
    standard_error
        Of the starting value; None where a second method is lacking.
    normal
        From and to.
    beyond
        The sides that are a finding.
    sources, note
        Where the numbers are from, and what was chosen.
    """

    __pydantic_config__ = _STRICT
    structure: Structure
    variable: str
    unit: Literal["mm", "ratio to skin"]
    standard_error: float | None
    normal: tuple[float, float]
    beyond: tuple[Beyond, ...]
    sources: tuple[BandSource, ...]
    note: str = ""

    def grade(self, value: float) -> Grade:
        """The grade of a value; on a side that is no finding everything is normal."""
        for one in self.beyond:
            sign = -1 if one.side == "low" else 1
            if sign * value > sign * one.borderline_to:
                return Grade.ABNORMAL
            if sign * value > sign * self.normal[one.side == "high"]:
                return Grade.BORDERLINE
        return Grade.NORMAL

    def ranges(self, grade: Grade) -> tuple[tuple[float, float], ...]:
        """From and to of what is drawn of a grade, one pair for each side; edges are kept half a margin away."""
        if grade is Grade.NORMAL:
            low, high = self.normal
            for one in self.beyond:
                low += one.margins[0] / 2 * (one.side == "low")
                high -= one.margins[0] / 2 * (one.side == "high")
            return ((low, high),) if low <= high else (self.normal,)
        found = []
        for one in self.beyond:
            sign = -1.0 if one.side == "low" else 1.0
            inner, outer = (sign * margin / 2 for margin in one.margins)
            ends = (
                (self.normal[one.side == "high"] + inner, one.borderline_to - outer)
                if grade is Grade.BORDERLINE
                else (one.borderline_to + outer, one.abnormal_to)
            )
            found.append((min(ends), max(ends)))
        return tuple(found)

    @property
    def sizes(self) -> tuple[float, float]:
        """The least and the greatest value that is drawn of any grade."""
        ends = [end for grade in GRADES for pair in self.ranges(grade) for end in pair]
        return min(ends), max(ends)

    def px_per_unit(self, *, mm_per_px: float | None = None, head_unit_px: float | None = None) -> float:
        """What a value is multiplied with to give what `nonet.simulate.edits.edit.edit` takes.

        Parameters
        ----------
        mm_per_px
            The frame's pixel size.
        head_unit_px
            Its head unit, where it has none.

        Raises
        ------
        SettingsError
            If the band is of a length and neither is given.
        """
        if self.unit != _MM:
            return 1.0
        if mm_per_px:
            return 1 / mm_per_px
        if head_unit_px:
            return head_unit_px / edit_bands().reference_mm
        raise SettingsError(
            "A length is edited where a pixel size or a head unit is known",
            found="neither",
            remedy="Give the pixel size, or boxes of the five inner structures",
        )


@dataclass(frozen=True, slots=True)
class EditBands:
    """The table.

    Attributes
    ----------
    reference, reference_mm
        The length in the frame that values are a share of where there is no pixel size, and how long it is taken to be:
        its median in Set1 of the Fetus Framework data.
    bands
        One for each variable.
    """

    __pydantic_config__ = _STRICT
    format: Literal[1]
    reference: str
    reference_mm: float
    bands: tuple[EditBand, ...]

    def of(self, structure: Structure, variable: str) -> EditBand:
        """The bands of a variable.

        Raises
        ------
        SettingsError
            If the table has none: no norm is published.
        """
        for band in self.bands:
            if (band.structure, band.variable) == (structure, variable):
                return band
        raise SettingsError(
            "A grade of an edit has bands",
            found=f"none of {structure.label} {variable}: no published norm",
            remedy="Edit one of the variables of bands.json",
        )


@cache
def edit_bands() -> EditBands:
    """The table that comes with Nonet."""
    content = resources.files(__package__).joinpath(BANDS_FILE).read_bytes()
    return TypeAdapter(EditBands).validate_python(json.loads(content))


def draw_target(band: EditBand, grade: Grade, rng: np.random.Generator) -> float:
    """A value of a grade, evenly from what is drawn of it, first one of the sides, in the band's unit.

    Raises
    ------
    SettingsError
        If the grade is none of `GRADES`.

    Examples
    --------
    >>> import numpy as np
    >>> from nonet.anatomy import Grade, Structure
    >>> band = edit_bands().of(Structure.NUCHAL_TRANSLUCENCY, "thickness")
    >>> 3.7 < draw_target(band, Grade.ABNORMAL, np.random.default_rng(0)) <= 4.5
    True
    """
    if grade not in GRADES:
        raise SettingsError(
            "An edit has one of three grades", found=grade.value, remedy="Draw normal, borderline or abnormal"
        )
    ranges = band.ranges(grade)
    low, high = ranges[int(rng.integers(len(ranges)))]
    return float(rng.uniform(low, high))
