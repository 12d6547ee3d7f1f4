"""A folder of simulated heads whose structures have known grades, in the form of the set of edited frames."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from nonet.errors import SettingsError
from nonet.simulate.graded_heads import GRADED_SEEDS, graded_head
from nonet.simulate.graded_set import IMAGES, GradedImage, GradedSize, make_images_folder, write_graded_set
from nonet.simulate.png_export import write_png
from nonet.work import run_items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

__all__ = ["write_graded_heads"]


def write_graded_heads(
    folder: Path,
    count: int,
    *,
    seed: int = 0,
    workers: int = 1,
    watch: Callable[[Sequence[int]], Iterable[int]] = iter,
) -> tuple[GradedImage, ...]:
    """Write heads to a folder, each a person of its own; its machine is what the set calls its device.

    Parameters
    ----------
    folder
        Empty, or not there yet.
    count, seed
        How many heads, and which of `GRADED_SEEDS` is the first.
    workers, watch
        Number of processes; yields the seeds one by one, and may show progress.

    Raises
    ------
    SettingsError
        If there are not so many seeds.
    DatasetError
        If the folder is not empty.
    """
    seeds = GRADED_SEEDS[seed : seed + count]
    if len(seeds) < count:
        raise SettingsError(
            f"There are {len(GRADED_SEEDS)} graded heads", found=f"{count} from {seed} on", remedy="Ask for fewer"
        )
    make_images_folder(folder)
    images = tuple(run_items(partial(_write, folder), seeds, _nothing, workers=workers, watch=watch))
    write_graded_set(folder, images)
    return images


def _nothing() -> None:
    """There is nothing to open."""


def _write(folder: Path, tools: None, seed: int) -> GradedImage:
    """Write a head."""
    del tools
    head = graded_head(seed)
    made, name = head.made, f"head-{seed}.png"
    write_png(folder / IMAGES / name, made)
    # A structure that lies outside the picture has a size, and nobody can see it.
    sizes = tuple(
        GradedSize(one.structure, one.variable, one.unit, one.value, one.grade)
        for one in head.sizes
        if one.structure in made.boxes
    )
    height, width = made.pixels.shape
    return GradedImage(
        name,
        (width, height),
        made.boxes,
        f"head {seed}",
        sizes,
        device=made.device.name,
        mm_per_px=made.mm_per_px,
    )
