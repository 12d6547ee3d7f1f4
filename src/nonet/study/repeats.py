"""What is drawn anew with every repeat of the folds carries the repeat's number in its name."""

from __future__ import annotations

__all__ = ["repeated"]


def repeated(name: str, number: int) -> str:
    """What a repeat of something is called; the first, number 0, has its plain name."""
    return f"{name}, repeat {number}" if number else name
