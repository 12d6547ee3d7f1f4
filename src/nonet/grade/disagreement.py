"""Where the ruler and the grader contradict each other: normal by a norm and abnormal by the grader, or the reverse.

Borderline and undecided contradict nothing. Of each measurement the first norm counts. A grade of abnormal is
contradicted where every measurement with a clear grade is normal; a grade of normal where at least one is abnormal.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nonet.anatomy import Grade

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nonet.anatomy import Structure
    from nonet.reading import Grading, Measurement

__all__ = ["disagreement_words", "with_disagreement"]

_OPPOSITE = {Grade.NORMAL: Grade.ABNORMAL, Grade.ABNORMAL: Grade.NORMAL}


def with_disagreement(grading: Grading, measurements: Sequence[Measurement]) -> Grading:
    """The grading with the norms whose grade is its opposite, ``normal`` against ``abnormal``; often none."""
    return replace(grading, disagrees_with=tuple(norm for _, norm in _opposed(grading, measurements)))


def disagreement_words(structure: Structure, grading: Grading, measurements: Sequence[Measurement]) -> str:
    """The contradiction as a warning, with what both rest on; empty where there is none.

    Examples
    --------
    >>> from nonet.anatomy import GradeBasis, Structure
    >>> from nonet.reading import Grading, Measurement, NormComparison
    >>> norm = NormComparison("nt-fmf", "singletons", "a paper", centile=50.0, grade=Grade.NORMAL)
    >>> thickness = Measurement("thickness", 1.6, "mm", norms=(norm,))
    >>> graded = Grading(Grade.ABNORMAL, basis=GradeBasis.EDITS)
    >>> disagreement_words(Structure.NUCHAL_TRANSLUCENCY, graded, [thickness])
    'nuchal translucency: abnormal (trained on controlled edits), but its thickness 1.6 mm is normal (norm nt-fmf)'
    """
    opposed = _opposed(grading, measurements)
    if not opposed:
        return ""
    sizes = ", ".join(
        f"{one.name.replace('_', ' ')} {one.value:g} {one.unit} is {_OPPOSITE[grading.grade].value} (norm {norm})"
        for one, norm in opposed
    )
    return f"{structure.label}: {grading.grade.value} ({grading.basis}), but its {sizes}"


def _opposed(grading: Grading, measurements: Sequence[Measurement]) -> list[tuple[Measurement, str]]:
    """The measurements that contradict the grade, each with its first norm."""
    clear = [(one, one.norms[0]) for one in measurements if one.norms and one.norms[0].grade in _OPPOSITE]
    opposed = [(one, norm.norm) for one, norm in clear if norm.grade is _OPPOSITE.get(grading.grade)]
    if grading.grade is Grade.ABNORMAL and len(opposed) < len(clear):
        return []
    return opposed
