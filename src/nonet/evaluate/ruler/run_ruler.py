"""Read the ruler of every frame of a data set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nonet.datasets.exclusions import Excluded, ExclusionReason
from nonet.datasets.inspection import first_frame
from nonet.errors import DatasetError, NonetError
from nonet.frame import pixels_sha256
from nonet.frames.difference_hash import difference_hash
from nonet.frames.ruler import read_ruler
from nonet.work import run_items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from nonet.datasets.data_set import ImageRow
    from nonet.evaluate.ruler.known_rulers import KnownRuler

    Item = tuple[ImageRow, KnownRuler | None]

__all__ = ["RulerRun", "TriedRuler", "run_ruler"]


@dataclass(frozen=True, slots=True)
class TriedRuler:
    """What was read on a frame.

    Attributes
    ----------
    image
        The frame.
    hashes
        `nonet.frame.pixels_sha256` and `nonet.frames.difference_hash.difference_hash` of it.
    known
        Its ruler, None where the table has none.
    mm_per_px
        The pixel size that was read, None where none was.
    """

    image: ImageRow
    hashes: tuple[str, str]
    known: KnownRuler | None
    mm_per_px: float | None


@dataclass(frozen=True, slots=True)
class RulerRun:
    """All frames that were tried, and files that could not be read."""

    tried: tuple[TriedRuler, ...]
    unreadable: tuple[Excluded, ...]


def run_ruler(
    images: Sequence[ImageRow],
    known: Mapping[str, KnownRuler],
    *,
    workers: int = 1,
    watch: Callable[[Sequence[Item]], Iterable[Item]] = iter,
) -> RulerRun:
    """Read the ruler of every image.

    Parameters
    ----------
    images
        The images.
    known
        As `read_known` gives them.
    workers, watch
        Number of processes; yields items one by one, and may show progress.

    Raises
    ------
    DatasetError
        If no image has a known ruler.
    """
    items: list[Item] = [(image, known.get(image.name)) for image in images]
    if not any(ruler for _, ruler in items):
        raise DatasetError(
            "An evaluation has frames whose ruler is known",
            found="none",
            remedy="Give the table that belongs to these images by --rulers",
        )
    results = list(run_items(_try, items, _nothing, workers=workers, watch=watch))
    return RulerRun(
        tuple(one for one in results if isinstance(one, TriedRuler)),
        tuple(one for one in results if isinstance(one, Excluded)),
    )


def _nothing() -> None:
    """What a process needs to open before it reads rulers."""


def _try(_: None, item: Item) -> TriedRuler | Excluded:
    image, known = item
    try:
        frame = first_frame(image.path)
    except (NonetError, OSError) as problem:
        return Excluded(image.name, ExclusionReason.UNREADABLE, str(problem))
    ruler = read_ruler(frame.pixels)
    hashes = (pixels_sha256(frame.pixels), difference_hash(frame.pixels))
    return TriedRuler(image, hashes, known, ruler.mm_per_px if ruler else None)
