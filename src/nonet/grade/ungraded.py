"""Which structures a grader of labels does not grade, and why: no norm, no labels, or figures no better than chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.anatomy import GradeBasis, Structure
from nonet.grade.not_assessed import NotAssessed, NotAssessedReason

if TYPE_CHECKING:
    from nonet.bundle import GraderManifest

__all__ = ["ungraded"]

_WITHOUT_NORM = {
    Structure.THALAMI: NotAssessedReason.NO_NORM,
    Structure.NASAL_TIP: NotAssessedReason.NO_NORM,
    Structure.NASAL_SKIN: NotAssessedReason.NO_SPREAD,
}
"""Structures of which no change of known size can be graded: nobody says what size is abnormal (``norms.json``)."""


def ungraded(manifest: GraderManifest, structure: Structure) -> NotAssessed | None:
    """Why a grader does not grade a structure, or None if it does.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from nonet.bundle import Bundle
    >>> edits = replace(Bundle().manifest.graders["plane"], basis=GradeBasis.EDITS, structures=(Structure.PALATE,))
    >>> ungraded(edits, Structure.THALAMI).words
    'not assessed: no published norm'
    >>> ungraded(edits, Structure.PALATE) is None
    True
    """
    if structure in (manifest.structures or ()):
        return None
    if structure in manifest.at_chance:
        return NotAssessed(NotAssessedReason.CHANCE)
    if manifest.basis is not GradeBasis.SITE and structure in _WITHOUT_NORM:
        return NotAssessed(_WITHOUT_NORM[structure])
    return NotAssessed(NotAssessedReason.NO_LABELS)
