"""The residuals that reviewers are drawn from: how the detector is off the boxes of frames it has not seen.

A frame's reviewers are drawn from its own fold, and its own device where devices are left out. So whatever is held
out, the reviewers of a training frame come from training frames. Each repeat of the folds has pools of its own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nonet.errors import DatasetError
from nonet.evaluate import run_detector
from nonet.evaluate.grading import UNKNOWN
from nonet.files import replacing_path
from nonet.simulate.reviewers import (
    join_residuals,
    read_residuals,
    residuals_by_image,
    write_pools,
    write_residuals,
)
from nonet.study.cache import replace_text
from nonet.study.repeats import repeated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from nonet.bundle import Bundle
    from nonet.datasets import DataSet, ImageRow
    from nonet.datasets.folds import FoldRow

__all__ = ["RESIDUALS", "Reviewers", "pools_of", "residuals_files"]

RESIDUALS = "residuals.json"
"""The file of a bundle that holds its detector's residuals."""

ANOTHER = "another study"
"""The one pool where residuals are of frames that are not this study's."""

Pools = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Reviewers:
    """What reviewers are drawn from.

    Attributes
    ----------
    whole
        The file of all residuals, which a bundle ships.
    pools
        The file of the residuals of each pool.
    of_image
        Names of the pools of an image, one for each repeat of the folds; empty if all are drawn from another study.
    """

    whole: Path
    pools: Path
    of_image: Mapping[str, tuple[str, ...]]

    def pools_of(self, image: str) -> tuple[str, ...]:
        """The pools of an image, one for each repeat that has its own."""
        return self.of_image.get(image, (ANOTHER,))


def pools_of(images: Iterable[ImageRow], repeats: Sequence[Sequence[FoldRow]], leave_out: str | None) -> Pools:
    """The pools of each image, one for each repeat: its fold, and its device or centre where these are left out."""
    folds = [{row.image: row.fold for row in folds} for folds in repeats]
    return {
        image.name: tuple(
            repeated(f"fold {of_image[image.name]}", number)
            + (f", {getattr(image, leave_out) or UNKNOWN}" if leave_out else "")
            for number, of_image in enumerate(folds)
        )
        for image in images
    }


def residuals_files(
    whole: Path,
    pools: Path,
    boxed: DataSet,
    of_image: Pools,
    bundle: Bundle,
    watch: Callable[[Sequence[ImageRow]], Iterable[ImageRow]],
    *,
    named: Path | None = None,
) -> Reviewers:
    """Write the residuals to two files, unless they are there.

    They are those of the named file, or of these boxes, or the bundle's where there are none.

    Parameters
    ----------
    whole, pools
        The files.
    boxed
        The frames with boxes.
    of_image
        As `pools_of` gives it, of images without boxes too: they are reviewed by those of their pool.
    bundle
        Holds the detector.
    watch
        Yields the images one by one, and may show progress.
    named
        A file of residuals of another study.

    Raises
    ------
    DatasetError
        If there are no boxes and the bundle holds no residuals, or the named file holds none.
    """
    if boxed.images and not named:
        if not (whole.exists() and pools.exists()):
            _measure(whole, pools, boxed, of_image, bundle, watch)
        return Reviewers(whole, pools, of_image)
    if not whole.exists():
        replace_text(whole, _elsewhere(bundle, named))
    read_residuals(whole)
    replace_text(pools, json.dumps({ANOTHER: json.loads(whole.read_text(encoding="utf-8"))}))
    return Reviewers(whole, pools, {})


def _measure(
    whole: Path,
    pools: Path,
    boxed: DataSet,
    of_image: Pools,
    bundle: Bundle,
    watch: Callable[[Sequence[ImageRow]], Iterable[ImageRow]],
) -> None:
    predictions = run_detector(boxed, bundle, watch)
    images: dict[str, list[str]] = {name: [] for pools_of_one in of_image.values() for name in pools_of_one}
    for image in boxed.images:
        for name in of_image[image.name]:
            images[name].append(image.name)
    rows = residuals_by_image(boxed, predictions)
    with replacing_path(whole) as unfinished:
        write_residuals(join_residuals(rows, predictions.bundle), unfinished)
    with replacing_path(pools) as unfinished:
        write_pools(rows, images, predictions.bundle, unfinished)


def _elsewhere(bundle: Bundle, named: Path | None) -> str:
    if named:
        read_residuals(named)
        return named.read_text(encoding="utf-8")
    if RESIDUALS in bundle.manifest.files:
        return bundle.file(RESIDUALS).decode()
    raise DatasetError(
        "Reviewers are drawn from how a detector is off the boxes of frames that it has not seen",
        found=f"no boxes in this data, and no {RESIDUALS} in the bundle",
        remedy="Name a file of residuals of another study as raters.residuals, or set raters.reviewers = 0",
    )
