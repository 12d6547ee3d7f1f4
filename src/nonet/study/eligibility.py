"""Which images a study uses: those that can be read, each once, and that no network of the bundle has seen."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from nonet.bundle.frames_seen import difference_hashes_seen
from nonet.datasets.exclusions import Excluded, ExclusionReason
from nonet.datasets.inspection import first_frame
from nonet.datasets.near_copies import near_to
from nonet.errors import LeakError, NonetError
from nonet.evaluate import lists_of_seen, refuse_seen, uses_by_hash
from nonet.frame import pixels_sha256
from nonet.frames.difference_hash import difference_hash

if TYPE_CHECKING:
    from nonet.bundle import Bundle
    from nonet.datasets import ImageRow
    from nonet.datasets.tasks import LabelledRows

__all__ = ["eligible_rows", "hash_images", "refuse_frames_seen"]

_LOG = logging.getLogger(__name__)


def hash_images(images: Iterable[ImageRow]) -> dict[str, list[str]]:
    """`nonet.frame.pixels_sha256` and `difference_hash` by image name, of those that can be read.

    Each of the others is logged.
    """
    hashes = {}
    for image in images:
        try:
            pixels = first_frame(image.path).pixels
            hashes[image.name] = [pixels_sha256(pixels), difference_hash(pixels)]
        except (NonetError, OSError) as problem:
            _LOG.warning("%s is left out: %s", image.name, problem)
    return hashes


def eligible_rows(labelled: LabelledRows, hashes: Mapping[str, str]) -> LabelledRows:
    """The rows of images that can be read and do not repeat another's pixels.

    Parameters
    ----------
    labelled
        Rows and labels.
    hashes
        As `hash_images` gives them.
    """
    first: dict[str, str] = {}
    excluded: list[Excluded] = []
    for image in labelled.data.images:
        sha = hashes.get(image.name)
        if sha is None:
            excluded.append(Excluded(image.name, ExclusionReason.UNREADABLE, split=image.split))
        elif first.setdefault(sha, image.name) != image.name:
            detail = f"it has the pixels of {first[sha]}"
            excluded.append(Excluded(image.name, ExclusionReason.REPEATED, detail, image.split))
    gone = {one.image for one in excluded}
    kept = labelled.data.keeping(image for image in labelled.data.images if image.name not in gone)
    labels = {row: label for row, label in labelled.labels.items() if row[0] not in gone}
    return replace(labelled, data=kept, labels=labels, excluded=(*labelled.excluded, *excluded))


def refuse_frames_seen(
    images: Sequence[ImageRow], hashes: Mapping[str, str], difference_hashes: Mapping[str, str], bundle: Bundle
) -> None:
    """Raise if detector or embedder of the bundle has seen a frame of the study, its source, or a near copy of one.

    Raises
    ------
    LeakError
        If one has.
    """
    frames = {image.name: hashes[image.name] for image in images}
    sources = {
        f"the source of {image.name}": hashes.get(image.source, image.source) for image in images if image.source
    }
    for listed in lists_of_seen(bundle):
        refuse_seen({**frames, **sources}, uses_by_hash(bundle, listed) or {})
        _refuse_near({name: difference_hashes[name] for name in frames}, difference_hashes_seen(bundle, listed))


def _refuse_near(frames: Mapping[str, str], seen: Sequence[str]) -> None:
    copies = near_to(frames, seen)
    if copies:
        name, bits = copies[0]
        raise LeakError(
            "A model describes only frames that its training has not seen, nor near copies of them",
            found=f"{len(copies)} of {len(frames)} frames are near copies, {name} among them by {bits} of 256 bits",
            remedy="Choose another split, or a model that was trained without them",
        )
