"""Published norms: what a measurement usually is at a crown-rump length, as one table that a site can replace.

The table is ``norms.json`` beside this module. Each norm has its population, its source and the lengths it holds for;
its spread is a standard deviation about what is expected, or centiles, or is not known.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from nonet.anatomy import Structure
from nonet.errors import SettingsError
from nonet.reading import NormsReference

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["NORMS_FILE", "Curve", "Norm", "NormSource", "NormTable", "norms_reference", "open_norms", "shipped_norms"]

NORMS_FILE = "norms.json"

_CAP_BYTES = 1 << 20
_LEAST_MM, _MOST_MM = 1e-3, 100.0
_STEPS = 20
_STRICT = ConfigDict(extra="forbid")
_Finite = Annotated[float, Field(allow_inf_nan=False)]


@dataclass(frozen=True, slots=True)
class Curve:
    """Millimetres by crown-rump length: a polynomial, or lines between points, held at both ends.

    Attributes
    ----------
    coefficients
        Of powers of the length in mm, from the constant on; empty if there are points.
    points
        Pairs of length and value, mm, in order of length; empty if there are coefficients.
    """

    __pydantic_config__ = _STRICT
    coefficients: Annotated[tuple[_Finite, ...], Field(max_length=12)] = ()
    points: Annotated[tuple[tuple[_Finite, _Finite], ...], Field(max_length=200)] = ()

    def __post_init__(self) -> None:
        if bool(self.coefficients) == bool(self.points):
            raise ValueError("a curve has coefficients or points, one of the two")
        if any(one[0] >= other[0] for one, other in pairwise(self.points)):
            raise ValueError("the points of a curve are in order of length, each once")

    def at(self, crl_mm: float) -> float:
        """The value at a length."""
        if self.coefficients:
            return float(np.polynomial.polynomial.polyval(crl_mm, self.coefficients))
        lengths, values = zip(*self.points, strict=True)
        return float(np.interp(crl_mm, lengths, values))


@dataclass(frozen=True, slots=True)
class NormSource:
    """Where a norm was published."""

    __pydantic_config__ = _STRICT
    text: Annotated[str, Field(min_length=1, max_length=300)]
    doi: Annotated[str, Field(max_length=100)] = ""
    pmid: Annotated[str, Field(pattern=r"^\d{0,9}$")] = ""
    url: Annotated[str, Field(max_length=300)] = ""

    @property
    def short(self) -> str:
        """The source with its first identifier, in one line."""
        named = (("doi ", self.doi), ("PMID ", self.pmid), ("", self.url))
        identifier = next((f"{name}{one}" for name, one in named if one), "")
        return f"{self.text}; {identifier}" if identifier else self.text


@dataclass(frozen=True, slots=True)
class Norm:
    """What one population has.

    Attributes
    ----------
    id
        Its name in readings and tables, unique in its table.
    structure, variable, unit
        What was measured, as `Measurement.name` and its unit.
    population, n
        Of whom, and of how many; None where that is not known.
    crl_mm
        The least and the greatest crown-rump length it holds for.
    side
        Which side of the population is a finding: ``high``, ``low`` or ``both``.
    expected
        The mean or the regression line.
    sd_mm
        Standard deviation about ``expected``.
    centiles
        Curves by centile, in place of a standard deviation.
    checked
        How its numbers were checked against the source.
    note
        What else a reader should know.
    """

    __pydantic_config__ = _STRICT
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    structure: Structure
    variable: Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,39}$")]
    unit: Literal["mm"]
    population: Annotated[str, Field(min_length=1, max_length=200)]
    n: Annotated[int, Field(ge=1)] | None
    crl_mm: tuple[_Finite, _Finite]
    source: NormSource
    side: Literal["high", "low", "both"] = "both"
    expected: Curve | None = None
    sd_mm: Curve | None = None
    centiles: dict[Annotated[float, Field(gt=0, lt=100)], Curve] = field(default_factory=dict)
    checked: Annotated[str, Field(max_length=300)] = ""
    note: Annotated[str, Field(max_length=500)] = ""

    def __post_init__(self) -> None:
        for problem in self._problems():
            raise ValueError(f"{self.id}: {problem}")

    @property
    def has_spread(self) -> bool:
        """Whether it can give a centile."""
        return self.sd_mm is not None or bool(self.centiles)

    def holds_at(self, crl_mm: float) -> bool:
        """Whether it holds for a crown-rump length."""
        return self.crl_mm[0] <= crl_mm <= self.crl_mm[1]

    def curves_at(self, crl_mm: float) -> list[tuple[float, float]]:
        """Its centiles and their values at a length, in order."""
        return sorted((centile, curve.at(crl_mm)) for centile, curve in self.centiles.items())

    def _problems(self) -> Iterator[str]:
        if not 0 < self.crl_mm[0] < self.crl_mm[1]:
            yield "crl_mm is a least and a greatest length"
            return
        if self.expected is None and not self.centiles:
            yield "a norm has an expected value or centiles"
        if self.sd_mm is not None and (self.expected is None or self.centiles):
            yield "a standard deviation goes with an expected value, and not with centiles"
        for crl in np.linspace(*self.crl_mm, _STEPS).tolist():
            values = [value for _, value in self.curves_at(crl)]
            curves = [curve.at(crl) for curve in (self.expected, self.sd_mm) if curve is not None]
            if not all(_LEAST_MM <= value <= _MOST_MM for value in (*values, *curves)):
                yield f"a value at a length of {crl:g} mm is not from {_LEAST_MM:g} to {_MOST_MM:g} mm"
            if any(one >= other for one, other in pairwise(values)):
                yield f"a higher centile is not larger at a length of {crl:g} mm"


@dataclass(frozen=True, slots=True)
class NormTable:
    """Norms, and what names them in a reading."""

    reference: NormsReference
    norms: tuple[Norm, ...]

    def of(self, structure: Structure, variable: str) -> tuple[Norm, ...]:
        """The norms of a measurement, in the order of the table."""
        return tuple(norm for norm in self.norms if (norm.structure, norm.variable) == (structure, variable))


@dataclass(frozen=True, slots=True)
class _Document:
    __pydantic_config__ = _STRICT
    format: Literal[1]
    name: Annotated[str, Field(min_length=1, max_length=100)]
    norms: Annotated[tuple[Norm, ...], Field(min_length=1, max_length=1000)]

    def __post_init__(self) -> None:
        names = [norm.id for norm in self.norms]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two norms {twice[0]}")


def open_norms(path: Path) -> NormTable:
    """Read a table of norms.

    Raises
    ------
    SettingsError
        If it cannot be read or is no such table; what is wrong is named.
    """
    try:
        if path.stat().st_size > _CAP_BYTES:
            raise _refusal(f"{path.name}: more than {_CAP_BYTES >> 20} MiB")
        content = path.read_bytes()
    except OSError as problem:
        raise _refusal(f"{path.name}: {(problem.strerror or 'it cannot be read').lower()}") from problem
    return _table(content, path.name, path)


@cache
def shipped_norms() -> NormTable:
    """The table that comes with Nonet."""
    return _table(resources.files(__package__).joinpath(NORMS_FILE).read_bytes(), NORMS_FILE, None)


def norms_reference(path: Path | None) -> NormsReference:
    """What names a site's table in a reading, or the shipped one.

    Raises
    ------
    SettingsError
        If the site's table cannot be read.
    """
    return (shipped_norms() if path is None else open_norms(path)).reference


def _table(content: bytes, file: str, path: Path | None) -> NormTable:
    try:
        document = _adapter().validate_python(json.loads(content))
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the table"
        raise _refusal(f"{file}: {where}: {first['msg']}") from problem
    except (ValueError, RecursionError) as problem:
        raise _refusal(f"{file}: no JSON") from problem
    reference = NormsReference(document.name, hashlib.sha256(content).hexdigest(), path)
    return NormTable(reference, document.norms)


@cache
def _adapter() -> TypeAdapter[_Document]:
    return TypeAdapter(_Document)


def _refusal(found: str) -> SettingsError:
    return SettingsError(
        "A table of norms is a JSON file of the form of docs/reference/norms.md",
        found=found,
        remedy="Correct it, or leave out --norms to use the table that comes with Nonet",
    )
