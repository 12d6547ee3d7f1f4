"""Readings in words: text that is safe to show, and the phrases that every output shares."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from nonet.anatomy import Grade
from nonet.frame import Spacing, SpacingSource
from nonet.measure.age import days_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nonet.reading import (
        Finding,
        Grading,
        Influence,
        Measurement,
        NormComparison,
        PlaneCriterion,
        PlaneQuality,
        Reading,
        Settings,
    )

__all__ = [
    "NO_PIXEL_SIZE",
    "age_text",
    "bare_grade",
    "comparison_text",
    "criteria_not_met",
    "criterion_text",
    "grade_text",
    "influence_text",
    "measured",
    "norms_text",
    "own_warnings",
    "plane_text",
    "printable",
    "spacing_text",
    "unmeasured",
]

NO_PIXEL_SIZE = "no pixel size"
"""The words where millimetres are not known."""

_SPACING_SOURCES = {
    SpacingSource.US_REGION: "US region",
    SpacingSource.PIXEL_SPACING: "PixelSpacing",
    SpacingSource.USER: "given by user",
    SpacingSource.RULER: "from the ruler",
}
_NOT_ASSESSED = "not assessed"
_MET = {True: "met", False: "not met", None: _NOT_ASSESSED}
_SEPARATORS = {"Zl", "Zp"}


def printable(text: str) -> str:
    r"""Text in which whatever a terminal or page could obey, or no encoder accepts, is spelt out.

    File names may hold anything: escape sequences, line breaks, marks that reverse the direction
    of writing, bytes that are no text. Each such character (Unicode general categories C, Zl and
    Zp) becomes its backslash escape; all others stay.

    Examples
    --------
    >>> printable("a\x1b[31m.png")
    'a\\x1b[31m.png'
    """
    return "".join(_spelt(character) for character in text)


def spacing_text(spacing: Spacing | None) -> str:
    """The pixel size with its source, for example ``0.0974 mm (US region)``."""
    if spacing is None:
        return NO_PIXEL_SIZE
    size = f"{spacing.x_mm:.4g}" if spacing.x_mm == spacing.y_mm else f"{spacing.x_mm:.4g} x {spacing.y_mm:.4g}"
    return f"{size} mm ({_SPACING_SOURCES[spacing.source]})"


def plane_text(plane: PlaneQuality) -> str:
    """The probability of a standard plane with its label, or why there is none."""
    if plane.probability is None:
        return f"{plane.label}: {plane.reason}" if plane.label else _not_assessed(plane.reason)
    return ", ".join([f"{plane.probability:.2f}", *([plane.label] if plane.label else [])])


def criterion_text(criterion: PlaneCriterion) -> str:
    """A criterion of the plane, whether it is met, and what was found: ``edges, not met: at its edge: nasal tip``."""
    return f"{_criterion_name(criterion)}, {_MET[criterion.met]}: {criterion.words}"


def criteria_not_met(plane: PlaneQuality) -> str:
    """The names of the criteria that a frame does not meet, with commas; empty if it meets all that can be said."""
    return ", ".join(_criterion_name(one) for one in plane.criteria if one.met is False)


def influence_text(influence: Influence) -> str:
    """A feature, its value, and how it changes the log odds, for example ``thalami score 2.3: +0.12``."""
    value = "no value" if influence.value is None else f"{influence.value:.3g}"
    return f"{influence.feature.replace('.', ' ')} {value}: {influence.change:+.2f}"


def own_warnings(reading: Reading) -> list[str]:
    """The warnings of a reading but that it has no pixel size, which is shown where the pixel size would be."""
    return [text for text in reading.warnings if not text.startswith(NO_PIXEL_SIZE)]


def measured(finding: Finding) -> list[str]:
    """The measurements, with units and centiles."""
    return [_measurement(measurement) for measurement in finding.measurements if measurement.value is not None]


def unmeasured(finding: Finding) -> list[str]:
    """Each reason for what could not be measured, once."""
    without = [measurement for measurement in finding.measurements if measurement.value is None]
    return list(dict.fromkeys(measurement.reason or "not measured" for measurement in without))


def grade_text(finding: Finding) -> str:
    """The grade of a structure with what it rests on, its probability and what contradicts it; or why there is none.

    For example ``abnormal 0.93 (trained on controlled edits)``, or ``undecided: borderline 0.40 or abnormal 0.55 (site
    labels)``, where the conformal set holds both.
    """
    grading = finding.grading
    words = _not_assessed(grading.reason) if grading.grade is Grade.NOT_ASSESSED else bare_grade(grading)
    against = f"; the opposite by norm {', '.join(grading.disagrees_with)}" if grading.disagrees_with else ""
    return f"{words} ({grading.basis}){against}" if grading.basis else words


def bare_grade(grading: Grading) -> str:
    """The grade and its probability; of an undecided one, those of the grades in its conformal set.

    What the grade rests on must stand beside it, as in `grade_text`.
    """
    known = grading.probabilities or {}
    if grading.grade is not Grade.UNDECIDED:
        return _with_probability(grading.grade, known)
    held = [_with_probability(one, known) for one in grading.conformal_set or ()]
    return f"undecided: {', '.join(held[:-1])} or {held[-1]}" if len(held) > 1 else Grade.UNDECIDED.value


def _with_probability(grade: Grade, probabilities: Mapping[Grade, float]) -> str:
    return f"{grade.value} {probabilities[grade]:.2f}" if grade in probabilities else grade.value


def _measurement(measurement: Measurement) -> str:
    text = f"{measurement.name.replace('_', ' ')} {measurement.value:g} {measurement.unit}".rstrip()
    if measurement.low is not None and measurement.high is not None:
        text += f" (90 % {measurement.low:g} to {measurement.high:g})"
    placed = [words for one in measurement.norms if (words := comparison_text(one))]
    return f"{text} ({'; '.join(placed)})" if placed else text


def comparison_text(comparison: NormComparison) -> str:
    """A norm, the centile by it and its grade, for example ``nt-fmf: centile 62, normal``; empty without a centile."""
    if comparison.centile is None:
        return ""
    bound = f"{comparison.bound} " if comparison.bound else ""
    grade = "" if comparison.grade is Grade.NOT_ASSESSED else f", {comparison.grade.value}"
    return f"{comparison.norm}: {bound}centile {comparison.centile:.3g}{grade}"


def age_text(settings: Settings) -> str:
    """At what length and age norms were read, for example ``CRL 65 mm, 12+6 weeks``; empty where neither was given."""
    crl = "" if settings.crl_mm is None else f"CRL {settings.crl_mm:g} mm"
    days = settings.ga_days
    age = "" if days is None else f"{days_text(days)} weeks"
    return ", ".join(word for word in (crl, age) if word)


def norms_text(reading: Reading) -> list[str]:
    """Each norm that was used: population, source, and why it gives no centile or no one grade."""
    held = {one.norm: one for finding in reading.findings for each in finding.measurements for one in each.norms}
    return [_norm(one) for one in held.values()]


def _norm(comparison: NormComparison) -> str:
    words = f"norm {comparison.norm} ({comparison.population}; {comparison.source})"
    if comparison.expected is not None:
        words += f", expected {comparison.expected:g} mm"
    return f"{words}: {comparison.reason}" if comparison.reason else words


def _criterion_name(criterion: PlaneCriterion) -> str:
    return criterion.criterion.value.replace("_", " ")


def _not_assessed(reason: str | None) -> str:
    if not reason:
        return _NOT_ASSESSED
    return reason if reason.startswith(_NOT_ASSESSED) else f"{_NOT_ASSESSED}: {reason}"


def _spelt(character: str) -> str:
    category = unicodedata.category(character)
    if category.startswith("C") or category in _SEPARATORS:
        return character.encode("unicode_escape", "backslashreplace").decode("ascii")
    return character
