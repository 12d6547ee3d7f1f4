"""The one rule by which images are grouped: a patient's, and copies of one image, are never separated.

A group is never split over folds, is resampled together, and stands on one side of every split. It is found by
joining: images of one patient, images of the same grey pixels, near copies (`nonet.datasets.near_copies`), and a copy
with the image that the data set calls its source.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING

from nonet.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nonet.datasets.data_set import ImageRow
    from nonet.datasets.near_copies import NearCopy

__all__ = ["ambiguous_patients", "groups_of", "patient_of", "patient_spellings"]

_UNSEEN = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad]")
_NUMBER = re.compile(r"0*(\d+)(\.0+)?")


def patient_of(image: ImageRow, *, by_centre: bool = False) -> str | None:
    """The patient of an image, or None where the data set does not say.

    Ids are compared without the spaces around them, unseen characters, width or case. A patient has one id at every
    centre, unless ``by_centre``: then each centre numbers its own.
    """
    if image.patient is None or not _plain(image.patient):
        return None
    centre = f"{_plain(image.centre or '')} " if by_centre else ""
    return f"patient {centre}{_plain(image.patient)}"


def groups_of(
    images: Sequence[ImageRow],
    hashes: Mapping[str, str],
    copies: Iterable[NearCopy] = (),
    *,
    by_centre: bool = False,
) -> dict[str, str]:
    """The group of each image by its name: a patient, or else the least pixel hash of the images in it.

    Parameters
    ----------
    images
        Each with a hash.
    hashes
        `nonet.frame.pixels_sha256` by image name.
    copies
        Near copies; those that are not certain join nothing.
    by_centre
        Whether each centre numbers its own patients.

    Raises
    ------
    DatasetError
        If ids are ambiguous: two that may be one number, or, by centre, an id with a centre and without.
    """
    faults = ambiguous_patients(images, by_centre=by_centre)
    if faults:
        raise DatasetError(
            "An id names one patient",
            found="; ".join(faults[:5]) + (f" and {len(faults) - 5} more" if len(faults) > 5 else ""),
            remedy="Write every id of a patient in one way, with its centre everywhere or nowhere",
        )
    named = {image.name for image in images}
    joined = _Joined()
    for image in images:
        joined.join(image.name, ("pixels", hashes[image.name]))
        if image.source:
            joined.join(image.name, image.source)
            joined.join(image.name, ("pixels", image.source))
        patient = patient_of(image, by_centre=by_centre)
        if patient is not None:
            joined.join(image.name, ("patient", patient))
    for pair in copies:
        if pair.certain and pair.one in named and pair.other in named:
            joined.join(pair.one, pair.other)
    members: dict[object, list[ImageRow]] = defaultdict(list)
    for image in images:
        members[joined.root(image.name)].append(image)
    groups: dict[str, str] = {}
    for some in members.values():
        patients = [one for one in (patient_of(image, by_centre=by_centre) for image in some) if one]
        word = min(patients) if patients else min(hashes[image.name] for image in some)
        groups |= {image.name: word for image in some}
    return groups


def ambiguous_patients(images: Iterable[ImageRow], *, by_centre: bool = False) -> list[str]:
    """What makes ids ambiguous, a sentence each: ``07`` beside ``7``; by centre, an id at a centre and at none."""
    of_number: dict[tuple[str, str], set[str]] = defaultdict(set)
    of_patient: dict[str, set[str]] = defaultdict(set)
    for image in images:
        if image.patient is None:
            continue
        plain, centre = _plain(image.patient), _plain(image.centre or "")
        number = _NUMBER.fullmatch(plain)
        if number:
            of_number[centre if by_centre else "", number[1]].add(plain)
        of_patient[plain].add(centre)
    faults = [f"{' and '.join(sorted(ways))} may be one number" for ways in of_number.values() if len(ways) > 1]
    if by_centre:
        faults += [
            f"{patient} has a centre in one row and none in another"
            for patient, centres in of_patient.items()
            if "" in centres and len(centres) > 1
        ]
    return sorted(faults)


def patient_spellings(images: Iterable[ImageRow]) -> list[tuple[str, ...]]:
    """Ids that are written in several ways and taken for one, for example ``p1`` and ``P1``."""
    ways: dict[str, set[str]] = defaultdict(set)
    for image in images:
        if image.patient is not None:
            ways[_plain(image.patient)].add(image.patient)
    return sorted(tuple(sorted(each)) for each in ways.values() if len(each) > 1)


def _plain(word: str) -> str:
    """A word by which two ways of writing it are one."""
    return " ".join(_UNSEEN.sub("", unicodedata.normalize("NFKC", word)).casefold().split())


class _Joined:
    """Things that belong together, by union and find."""

    def __init__(self) -> None:
        self._above: dict[object, object] = {}

    def root(self, one: object) -> object:
        top = one
        while self._above.get(top, top) != top:
            top = self._above[top]
        while self._above.get(one, one) != top:
            self._above[one], one = top, self._above.get(one, one)
        return top

    def join(self, one: object, other: object) -> None:
        self._above[self.root(one)] = self.root(other)
