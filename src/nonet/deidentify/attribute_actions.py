"""What becomes of each attribute of a DICOM image, as data: kept, replaced, emptied or removed.

Two tables decide. ``action_table.json`` is Table E.1-1 of PS3.15. ``kept_attributes.json`` lists all that may stand in
an output; what it does not list is removed, whether the standard names it or not. So a private attribute, or one that
a later edition adds, is never let through.
"""

from __future__ import annotations

import json
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["EDITION", "Action", "action_of", "attributes_with", "basic_profile", "range_of", "words_of"]


class Action(StrEnum):
    """What becomes of an attribute."""

    PIXELS = "written anew from the pixels"
    NUMBERS = "kept where it is a number in its range"
    WORDS = "kept where it is a listed word"
    POINTERS = "kept where it names a kept attribute"
    STANDARD_UIDS = "kept where it is a UID of the standard"
    KEYED_UIDS = "replaced by a keyed UID"
    SEQUENCES = "kept, each item cleaned in the same way"
    PSEUDONYMS = "replaced by a keyed pseudonym"
    EMPTIED = "emptied"
    DATES = "removed, or shifted with --dates shift"
    STATEMENTS = "added"
    REMOVED = "removed"


@cache
def _kept() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(files("nonet.deidentify").joinpath("kept_attributes.json").read_text("utf-8"))
    return content


@cache
def _actions() -> dict[str, Action]:
    return {keyword: action for action in Action for keyword in _kept().get(action.name.lower(), ())}


def action_of(keyword: str) -> Action:
    """What becomes of an attribute with this keyword; it is removed if it has none or is not listed."""
    return _actions().get(keyword, Action.REMOVED)


def attributes_with(action: Action) -> list[str]:
    """The attributes that an action is listed for, by keyword."""
    return [keyword for keyword, listed in _actions().items() if listed is action]


def words_of(keyword: str) -> list[str]:
    """The words that an attribute may keep."""
    words: list[str] = _kept()["words"][keyword]
    return words


def range_of(keyword: str) -> tuple[float, float]:
    """The least and the greatest number that an attribute may keep: what it can be of an ultrasound image."""
    low, high = _kept()["numbers"][keyword]
    return low, high


@cache
def _table() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(files("nonet.deidentify").joinpath("action_table.json").read_text("utf-8"))
    return content


def basic_profile() -> list[tuple[str, str, str]]:
    """Table E.1-1 of PS3.15: tag (``x`` for any digit), keyword, action code of the Basic Profile."""
    return [(tag, keyword, code) for tag, keyword, code in _table()["attributes"]]


EDITION: str = _table()["edition"]
"""The edition of the standard that the table is of."""
