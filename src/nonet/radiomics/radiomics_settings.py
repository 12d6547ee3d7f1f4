"""The choices that change a radiomic value, as one frozen object with a hash that is the same everywhere."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass
from enum import StrEnum

from nonet.errors import SettingsError

__all__ = ["MAX_LEVELS", "Aggregation", "FixedBinNumber", "FixedBinSize", "RadiomicsSettings"]

MAX_LEVELS = 1024
"""Most grey levels that a matrix may have: its square is held in memory a few times."""

_MAX_DISTANCE = 64

_DEFINITIONS = 1  # raised when a value changes for unchanged settings


class Aggregation(StrEnum):
    """How matrices of the four directions become one value (IBSI 3.6, 3.7)."""

    AVERAGED = "2d_averaged"
    """A value for each direction, then their mean (BTW3)."""

    MERGED = "2d_slice_merged"
    """One matrix, the sum over directions, then its value (SUJT)."""


@dataclass(frozen=True, slots=True)
class FixedBinNumber:
    """Grey levels by a fixed number of bins between the region's own minimum and maximum (IBSI 2.7, K15C)."""

    number: int = 32

    def __post_init__(self) -> None:
        if not 2 <= self.number <= MAX_LEVELS:
            raise SettingsError(
                f"A fixed number of bins lies between 2 and {MAX_LEVELS}",
                found=str(self.number),
                remedy="Use 32 to compare with the published features",
            )


@dataclass(frozen=True, slots=True)
class FixedBinSize:
    """Grey levels by bins of ``width`` intensity units from the lower bound upward (IBSI 2.7, Q3RU).

    The lower bound is that of ``RadiomicsSettings.intensity_range``, or the region's minimum without one.
    """

    width: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.width) and self.width > 0):
            raise SettingsError(
                "A fixed bin size is a positive number of intensity units",
                found=str(self.width),
                remedy="Use 8 for 8-bit images if unsure",
            )


@dataclass(frozen=True, slots=True)
class RadiomicsSettings:
    """Everything besides pixels and region that a feature's value depends on.

    Parameters
    ----------
    bins
        How intensities become grey levels.
    intensity_range
        Lowest and highest intensity that belongs to the region (re-segmentation, IBSI 2.6), or
        None for all. Shape is measured on the whole region all the same.
    glcm_distance, ngtdm_distance, ngldm_distance
        Chebyshev distance of neighbours, pixels.
    ngldm_coarseness
        Largest difference of dependent grey levels (alpha of IBSI 3.11).
    peak_radius
        Radius of the disc of the local intensity peak, pixels. By default that of IBSI's sphere
        of 1 cubic centimetre at 1 mm a pixel, which holds 121 pixels.
    aggregations
        Which aggregations of the directional matrices are given, in this order. With one, there
        are 174 features.

    Raises
    ------
    SettingsError
        If a value is out of its range.
    """

    bins: FixedBinNumber | FixedBinSize = FixedBinNumber()
    intensity_range: tuple[float, float] | None = None
    glcm_distance: int = 1
    ngtdm_distance: int = 1
    ngldm_distance: int = 1
    ngldm_coarseness: int = 0
    peak_radius: float = 10 * (3 / (4 * math.pi)) ** (1 / 3)
    aggregations: tuple[Aggregation, ...] = (Aggregation.AVERAGED, Aggregation.MERGED)

    def __post_init__(self) -> None:
        for name in ("glcm_distance", "ngtdm_distance", "ngldm_distance"):
            _check(1 <= getattr(self, name) <= _MAX_DISTANCE, name, f"1 to {_MAX_DISTANCE}", getattr(self, name))
        _check(
            0 <= self.ngldm_coarseness <= MAX_LEVELS, "ngldm_coarseness", f"0 to {MAX_LEVELS}", self.ngldm_coarseness
        )
        _check(0 <= self.peak_radius <= _MAX_DISTANCE, "peak_radius", f"0 to {_MAX_DISTANCE}", self.peak_radius)
        low, high = self.intensity_range or (0.0, 1.0)
        _check(low < high, "intensity_range", "lowest, then highest", self.intensity_range)
        unique = set(self.aggregations)
        _check(0 < len(unique) == len(self.aggregations), "aggregations", "one or two, each once", self.aggregations)

    @property
    def document(self) -> str:
        """All choices as one line of JSON, the same for equal settings."""
        choices = {"definitions": _DEFINITIONS, "bins": type(self.bins).__name__, "settings": _canonical(asdict(self))}
        return json.dumps(choices, sort_keys=True)

    @property
    def sha256(self) -> str:
        """Hash of the document, the same on every machine and in every process."""
        return hashlib.sha256(self.document.encode()).hexdigest()


def _canonical(value: object) -> object:
    """Write 1 and 1.0 alike, and tuples as lists, so that equal settings have equal text."""
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_canonical(item) for item in value]
    return float(value) if isinstance(value, int | float) else value


def _check(holds: bool, name: str, rule: str, found: object) -> None:
    if not holds:
        raise SettingsError(f"{name} is {rule}", found=str(found), remedy="See nonet.radiomics.Settings")
