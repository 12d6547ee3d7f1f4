"""The frames that reviewers and devices rate: those of a study, or, where it holds copies, the frames they are of.

A copy that was edited says how stable a feature is under the edit as well. So where the data set names the ``source``
of copies, unedited frames alone are rated, also when nobody labelled them. A rating counts in training where its
frame's group is there: copies are of their source's group.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nonet.datasets.folds import FoldRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nonet.datasets.data_set import DataSet, ImageRow

__all__ = ["candidate_frames", "folds_of_groups", "rated_frames"]


def candidate_frames(data: DataSet, labelled: DataSet, hashes: Mapping[str, str]) -> DataSet:
    """What may be rated, before groups are known: the labelled images, or the unedited ones where some are copies.

    Parameters
    ----------
    data
        All images of the study's split.
    labelled
        Those with labels that the study uses.
    hashes
        `nonet.frame.pixels_sha256` by image name, of those that can be read.
    """
    if not any(image.source for image in labelled.images):
        return labelled
    first: dict[str, str] = {}
    return data.keeping(
        image
        for image in data.images
        if not image.source and image.name in hashes and first.setdefault(hashes[image.name], image.name) == image.name
    )


def rated_frames(candidates: DataSet, labelled: Sequence[ImageRow], groups: Mapping[str, str]) -> DataSet:
    """The candidates of whose group the study has labels; what only a copy says of centre and device is filled in."""
    of_group: dict[str, ImageRow] = {}
    for image in labelled:
        of_group.setdefault(groups[image.name], image)
    images = (
        _filled(image, of_group[groups[image.name]]) for image in candidates.images if groups[image.name] in of_group
    )
    return candidates.keeping(images)


def folds_of_groups(
    images: Iterable[ImageRow], folds: Sequence[FoldRow], groups: Mapping[str, str]
) -> tuple[FoldRow, ...]:
    """The fold of each image, that of its group; images with a fold keep theirs.

    Parameters
    ----------
    images
        Of groups that have folds.
    folds
        Of the labelled images.
    groups
        By image name.
    """
    of_group = {groups[row.image]: row for row in folds}
    return tuple(replace(of_group[groups[image.name]], image=image.name) for image in images)


def _filled(image: ImageRow, copy: ImageRow) -> ImageRow:
    return replace(image, centre=image.centre or copy.centre, device=image.device or copy.device)
