"""Rows of words as a table in Markdown, and a figure as a cell of one."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["figure_cell", "markdown_table"]


def markdown_table(rows: list[list[str]]) -> str:
    """The table, its first row the headings, ending in a newline."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]]) + "\n"


def figure_cell(figure: Mapping[str, float | None] | None, digits: int = 2) -> str:
    """A value with its interval; a dash where there is none."""
    if not figure or figure["value"] is None:
        return "-"
    low, high = ("no bound" if figure[end] is None else f"{figure[end]:.{digits}f}" for end in ("low", "high"))
    return f"{figure['value']:.{digits}f} ({low}-{high})"
