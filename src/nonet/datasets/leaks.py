"""What would make a figure on a data set look better than it is: one image or one patient on both sides."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

from nonet.datasets.data_set import ImageRow
from nonet.datasets.frame_columns import FRAME_COLUMNS_FILE
from nonet.datasets.groups import ambiguous_patients, patient_of, patient_spellings
from nonet.datasets.near_copies import near_copies
from nonet.datasets.problems import Problem, Severity

__all__ = ["alike", "patient_ids", "same_patient", "same_pixels"]


def same_pixels(images: Iterable[ImageRow], hashes: Mapping[str, str]) -> tuple[Problem, ...]:
    """A problem for each image whose grey pixels an earlier one already has.

    Parameters
    ----------
    images
        The images to compare.
    hashes
        `nonet.frame.pixels_sha256` by image name; images without one are left out.

    Returns
    -------
    Errors where the two are in different splits, warnings where they are in the same one.
    """
    known = (image for image in images if image.name in hashes)
    return tuple(_copy(first, again) for first, again in _repeats(known, lambda image: hashes[image.name]))


def alike(
    images: Iterable[ImageRow], pixels: Mapping[str, str], difference_hashes: Mapping[str, str]
) -> tuple[Problem, ...]:
    """A problem for each two images that are near copies, and not copies to the pixel.

    Parameters
    ----------
    images
        The images to compare.
    pixels, difference_hashes
        `nonet.frame.pixels_sha256` and `nonet.frames.difference_hash.difference_hash` by image name.

    Returns
    -------
    Of two that count as one image an error where they are in different splits, else a warning; of two that may be, a
    warning.
    """
    split = {image.name: image.split for image in images}
    found = []
    for pair in near_copies(difference_hashes):
        if pixels[pair.one] == pixels[pair.other]:
            continue
        apart = split[pair.one] != split[pair.other]
        where = f" in {split[pair.one]}, this one in {split[pair.other]}" if apart else ""
        words = f"like {pair.one}{where}: {pair.bits} of 256 bits of their hashes differ"
        if pair.certain:
            severity = Severity.ERROR if apart else Severity.WARNING
            remedy = "Remove one of the two; a study keeps them together"
        else:
            severity, remedy = Severity.WARNING, "Look at the two; if they are one image, remove one"
        found.append(Problem(severity, pair.other, "Images are not copies of one another", words, remedy))
    return tuple(found)


def patient_ids(images: Sequence[ImageRow]) -> tuple[Problem, ...]:
    """Ids of patients that may be one, and those that are written in several ways and count as one."""
    rule = "An id names one patient, written in one way"
    file = FRAME_COLUMNS_FILE
    ambiguous = [
        Problem(Severity.ERROR, file, rule, fault, "Write it in one way; a study refuses it")
        for fault in ambiguous_patients(images)
    ]
    spelt = [
        Problem(Severity.WARNING, file, rule, f"{', '.join(map(repr, ways))}, taken for one", "Write it in one way")
        for ways in patient_spellings(images)
    ]
    return (*ambiguous, *spelt)


def same_patient(images: Iterable[ImageRow]) -> tuple[Problem, ...]:
    """An error for each image of a patient who is in an earlier split, where patients are known."""
    known = (image for image in images if image.patient is not None)
    repeats = _repeats(known, patient_of)
    return tuple(_patient(first, again) for first, again in repeats if first.split != again.split)


def _repeats(images: Iterable[ImageRow], key: Callable[[ImageRow], Hashable]) -> Iterator[tuple[ImageRow, ImageRow]]:
    first: dict[Hashable, ImageRow] = {}
    for image in images:
        earlier = first.setdefault(key(image), image)
        if earlier is not image:
            yield earlier, image


def _copy(first: ImageRow, again: ImageRow) -> Problem:
    if first.split == again.split:
        found = f"the same as {first.name}"
        return Problem(
            Severity.WARNING, again.name, "Images differ in their grey pixels", found, "Remove one of the two"
        )
    rule = "No image is in two splits, whatever its name"
    found = f"the pixels of {first.name} in {first.split}, again in {again.split}"
    return Problem(Severity.ERROR, again.name, rule, found, "Remove it from one split, or no figure can be trusted")


def _patient(first: ImageRow, again: ImageRow) -> Problem:
    rule = "A patient is in one split only"
    found = f"the patient of {first.name} in {first.split}, again in {again.split}"
    return Problem(Severity.ERROR, again.name, rule, found, "Move all images of a patient to one split")
