"""What a report's page is made of, as values: words, tables, lists, drawings. The templates give them their tags.

A string is plain text wherever it stands; nothing here is HTML but what `Chart` holds, which matplotlib drew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from string import Formatter
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = [
    "Bar",
    "Block",
    "Bullets",
    "Cell",
    "Chart",
    "Details",
    "FlowDrawing",
    "Group",
    "Inline",
    "Numbered",
    "Paragraph",
    "Row",
    "Run",
    "Table",
    "bold",
    "details",
    "figure",
    "filled",
    "grouped",
    "joined",
    "paragraph",
    "row",
    "small",
    "span",
    "table",
    "td",
    "th",
]


@dataclass(frozen=True, slots=True)
class Run:
    """Parts one after the other, words or blocks."""

    block: ClassVar = "run"
    parts: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Inline:
    """Words that stand out from those around them."""

    block: ClassVar = "inline"
    kind: Literal["b", "small", "span"]
    parts: tuple[Block, ...]
    class_: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph."""

    block: ClassVar = "paragraph"
    parts: tuple[Block, ...]
    class_: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Blocks that are laid out together."""

    block: ClassVar = "group"
    parts: tuple[Block, ...]
    class_: str = ""


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of short texts."""

    block: ClassVar = "bullets"
    items: tuple[Block, ...]
    class_: str = ""


@dataclass(frozen=True, slots=True)
class Details:
    """What is folded away until it is asked for."""

    block: ClassVar = "details"
    summary: str
    parts: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table; a heading if it has a scope."""

    block: ClassVar = "cell"
    content: Block
    scope: str = ""
    class_: str = ""
    colspan: int = 1
    rowspan: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table."""

    block: ClassVar = "row"
    cells: tuple[Cell, ...]
    class_: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A numbered table: caption, rows of headings, rows."""

    block: ClassVar = "table"
    caption: Block
    head: tuple[Row, ...]
    body: tuple[Row, ...]
    class_: str = ""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A numbered drawing over its caption."""

    block: ClassVar = "numbered"
    drawing: Block
    caption: Block
    class_: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as SVG that matplotlib drew; see `nonet.study.report.drawing`."""

    block: ClassVar = "chart"
    svg: Markup


@dataclass(frozen=True, slots=True)
class Bar:
    """An interval as a line about zero: places across a drawing of ``width`` x ``height``; None is not drawn."""

    block: ClassVar = "bar"
    width: int
    height: int
    zero: float
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class FlowDrawing:
    """Boxes of words and the arrows between them; paths are those of SVG."""

    block: ClassVar = "flow_drawing"
    width: float
    height: float
    label: str
    boxes: tuple[object, ...]
    arrows: tuple[str, ...]
    lines: tuple[str, ...]


Block = str | Run | Inline | Paragraph | Group | Bullets | Details | Table | Numbered | Chart | Bar | FlowDrawing


def joined(parts: Iterable[Block]) -> Run:
    """Parts one after the other."""
    return Run(tuple(parts))


def filled(template: str, **parts: Block) -> Run:
    """A plain text with parts in the places that it names in braces."""
    pieces: list[Block] = []
    for words, name, _, _ in Formatter().parse(template):
        pieces += [words] if words else []
        pieces += [parts[name]] if name is not None else []
    return Run(tuple(pieces))


def bold(*parts: Block) -> Inline:
    """Words in bold."""
    return Inline("b", parts)


def small(*parts: Block) -> Inline:
    """Words that stand beside or below others, smaller."""
    return Inline("small", parts)


def span(*parts: Block, class_: str) -> Inline:
    """Words with a look of their own."""
    return Inline("span", parts, class_)


def paragraph(*parts: Block, class_: str = "") -> Paragraph:
    """A paragraph, its parts one after the other."""
    return Paragraph(parts, class_)


def grouped(*parts: Block, class_: str) -> Group:
    """Blocks that are laid out together."""
    return Group(parts, class_)


def details(summary: str, *parts: Block) -> Details:
    """What is folded away until it is asked for."""
    return Details(summary, parts)


def th(content: Block, scope: str = "col", class_: str = "", colspan: int = 1, rowspan: int = 1) -> Cell:
    """A heading of columns, or of a row."""
    return Cell(content, scope, class_, colspan, rowspan)


def td(content: Block, class_: str = "", colspan: int = 1, rowspan: int = 1) -> Cell:
    """A cell."""
    return Cell(content, "", class_, colspan, rowspan)


def row(*cells: Cell, class_: str = "") -> Row:
    """A row of a table."""
    return Row(cells, class_)


def table(caption: Block, head: Iterable[Row], body: Iterable[Row], class_: str = "") -> Table:
    """A numbered table: caption, rows of headings, rows."""
    return Table(caption, tuple(head), tuple(body), class_)


def figure(drawing: Block, caption: Block, class_: str = "") -> Numbered:
    """A numbered drawing over its caption."""
    return Numbered(drawing, caption, class_)
