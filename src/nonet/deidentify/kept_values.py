"""The values that an output may keep: each is read as what it must be and written anew, so that nothing rides along."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

from pydicom.datadict import dictionary_VM, dictionary_VR, keyword_for_tag
from pydicom.uid import UID
from pydicom.valuerep import format_number_as_ds

from nonet.deidentify.attribute_actions import Action, action_of, range_of, words_of
from nonet.errors import DicomError
from nonet.frames.dicom.attributes import numbers, text, uid

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["kept_numbers", "kept_pointer", "kept_word", "shifted_date", "standard_uid"]

_MOST_VALUES = 16
_WHOLE = frozenset({"IS", "US", "UL", "SS", "SL"})


def kept_numbers(dataset: Dataset, keyword: str, *, frames: int) -> list[float | int | str] | None:
    """The numbers of an attribute, or None where they are none that it may hold; a date or a time is too large.

    Parameters
    ----------
    dataset
        Where the attribute is.
    keyword
        Its name.
    frames
        How many values it may have at most, where that is more than 16.
    """
    try:
        values = numbers(dataset, keyword)
    except DicomError:
        return None
    most = 1 if dictionary_VM(keyword) == "1" else max(frames, _MOST_VALUES)
    vr = dictionary_VR(keyword)
    if not 1 <= len(values) <= most or not all(_fits(value, keyword, vr) for value in values):
        return None
    return [_written(value, vr) for value in values]


def _fits(value: float, keyword: str, vr: str) -> bool:
    low, high = range_of(keyword)
    return low <= value <= high and (vr not in _WHOLE or value == int(value))


def _written(value: float, vr: str) -> float | int | str:
    if vr == "DS":
        return format_number_as_ds(value)
    return int(value) if vr in _WHOLE else value


def kept_word(dataset: Dataset, keyword: str) -> str | None:
    """The listed word that an attribute holds, in the listed spelling, or None."""
    try:
        found = " ".join(text(dataset, keyword).casefold().split())
    except DicomError:
        return None
    return next((word for word in words_of(keyword) if word.casefold() == found), None)


def kept_pointer(dataset: Dataset, keyword: str) -> int | None:
    """The tag that an attribute names, if that attribute is one of the kept numbers."""
    try:
        tag = int(dataset[keyword].value)
    except (KeyError, TypeError, ValueError):
        return None
    return tag if action_of(keyword_for_tag(tag)) is Action.NUMBERS else None


def standard_uid(dataset: Dataset, keyword: str) -> str | None:
    """A UID that the standard lists, or None."""
    value = uid(dataset, keyword)
    return value if value and UID(value).name != value else None


def shifted_date(dataset: Dataset, keyword: str, days: int) -> str | None:
    """A date moved by so many days, or None where there is none."""
    try:
        found = re.fullmatch(r"([0-9]{4})\.?([0-9]{2})\.?([0-9]{2})", text(dataset, keyword))
        moved = date(*map(int, found.groups())) + timedelta(days) if found else None
    except (DicomError, ValueError, OverflowError):
        return None
    return f"{moved:%Y%m%d}" if moved and moved.year >= 1000 else None
