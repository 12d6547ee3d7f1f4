"""The norms that a reading holds its measurements against: which table, at which crown-rump length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nonet.errors import SettingsError
from nonet.measure.age import crl_of
from nonet.measure.compare import compared
from nonet.measure.norms import norms_reference, open_norms, shipped_norms

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from nonet.anatomy import Structure
    from nonet.measure.norms import NormTable
    from nonet.reading import Measurement, NormsReference, Settings

__all__ = ["NormsInUse", "chosen_norms", "norms_in_use"]


@dataclass(frozen=True, slots=True)
class NormsInUse:
    """A table of norms and the length at which it is read."""

    table: NormTable
    crl_mm: float

    def compare(
        self, measurements: Iterable[Measurement], structure: Structure, *, standard: bool
    ) -> tuple[Measurement, ...]:
        """The measurements of a structure with their centiles; grades only where the plane is standard."""
        return tuple(compared(each, structure, self.table, self.crl_mm, standard=standard) for each in measurements)


def chosen_norms(crl_mm: float | None, ga_days: float | None, path: Path | None) -> NormsReference | None:
    """The table that settings name: a site's, else the shipped one; None where no length and no age is given.

    Raises
    ------
    SettingsError
        If length and age cannot be or disagree, if a table is given without either, or if it cannot be read.
    """
    if crl_of(crl_mm, ga_days) is not None:
        return norms_reference(path)
    if path is not None:
        raise SettingsError(
            "Norms are read at a crown-rump length or a gestational age",
            found=f"{path.name} without either",
            remedy="Give --crl or --ga as well",
        )
    return None


def norms_in_use(settings: Settings) -> NormsInUse | None:
    """The norms of settings; None where no length and no age is given.

    Raises
    ------
    SettingsError
        If length and age cannot be or disagree, if a site's table is not the one that the settings name, or if a ruler
        and a pixel size are asked for at once.
    """
    if settings.ruler and settings.spacing_mm is not None:
        raise SettingsError(
            "A pixel size is given or read from the ruler", found="both", remedy="Leave out one of the two"
        )
    crl_mm = crl_of(settings.crl_mm, settings.ga_days)
    if crl_mm is None:
        return None
    named = settings.norms
    table = shipped_norms() if named is None or named.path is None else open_norms(named.path)
    if named is not None and table.reference != named:
        raise SettingsError(
            "A table of norms stays as it is while it is read from",
            found=f"{named.name}: another content than before",
            remedy="Start again",
        )
    return NormsInUse(table, crl_mm)
