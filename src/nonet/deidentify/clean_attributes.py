"""Build the data set of an output from what a source may keep, and say what was removed and replaced."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from pydicom.datadict import dictionary_VR, keyword_for_tag
from pydicom.dataset import Dataset
from pydicom.tag import Tag

import nonet
from nonet.deidentify.attribute_actions import EDITION, Action, action_of
from nonet.deidentify.kept_values import (
    kept_numbers,
    kept_pointer,
    kept_word,
    shifted_date,
    standard_uid,
)
from nonet.errors import DicomError
from nonet.frames.dicom.attributes import items, uid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nonet.deidentify.key import Key
    from nonet.deidentify.source_file import SourceFile

__all__ = ["CleanAttributes", "Dates", "clean_attributes", "state_pixels"]

_MOST_ITEMS = 1000


class Dates(StrEnum):
    """What becomes of dates; a shift is the same for all dates of a patient, so that intervals stay."""

    REMOVE = "remove"
    SHIFT = "shift"


@dataclass(slots=True)
class CleanAttributes:
    """The data set of an output without its pixels; ``removed`` and ``replaced`` name attributes, never values."""

    dataset: Dataset = field(default_factory=Dataset)
    removed: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def clean_attributes(source: SourceFile, key: Key, dates: Dates) -> CleanAttributes:
    """The attributes that an output of a source has, its pixel description left out.

    Parameters
    ----------
    source
        The opened file.
    key
        From which pseudonym, UIDs and the shift of dates follow.
    dates
        What becomes of dates.
    """
    clean = CleanAttributes()
    cleaner = _Cleaner(source, key, _days(source, key, dates, clean), clean)
    kept = source.attributes.parsed(tag for tag in source.layout.elements if action_of(keyword_for_tag(tag)) in _COPIED)
    cleaner.copy(kept, clean.dataset, source.layout.elements, "")
    cleaner.complete()
    return clean


def _days(source: SourceFile, key: Key, dates: Dates, clean: CleanAttributes) -> int | None:
    if dates is Dates.SHIFT and not source.identity:
        clean.warnings.append("The file names no patient, whose dates could be shifted together: dates are removed")
        return None
    return key.days(source.identity) if dates is Dates.SHIFT else None


_COPIED = frozenset(Action) - {Action.PIXELS, Action.PSEUDONYMS, Action.EMPTIED, Action.STATEMENTS, Action.REMOVED}


@dataclass(slots=True)
class _Cleaner:
    source: SourceFile
    key: Key
    days: int | None
    clean: CleanAttributes

    def copy(self, found: Dataset, target: Dataset, tags: Iterable[int], place: str) -> None:
        """Copy what may be kept of a data set or an item, and note what is not."""
        for tag in tags:
            keyword = keyword_for_tag(tag)
            name = place + (keyword or f"({tag >> 16:04X},{tag & 0xFFFF:04X})")
            action = action_of(keyword)
            if action in _COPIED:
                self._copy_one(found, target, keyword, action, name)
            elif action in (Action.PSEUDONYMS, Action.EMPTIED, Action.STATEMENTS) and not place:
                self.clean.replaced.append(name)
            elif action is not Action.PIXELS or place:
                self.clean.removed.append(name)

    def _copy_one(self, found: Dataset, target: Dataset, keyword: str, action: Action, name: str) -> None:
        if action is Action.SEQUENCES:
            self._copy_items(found, target, keyword, name)
            return
        value = self._value(found, keyword, action)
        if value is None:
            self.clean.removed.append(name)
            return
        target.add_new(Tag(keyword), dictionary_VR(keyword), value)
        if action in (Action.KEYED_UIDS, Action.DATES):
            self.clean.replaced.append(name)

    def _value(self, found: Dataset, keyword: str, action: Action) -> object:
        if action is Action.NUMBERS:
            return kept_numbers(found, keyword, frames=self.source.module.frames)
        if action is Action.WORDS:
            return kept_word(found, keyword)
        if action is Action.POINTERS:
            return kept_pointer(found, keyword)
        if action is Action.STANDARD_UIDS:
            return standard_uid(found, keyword)
        if action is Action.DATES:
            return None if self.days is None else shifted_date(found, keyword, self.days)
        value = uid(found, keyword)
        return self.key.uid(value) if value else None

    def _copy_items(self, found: Dataset, target: Dataset, keyword: str, name: str) -> None:
        try:
            sources = items(found, keyword)
        except DicomError:
            self.clean.removed.append(name)
            return
        if len(sources) > _MOST_ITEMS:
            self.clean.removed.append(name)
            self.clean.warnings.append(f"{name}: items past {_MOST_ITEMS:,} are removed")
        copies = []
        for item in sources[:_MOST_ITEMS]:
            copies.append(Dataset())
            self.copy(item, copies[-1], list(item.keys()), f"{name}/")
        if kept := [copy for copy in copies if len(copy)]:
            setattr(target, keyword, kept)
        else:
            self.clean.removed.append(name)

    def complete(self) -> None:
        """Add what an image must have: identity, UIDs, empty attributes of type 2, and what was done."""
        dataset, pseudonym = self.clean.dataset, self.key.patient(self.source.identity or self.source.sha256.encode())
        dataset.PatientID, dataset.PatientName = pseudonym, pseudonym.replace("-", "^")
        for keyword in ("PatientBirthDate", "PatientSex", "StudyTime", "ReferringPhysicianName", "StudyID",
                        "AccessionNumber", "PatientOrientation", "StudyDate", "Manufacturer", "SeriesNumber",
                        "InstanceNumber"):  # fmt: skip
            if keyword not in dataset:
                setattr(dataset, keyword, None)
        for keyword in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"):
            if keyword not in dataset:
                setattr(dataset, keyword, self.key.uid(f"{keyword} of {self.source.sha256}"))
                self.clean.warnings.append(f"The file has no {keyword}: it is given one")
        if "Modality" not in dataset:
            dataset.Modality = "OT"
        _state_what_was_done(dataset, shifted=self.days is not None)


def state_pixels(dataset: Dataset, *, clean: bool) -> None:
    """Say whether text can be left in the pixels; the option Clean Pixel Data is claimed only where none can.

    Parameters
    ----------
    dataset
        Of an output, its attributes complete.
    clean
        Whether regions and sector bound the image in every frame, and the check found no mark.
    """
    dataset.BurnedInAnnotation = "NO" if clean else "YES"
    if clean:
        dataset.DeidentificationMethodCodeSequence.insert(1, _code("113101", "Clean Pixel Data Option"))


def _state_what_was_done(dataset: Dataset, *, shifted: bool) -> None:
    """Patient Identity Removed and its companions (PS3.15, section E.1.1; codes of PS3.16, CID 7050)."""
    codes = {"113100": "Basic Application Confidentiality Profile"}
    if shifted:
        codes["113107"] = "Retain Longitudinal Temporal Information Modified Dates Option"
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = [f"Nonet {nonet.__version__}", f"DICOM PS3.15 {EDITION} E.1"]
    dataset.DeidentificationMethodCodeSequence = [_code(value, meaning) for value, meaning in codes.items()]
    dataset.LongitudinalTemporalInformationModified = "MODIFIED" if shifted else "REMOVED"


def _code(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
    return item
