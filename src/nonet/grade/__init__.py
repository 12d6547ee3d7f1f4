"""Numbers become grades: a network's probabilities, calibrated, with the classes that cannot be ruled out."""

from __future__ import annotations

from nonet.grade.description import Description
from nonet.grade.features import Features
from nonet.grade.grader import Graded, Grader
from nonet.grade.scope import NotAssessed, Reason, Scope

__all__ = ["Description", "Features", "Graded", "Grader", "NotAssessed", "Reason", "Scope"]
