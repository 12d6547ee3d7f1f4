"""What is wrong with a data set, said once per fault: severity, file, rule, what was found, remedy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Problem", "Severity"]


class Severity(StrEnum):
    """How much a problem matters: an error loses data, a warning may, a note explains."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a data set in the words of `nonet.errors`: rule, found, remedy.

    Parameters
    ----------
    severity
        Error where something was left out, warning where it was changed, note where it is known.
    file
        The file it concerns, by the name that the data set gives it.
    rule
        What must hold, as a sentence without its full stop.
    found
        What was there instead.
    remedy
        What the person can do.
    """

    severity: Severity
    file: str
    rule: str
    found: str
    remedy: str
