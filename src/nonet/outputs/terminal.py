"""Readings in a terminal of 80 columns: one row a frame for many, nine rows for a single reading."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.table import Column, Table
from rich.text import Text

from nonet.anatomy import STRUCTURES, Grade, Structure
from nonet.measure.extent import EXTENTS
from nonet.outputs.palette import MARKS
from nonet.outputs.phrases import (
    age_text,
    criterion_text,
    grade_text,
    influence_text,
    measured,
    norms_text,
    own_warnings,
    plane_text,
    printable,
    spacing_text,
    unmeasured,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType

    from nonet.reading import Box, Finding, PlaneQuality, Reading

__all__ = ["make_console", "render", "render_one"]

_NOT_VISIBLE = "·"
_NONE = "-"
_UNBOUNDED = 10_000
"""Columns where nobody looks: in a pipe or a file, a row is one line, however long."""


def make_console() -> Console:
    """A console on stdout that cuts and folds nothing unless it is a terminal."""
    console = Console()
    return console if console.is_terminal else Console(width=_UNBOUNDED)


def render(readings: Iterable[tuple[str, Reading]]) -> RenderableType:
    """A table of many readings: what is visible in each frame, its pixel size, plane and warnings.

    A structure that is visible shows as its letter, one that is not as a dot. Each distinct warning
    is written once below the table; a row holds its number.

    Parameters
    ----------
    readings
        Name and reading of each frame, in the order of the rows.
    """
    headings = (Column("frame", overflow="fold"), "visible", Column(_letters(STRUCTURES), no_wrap=True))
    table = Table(*headings, box=None, pad_edge=False)
    for heading in ("mm per px", "plane", ""):
        table.add_column(heading, no_wrap=True)
    warnings: dict[str, int] = {}
    for name, reading in readings:
        table.add_row(*_row_of_frame(name, reading, warnings))
    notes = [Text(f"{number}  {printable(text)}", style="yellow") for text, number in warnings.items()]
    return Group(table, Text(), _legend(), *notes)


def render_one(name: str, reading: Reading) -> RenderableType:
    """A table of one reading: nine structures with probability, box and size, and below it grades and measurements.

    Parameters
    ----------
    name
        The name of the frame, shown above the table.
    reading
        Its reading.
    """
    headings = ("", "structure", "prob.", "box, px", "size, mm")
    table = Table(*(Column(heading, no_wrap=True) for heading in headings), box=None, pad_edge=False)
    reasons: dict[str, list[Structure]] = {}
    for finding in reading.findings:
        table.add_row(*_row_of_structure(finding))
        for reason in _reasons(finding):
            reasons.setdefault(reason, []).append(finding.structure)
    notes = [_grade(finding) for finding in reading.findings if finding.grading.grade is not Grade.NOT_ASSESSED]
    notes += [Text.assemble(_letters(names), f"  {printable(why)}", style="dim") for why, names in reasons.items()]
    notes += [_measurements(finding) for finding in reading.findings if _lengths(finding)]
    notes += [Text(printable(text), style="dim") for text in (*norms_text(reading), *_explained(reading))]
    notes += [Text(f"warning: {printable(text)}", style="yellow") for text in own_warnings(reading)]
    return Group(Text(printable(name), style="bold"), _facts(reading), table, *notes, Text(reading.notice, style="dim"))


def _row_of_frame(name: str, reading: Reading, warnings: dict[str, int]) -> tuple[RenderableType, ...]:
    seen = [finding.structure for finding in reading.findings if finding.visible]
    numbers = [str(warnings.setdefault(text, len(warnings) + 1)) for text in own_warnings(reading)]
    return (
        Text(printable(name)),
        f"{len(seen)}/{len(reading.findings)}",
        _letters(seen),
        _NONE if reading.spacing is None else f"{reading.spacing.x_mm:.4g}",
        _plane_cell(reading.plane_quality),
        " ".join(numbers) or _NONE,
    )


def _plane_cell(plane: PlaneQuality) -> str:
    if plane.label is None:
        return _NONE
    return plane.label if plane.probability is None else f"{plane.probability:.2f} {plane.label}"


def _row_of_structure(finding: Finding) -> tuple[RenderableType, ...]:
    mark = MARKS[finding.structure]
    return (
        Text(mark.letter, style=mark.colour),
        finding.structure.label,
        f"{finding.score if finding.visibility is None else finding.visibility:.2f}",
        _box_text(finding.box),
        _size_text(finding),
    )


def _size_text(finding: Finding) -> str:
    """Width and height of the box."""
    values = {measurement.name: measurement.value for measurement in finding.measurements}
    width, height = values.get("box_width"), values.get("box_height")
    return _NONE if width is None or height is None else f"{width:.1f} x {height:.1f}"


def _lengths(finding: Finding) -> list[str]:
    """What was measured of a structure besides the extent of its box, which has a column of its own."""
    sizes = tuple(one for one in finding.measurements if one.name not in EXTENTS)
    return measured(replace(finding, measurements=sizes))


def _grade(finding: Finding) -> Text:
    return Text.assemble(_letters([finding.structure]), f"  grade {printable(grade_text(finding))}")


def _measurements(finding: Finding) -> Text:
    return Text.assemble(_letters([finding.structure]), f"  {printable(', '.join(_lengths(finding)))}")


def _reasons(finding: Finding) -> list[str]:
    grade = [f"grade {grade_text(finding)}"] if finding.grading.reason else []
    return [*grade, *(f"size {reason}" for reason in unmeasured(finding) if finding.box)]


def _explained(reading: Reading) -> list[str]:
    """The criteria of the plane, and what is behind each probability, where that was asked for."""
    criteria = map(criterion_text, reading.plane_quality.criteria)
    known = [("plane quality", reading.plane_quality.influences or ())]
    known += [(f"grade of {finding.structure.label}", finding.grading.influences or ()) for finding in reading.findings]
    behind = [f"log odds of {what}: {'; '.join(map(influence_text, found))}" for what, found in known if found]
    return [*criteria, *behind]


def _facts(reading: Reading) -> Text:
    image, source = reading.image, reading.source
    frame = f", frame {source.frame + 1} of {source.frames}" if source.frames > 1 else ""
    facts = (
        f"{source.format} {image.width} x {image.height}{frame}",
        f"pixel size: {spacing_text(reading.spacing)}",
        f"plane quality: {plane_text(reading.plane_quality)}",
        *([age] if (age := age_text(reading.settings)) else []),
        f"bundle {reading.bundle.name} {reading.bundle.version}",
    )
    return Text(printable(" | ".join(facts)), style="dim")


def _letters(seen: Iterable[Structure]) -> Text:
    shown = set(seen)
    parts = [
        (MARKS[name].letter, MARKS[name].colour) if name in shown else (_NOT_VISIBLE, "dim") for name in STRUCTURES
    ]
    return Text("").join(Text(letter, style=style) for letter, style in parts)


def _legend() -> Text:
    names = ", ".join(f"{MARKS[name].letter} {name.label}" for name in STRUCTURES)
    return Text(f"{names}, {_NOT_VISIBLE} not visible", style="dim")


def _box_text(box: Box | None) -> str:
    if box is None:
        return _NONE
    return f"{box.x1:.0f},{box.y1:.0f}-{box.x2:.0f},{box.y2:.0f}"
