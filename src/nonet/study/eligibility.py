"""Which images a study uses: those that can be read, each once, and that no network of the bundle has seen."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from nonet.datasets.inspection import first_frame
from nonet.datasets.tasks import Excluded, LabelledRows
from nonet.errors import NonetError
from nonet.evaluate import lists_of_seen, refuse_seen, uses_by_hash
from nonet.frame import pixels_sha256

if TYPE_CHECKING:
    from nonet.bundle import Bundle
    from nonet.datasets import ImageRow

__all__ = ["eligible_images", "hash_images", "refuse_frames_seen"]

_LOG = logging.getLogger(__name__)


def hash_images(images: Iterable[ImageRow]) -> dict[str, str]:
    """`nonet.frame.pixels_sha256` by image name, of those that can be read; the others are told of."""
    hashes = {}
    for image in images:
        try:
            hashes[image.name] = pixels_sha256(first_frame(image.path).pixels)
        except (NonetError, OSError) as problem:
            _LOG.warning("%s is left out: %s", image.name, problem)
    return hashes


def eligible_images(labelled: LabelledRows, hashes: Mapping[str, str]) -> LabelledRows:
    """The question without images that cannot be read or that repeat another's pixels.

    Parameters
    ----------
    labelled
        Rows and answers.
    hashes
        As `hash_images` gives them.
    """
    first: dict[str, str] = {}
    left_out = []
    for image in labelled.data.images:
        sha = hashes.get(image.name)
        if sha is None:
            left_out.append(Excluded(image.name, "it cannot be read"))
        elif first.setdefault(sha, image.name) != image.name:
            left_out.append(Excluded(image.name, f"it has the pixels of {first[sha]}"))
    gone = {one.image for one in left_out}
    kept = labelled.data.keeping(image for image in labelled.data.images if image.name not in gone)
    answers = {row: answer for row, answer in labelled.answers.items() if row[0] not in gone}
    return replace(labelled, data=kept, answers=answers, left_out=(*labelled.left_out, *left_out))


def refuse_frames_seen(labelled: LabelledRows, hashes: Mapping[str, str], bundle: Bundle) -> None:
    """Let a study pass only if neither detector nor embedder of the bundle has seen a frame of it.

    Raises
    ------
    LeakError
        If one has.
    """
    asked = {image.name: hashes[image.name] for image in labelled.data.images}
    for listed in lists_of_seen(bundle):
        refuse_seen(asked, uses_by_hash(bundle, listed) or {})
