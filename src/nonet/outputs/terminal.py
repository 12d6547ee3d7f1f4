"""Readings in a terminal: one row a frame for a batch, nine rows for a single reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Column, Table
from rich.text import Text

from nonet.anatomy import STRUCTURES, Structure
from nonet.outputs.palette import MARKS
from nonet.outputs.phrases import (
    grade_text,
    influence_text,
    measured,
    plane_text,
    plane_why,
    printable,
    spacing_text,
    unmeasured,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType

    from nonet.reading import Box, Finding, Reading

__all__ = ["render", "render_one"]

_NOT_VISIBLE = "·"
_NONE = "-"


def render(readings: Iterable[tuple[str, Reading]]) -> RenderableType:
    """A table of a batch: what was seen in each frame, its pixel size, its warnings.

    A structure that is visible shows as its letter, one that is not as a dot. Each distinct warning
    is written once below the table; a row holds its number.

    Parameters
    ----------
    readings
        Name and reading of each frame, in the order of the rows.
    """
    table = Table(Column("frame", overflow="fold"), "visible", Column(_letters(STRUCTURES)), box=None, pad_edge=False)
    for heading in ("pixel size", "plane", "warnings"):
        table.add_column(heading)
    warnings: dict[str, int] = {}
    for name, reading in readings:
        table.add_row(*_row_of_frame(name, reading, warnings))
    notes = [Text(f"{number}  {printable(text)}", style="yellow") for text, number in warnings.items()]
    return Group(table, Text(), _legend(), *notes)


def render_one(name: str, reading: Reading) -> RenderableType:
    """A table of one reading: nine structures with score, box, measurements and grade.

    Parameters
    ----------
    name
        What the frame is called, shown above the table.
    reading
        What was said of it.
    """
    table = Table("", "structure", "visible", "score", "from", "box, px", "measured", "grade", box=None, pad_edge=False)
    reasons: dict[str, list[Structure]] = {}
    for finding in reading.findings:
        table.add_row(*_row_of_structure(finding))
        for reason in _reasons(finding):
            reasons.setdefault(reason, []).append(finding.structure)
    notes = [Text.assemble(_letters(names), f"  {printable(reason)}", style="dim") for reason, names in reasons.items()]
    notes += [Text(printable(text), style="dim") for text in _explained(reading)]
    notes += [Text(f"warning: {printable(text)}", style="yellow") for text in reading.warnings]
    return Group(Text(printable(name), style="bold"), _facts(reading), table, *notes, Text(reading.notice, style="dim"))


def _row_of_frame(name: str, reading: Reading, warnings: dict[str, int]) -> tuple[RenderableType, ...]:
    seen = [finding.structure for finding in reading.findings if finding.visible]
    plane = reading.plane_quality.probability
    numbers = [str(warnings.setdefault(text, len(warnings) + 1)) for text in reading.warnings]
    return (
        Text(printable(name)),
        f"{len(seen)}/{len(reading.findings)}",
        _letters(seen),
        spacing_text(reading.spacing),
        _NONE if plane is None else f"{plane:.2f}",
        " ".join(numbers) or _NONE,
    )


def _row_of_structure(finding: Finding) -> tuple[RenderableType, ...]:
    mark = MARKS[finding.structure]
    return (
        Text(mark.letter, style=mark.colour),
        finding.structure.label,
        "yes" if finding.visible else "no",
        f"{finding.score:.2f}",
        f"{finding.operating_point:.2f}",
        _box_text(finding.box),
        Text(printable(", ".join(measured(finding))) or _NONE),
        finding.grading.grade.value.replace("_", " "),
    )


def _reasons(finding: Finding) -> list[str]:
    grade = [f"grade {grade_text(finding)}"] if finding.grading.reason else []
    return [*grade, *(f"size {reason}" for reason in unmeasured(finding))]


def _explained(reading: Reading) -> list[str]:
    """What is behind each probability, where that was asked for."""
    plane = [*plane_why(reading.plane_quality)] if reading.plane_quality.probability is not None else []
    told = [("plane quality", reading.plane_quality.influences or ())]
    told += [(f"grade of {finding.structure.label}", finding.grading.influences or ()) for finding in reading.findings]
    behind = [f"log odds of {what} owe to {'; '.join(map(influence_text, found))}" for what, found in told if found]
    return [*([f"plane: {'; '.join(plane)}"] if plane else []), *behind]


def _facts(reading: Reading) -> Text:
    image, source = reading.image, reading.source
    frame = f", frame {source.frame + 1} of {source.frames}" if source.frames > 1 else ""
    facts = (
        f"{source.format} {image.width} x {image.height}{frame}",
        f"pixel size: {spacing_text(reading.spacing)}",
        f"plane quality: {plane_text(reading.plane_quality)}",
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
