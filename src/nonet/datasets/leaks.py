"""What would make a figure on a data set look better than it is: one image or one patient on both sides."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping

from nonet.datasets.data_set import ImageRow
from nonet.datasets.patients import patient_of
from nonet.datasets.problems import Problem, Severity

__all__ = ["same_patient", "same_pixels"]


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
