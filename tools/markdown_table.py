"""Rows of words as a table in Markdown."""

from __future__ import annotations

__all__ = ["markdown_table"]


def markdown_table(rows: list[list[str]]) -> str:
    """The table, its first row the headings, ending in a newline."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]]) + "\n"
