"""The one table that every published form is read into: a row per image, a row per box."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from nonet.anatomy import Structure
from nonet.datasets.exclusions import Excluded
from nonet.datasets.problems import Problem
from nonet.errors import DatasetError
from nonet.reading import Box

__all__ = ["BoxRow", "DataSet", "ImageRow", "Plane"]


class Plane(StrEnum):
    """Whether a frame was filed as a standard mid-sagittal plane."""

    STANDARD = "standard"
    NON_STANDARD = "non-standard"


@dataclass(frozen=True, slots=True)
class ImageRow:
    """One image of a data set; what the data set does not say is None.

    Parameters
    ----------
    name
        The name that the boxes refer to, unique in the data set.
    path
        The file.
    width, height
        Size in pixels, from the file's header.
    split
        The part of the data set it belongs to, for example ``set1``.
    plane
        Standard or non-standard plane.
    centre, patient, device
        Labels by which folds are grouped and results are broken down.
    mm_per_px
        Millimetres per pixel, the same in both directions.
    layout
        How the machine laid out its screen: what a model could lean on instead of anatomy.
    source
        Of a copy (zoomed, edited, restyled): the name of the image that it was made from, or the hash of its pixels.
    """

    name: str
    path: Path
    width: int
    height: int
    split: str
    plane: Plane | None = None
    centre: str | None = None
    patient: str | None = None
    device: str | None = None
    mm_per_px: float | None = None
    layout: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class BoxRow:
    """One reference box: the image's name, the structure, the half-open pixel box."""

    image: str
    structure: Structure
    box: Box


@dataclass(frozen=True)
class DataSet:
    """Images and boxes of one data set, and what was found wrong with it.

    Parameters
    ----------
    form
        The published form it was read from, for example ``COCO``.
    images
        One row per usable image.
    boxes
        One row per usable box; at most one per structure and image.
    problems
        Everything that was left out or changed, and why.
    excluded
        Image files of the data set that are not among the images.
    """

    form: str
    images: tuple[ImageRow, ...]
    boxes: tuple[BoxRow, ...]
    problems: tuple[Problem, ...] = ()
    excluded: tuple[Excluded, ...] = ()

    @property
    def splits(self) -> tuple[str, ...]:
        """The names of its parts, in the order in which they first appear."""
        return tuple(dict.fromkeys(image.split for image in self.images))

    def split(self, name: str) -> DataSet:
        """One part of the data set, or several joined by ``+`` as in ``set1+set2``, problems kept.

        Raises
        ------
        DatasetError
            If no image belongs to a part of that name.
        """
        wanted = name.split("+")
        if not set(wanted) <= set(self.splits):
            raise DatasetError(
                "A split is one of those that the data set has",
                found=f"{name!r}, not among {', '.join(self.splits) or 'none'}",
                remedy="Choose one of the data set's splits",
            )
        part = self.keeping(image for image in self.images if image.split in wanted)
        return replace(part, excluded=tuple(one for one in self.excluded if one.split in wanted))

    def boxed(self) -> DataSet:
        """The images that have at least one box: an image without boxes is not a negative."""
        return self.keeping(image for image in self.images if self.boxes_of(image))

    def keeping(self, images: Iterable[ImageRow]) -> DataSet:
        """The data set with these of its images and their boxes only, problems kept."""
        kept = tuple(images)
        names = {image.name for image in kept}
        return replace(self, images=kept, boxes=tuple(row for row in self.boxes if row.image in names))

    def boxes_of(self, image: ImageRow) -> dict[Structure, Box]:
        """The reference boxes of one image by structure; empty if it has none."""
        return self._boxes_by_image.get(image.name, {})

    @cached_property
    def _boxes_by_image(self) -> dict[str, dict[Structure, Box]]:
        by_image: dict[str, dict[Structure, Box]] = {}
        for row in self.boxes:
            by_image.setdefault(row.image, {})[row.structure] = row.box
        return by_image
