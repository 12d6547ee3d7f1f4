"""How far on a pregnancy is: crown-rump length and gestational age, which must agree.

Loughna, Chitty, Evans, Chudleigh 2009 (doi 10.1179/174313409X448543): days = 8.052 sqrt(1.037 CRL) + 23.73, CRL in mm.
"""

from __future__ import annotations

import math
import re

from nonet.errors import SettingsError

__all__ = ["CRL_RANGE_MM", "DISAGREE_DAYS", "crl_of", "days_of", "days_text", "parse_days"]

CRL_RANGE_MM = (45.0, 84.0)
"""The lengths at which the nuchal translucency is measured (Fetal Medicine Foundation)."""

DISAGREE_DAYS = 7.0
"""An age that differs by more from that of the length is another pregnancy's, or one to be dated again: the American
College of Obstetricians and Gynecologists' limit from 9+0 to 15+6 weeks (Committee Opinion 700, 2017,
doi 10.1097/AOG.0000000000002046)."""

_WEEKS_AND_DAYS = re.compile(r"(\d{1,2})\s*(?:\+|w)\s*([0-6])\s*d?")
_DAYS = re.compile(r"\d{2,3}")


def days_of(crl_mm: float) -> float:
    """Gestational age in days at a crown-rump length.

    Examples
    --------
    >>> round(days_of(65.0), 1)
    89.8
    """
    return 8.052 * math.sqrt(1.037 * crl_mm) + 23.73


def crl_of(crl_mm: float | None, ga_days: float | None) -> float | None:
    """The crown-rump length that norms are read at: the one given, else that of the gestational age; None without both.

    Raises
    ------
    SettingsError
        If the length is outside 45 to 84 mm, or that of the age is, or the two disagree by more than seven days.
    """
    if crl_mm is not None and not CRL_RANGE_MM[0] <= crl_mm <= CRL_RANGE_MM[1]:
        raise _outside(f"{crl_mm:g} mm")
    if ga_days is None:
        return crl_mm
    if not 0 < ga_days < 300:
        raise _outside(f"a gestational age of {ga_days:g} days")
    if crl_mm is None:
        implied = (max(ga_days - 23.73, 0) / 8.052) ** 2 / 1.037
        if not CRL_RANGE_MM[0] <= implied <= CRL_RANGE_MM[1]:
            raise _outside(f"a gestational age of {days_text(ga_days)}, at which the length is {implied:.1f} mm")
        return implied
    if not abs(ga_days - days_of(crl_mm)) <= DISAGREE_DAYS:
        raise SettingsError(
            f"Crown-rump length and gestational age agree to {DISAGREE_DAYS:g} days (ACOG Committee Opinion 700)",
            found=f"{crl_mm:g} mm, which is {days_text(days_of(crl_mm))}, and {days_text(ga_days)}",
            remedy="Check both, or give one of them",
        )
    return crl_mm


def parse_days(text: str) -> float:
    """A gestational age in days, from weeks and days (``12+3``, ``12w3d``) or days (``87``).

    Raises
    ------
    SettingsError
        If it is neither.
    """
    plain = text.strip().lower()
    if (found := _WEEKS_AND_DAYS.fullmatch(plain)) is not None:
        return 7.0 * int(found[1]) + int(found[2])
    if _DAYS.fullmatch(plain):
        return float(plain)
    raise SettingsError(
        "A gestational age is weeks and days, such as 12+3, or whole days, such as 87",
        found=repr(text),
        remedy="Give it in one of these forms",
    )


def days_text(days: float) -> str:
    """Days as completed weeks and days, for example ``12+3``."""
    whole = math.floor(days)
    return f"{whole // 7}+{whole % 7}"


def _outside(found: str) -> SettingsError:
    low, high = CRL_RANGE_MM
    return SettingsError(
        f"A crown-rump length is from {low:g} to {high:g} mm: norms hold there and the thickness is measured there",
        found=found,
        remedy="Give the length in millimetres, or leave it out: then there is no centile",
    )
