"""Figures, shares and names as a report writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.bundle.grader_kind import GraderKind
from nonet.datasets.tasks import Task
from nonet.outputs.phrases import printable
from nonet.study.plan import Input
from nonet.study.report.blocks import Cell, joined, small, td
from nonet.study.splits import ALL, EXTERNAL, INTERNAL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nonet.study.plan import Arm

    Figure = Mapping[str, float | None]

__all__ = [
    "INPUTS",
    "KINDS",
    "NOT_DEFINED",
    "QUESTIONS",
    "counted",
    "decimal",
    "figure_cell",
    "heat",
    "inputs_text",
    "interval_text",
    "kind_label",
    "listed",
    "p_text",
    "percent",
    "scheme_label",
    "shortened",
    "spelled",
    "structure_label",
]

NOT_DEFINED = "–"
"""Where a figure is not defined, as with one class only."""

KINDS = {
    GraderKind.TAB_TRANSFORMER.value: "TabTransformer",
    GraderKind.LOGISTIC_REGRESSION.value: "logistic regression",
    GraderKind.BOOSTING.value: "boosting",
}

INPUTS = {
    Input.SCORES: "the detector's nine scores",
    Input.DETECTOR: "all that the detector says: score, visibility, rarity of the place, width of the edges' band",
    Input.RADIOMICS: "radiomic features of the nine boxes",
    Input.RADIOMICS_WITHOUT_MORPHOLOGY: "radiomic features of the nine boxes but for the 29 of shape and size",
    Input.RADIOMICS_WITHOUT_SIZE: "radiomic features of the nine boxes but for those that follow the size of the box",
    Input.DEEP: "deep features of the nine boxes",
    Input.RULER: "the measured size alone, and of the nasal bone its echo against the skin",
    Input.BOX_SIZE: "width and height of the detected box alone",
    Input.LAYOUT: "the screen's layout, no anatomy at all",
    Input.ZOOM: "millimetres a pixel and a frame, no anatomy at all",
}

QUESTIONS = {
    Task.PLANE: "Is the frame a standard mid-sagittal plane?",
    Task.VISIBILITY: "Did the readers box the structure?",
    Task.LABELS: "Which label does the structure have?",
}

_SCHEMES = {INTERNAL: "internal", EXTERNAL: "external", ALL: "train"}
_SHADES = 10


def decimal(value: float | None, digits: int = 3) -> str:
    """A number with its minus sign, or that it is not defined."""
    if value is None:
        return NOT_DEFINED
    values = f"{value:.{digits}f}"
    return values.replace("-", "−") if float(values) else values.removeprefix("-")


def interval_text(one: Figure, digits: int = 3, between: str = "–") -> str:
    """The 95 % interval, for example ``0.981–0.994``, an end without bound as ``∞``; empty if there is none."""
    low, high = one["low"], one["high"]
    if low is None and high is None:
        return ""
    ends = "−∞" if low is None else decimal(low, digits), "∞" if high is None else decimal(high, digits)
    return f"{ends[0]}{between if low is not None and low >= 0 else ' to '}{ends[1]}"


def spelled(one: Figure, digits: int = 3) -> str:
    """A figure in a sentence, for example ``0.988 (0.981–0.994)``."""
    interval = interval_text(one, digits)
    return f"{decimal(one['value'], digits)} ({interval})" if interval else decimal(one["value"], digits)


def figure_cell(one: Figure | None, class_: str = "", digits: int = 3) -> Cell:
    """A figure over its interval as a cell of a table."""
    if one is None:
        return td("", class_)
    interval = interval_text(one, digits)
    under = [small(interval)] if interval else []
    return td(joined([decimal(one["value"], digits), *under]), f"figure {class_}".strip())


def percent(part: int, whole: int) -> str:
    """A share of a count, for example ``87.5 %``."""
    return f"{100 * part / whole:.1f} %" if whole else NOT_DEFINED


def heat(share: float) -> str:
    """The class of a cell's shade for a share of 0 to 1."""
    return f"q{round(_SHADES * share)}"


def p_text(p: float) -> str:
    """A p value with three decimals."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def counted(number: int, noun: str) -> str:
    """A number with its noun, for example ``1,372 frames``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def listed(words: Sequence[str]) -> str:
    """Words as a list in a sentence, for example ``a, b and c``."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def scheme_label(scheme: str) -> str:
    """What the figures of a scheme are called."""
    return _SCHEMES.get(scheme, scheme)


def kind_label(kind: str) -> str:
    """What a kind of grader is called."""
    return KINDS.get(kind, kind)


def structure_label(structure: str) -> str:
    """A structure's name as a person writes it."""
    return structure.replace("_", " ")


def inputs_text(inputs: Arm) -> str:
    """What an arm or a baseline is given."""
    return "; ".join(INPUTS[each] for each in inputs)


def shortened(words: str, most: int) -> str:
    """Printable words of at most so many characters, for a drawing."""
    values = printable(words)
    return values if len(values) <= most else values[: most - 1] + "…"
