"""Reads a page strictly: every element that is opened is closed, and its words can be asked for."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_VOID = {"meta", "br", "hr", "img", "link", "input"}


class Reader(HTMLParser):
    """Elements with their attributes, their depth, and the words of each."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> closes another"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


def before(source: str, mark: str) -> str:
    """The words of a source before a mark."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", source.split(mark, maxsplit=1)[0]))


def section(page: str, name: str) -> str:
    """The source of one section."""
    found = re.search(rf'<section id="{name}".*?</section>', page, re.DOTALL)
    assert found, f"no section {name}"
    return found[0]


def rows(source: str) -> list[list[str]]:
    """The words of each cell of each row of the tables in a source."""
    return [
        [
            re.sub(r"\s+", " ", " ".join(Reader(cell).words)).strip()
            for cell in re.findall(r"<t[hd][ >].*?</t[hd]>", line, re.DOTALL)
        ]
        for line in re.findall(r"<tr.*?</tr>", source, re.DOTALL)
    ]
