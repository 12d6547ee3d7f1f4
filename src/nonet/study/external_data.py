"""A second data set that a study is only tested on, such as the other generator of grades.

Its images are called ``external/NAME``, so that none is taken for one of the study's own. What pixels, patients and
sources say of the two together is checked as within one data set.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from nonet.errors import DatasetError

if TYPE_CHECKING:
    from nonet.datasets.data_set import DataSet
    from nonet.datasets.exclusions import Excluded
    from nonet.datasets.tasks import LabelledRows

__all__ = ["PREFIX", "as_tested", "called_external", "renamed"]

PREFIX = "external/"
"""Before the name of each image of a second data set."""

_LOG = logging.getLogger(__name__)


def called_external(labelled: LabelledRows) -> LabelledRows:
    """The rows of a second data set with the prefix before the name of every image."""
    return replace(
        labelled,
        labels={(PREFIX + image, structure): label for (image, structure), label in labelled.labels.items()},
        data=renamed(labelled.data),
        excluded=_excluded(labelled.excluded),
    )


def renamed(data: DataSet) -> DataSet:
    """The data set with the prefix before every name, sources among its own images too."""
    own = {image.name for image in data.images}
    images = tuple(
        replace(
            image,
            name=PREFIX + image.name,
            source=PREFIX + image.source if image.source in own else image.source,
        )
        for image in data.images
    )
    boxes = tuple(replace(row, image=PREFIX + row.image) for row in data.boxes)
    return replace(data, images=images, boxes=boxes, excluded=_excluded(data.excluded))


def as_tested(external: LabelledRows, labelled: LabelledRows) -> LabelledRows:
    """External rows with the classes of the study, those of structures that it has no rows of left out by name.

    Raises
    ------
    DatasetError
        If they have a label that is no class of the study, or no structure of it.
    """
    unknown = sorted(set(external.labels.values()) - set(labelled.classes))
    if unknown:
        raise _wrong(f"{unknown[0]!r}, where the study has {', '.join(labelled.classes)}")
    known = {structure for _, structure in labelled.labels}
    labels = {row: label for row, label in external.labels.items() if row[1] in known}
    left_out = sorted({structure.value for _, structure in external.labels if structure and structure not in known})
    if left_out:
        _LOG.warning("external rows of %s are not tested: the study has none to train on", ", ".join(left_out))
    if not labels:
        raise _wrong("no structure that the study has rows of")
    images = {image for image, _ in labels}
    data = external.data.keeping(image for image in external.data.images if image.name in images)
    return replace(external, classes=labelled.classes, positive=labelled.positive, labels=labels, data=data)


def _excluded(excluded: tuple[Excluded, ...]) -> tuple[Excluded, ...]:
    return tuple(replace(one, image=PREFIX + one.image) for one in excluded)


def _wrong(found: str) -> DatasetError:
    return DatasetError(
        "External rows have the classes and structures of the study that is tested on them",
        found=found,
        remedy="Label both by one rule",
    )
