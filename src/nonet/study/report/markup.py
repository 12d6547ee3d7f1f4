"""HTML in which plain text cannot become markup: every string is escaped as it enters, unless it is `Markup`."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from nonet.outputs.phrases import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Markup", "details", "figure", "filled", "joined", "paragraph", "row", "table", "tag", "td", "text", "th"]


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def text(words: str) -> Markup:
    """Words as HTML that shows them, control characters spelt out; `Markup` stays what it is."""
    return words if isinstance(words, Markup) else Markup(escape(printable(words)))


def joined(parts: Iterable[str], between: str = "") -> Markup:
    """Parts one after the other, each as `text` gives it."""
    return Markup(text(between).join(text(part) for part in parts))


def filled(template: str, **parts: str) -> Markup:
    """A plain text with parts in the places that it names in braces, each as `text` gives it."""
    return Markup(text(template).format(**{name: text(part) for name, part in parts.items()}))


def tag(name: str, *children: str, **attributes: str) -> Markup:
    """An element; ``class_`` and ``aria_label`` become ``class`` and ``aria-label``, empty attributes are left out."""
    values = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(printable(value))}"'
        for key, value in attributes.items()
        if value
    )
    return Markup(f"<{name}{values}>{joined(children)}</{name}>")


def paragraph(*children: str, class_: str = "") -> Markup:
    """A paragraph, its parts one after the other."""
    return tag("p", *children, class_=class_)


def th(words: str, scope: str = "col", class_: str = "", colspan: int = 1, rowspan: int = 1) -> Markup:
    """A heading of columns, or of a row."""
    return tag("th", words, scope=scope, class_=class_, **_spans(colspan, rowspan))


def td(words: str, class_: str = "", colspan: int = 1, rowspan: int = 1) -> Markup:
    """A cell."""
    return tag("td", words, class_=class_, **_spans(colspan, rowspan))


def row(*cells: str, class_: str = "") -> Markup:
    """A row of a table."""
    return Markup(tag("tr", *cells, class_=class_) + "\n")


def table(caption: str, head: Iterable[str], body: Iterable[str], class_: str = "") -> Markup:
    """A numbered table: caption, rows of headings, rows."""
    parts = [tag("caption", caption)] if caption else []
    return Markup(tag("table", *parts, tag("thead", *head), tag("tbody", *body), class_=class_) + "\n")


def figure(drawing: Markup, caption: str, class_: str = "") -> Markup:
    """A numbered drawing over its caption."""
    return Markup(tag("figure", drawing, tag("figcaption", caption), class_=class_) + "\n")


def details(summary: str, *children: str) -> Markup:
    """What is folded away until it is asked for."""
    return Markup(tag("details", tag("summary", summary), *children) + "\n")


def _spans(colspan: int, rowspan: int) -> dict[str, str]:
    return {name: str(count) for name, count in (("colspan", colspan), ("rowspan", rowspan)) if count > 1}
