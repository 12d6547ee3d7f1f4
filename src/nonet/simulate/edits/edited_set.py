"""The boxed standard frames of a data set, untouched, and copies of them whose structures have known grades."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from nonet.datasets import ImageRow
from nonet.datasets.data_set import Plane
from nonet.datasets.inspection import first_frame
from nonet.errors import DatasetError, NonetError
from nonet.frames import hide_overlay
from nonet.simulate.edits.edited_frames import Refused, copies_of
from nonet.simulate.graded_set import IMAGES, GradedImage, LeftOut, make_images_folder, write_graded_set
from nonet.work import run_items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from nonet.anatomy import Structure
    from nonet.datasets import DataSet
    from nonet.reading import Box

__all__ = ["EditedSet", "write_edited_set"]


@dataclass(frozen=True, slots=True)
class EditedSet:
    """What was written: the images, what was given no size, and the frames that could not be read with the reason."""

    images: tuple[GradedImage, ...]
    left_out: tuple[LeftOut, ...]
    unreadable: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Item:
    image: ImageRow
    boxes: Mapping[Structure, Box]


@dataclass(frozen=True, slots=True)
class _Made:
    images: tuple[GradedImage, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    problem: str | None = None


def write_edited_set(
    data: DataSet,
    folder: Path,
    *,
    seed: int = 0,
    rounds: int = 1,
    workers: int = 1,
    watch: Callable[[Sequence[_Item]], Iterable[_Item]] = iter,
) -> EditedSet:
    """Write every boxed standard frame of a data set and its copies to a folder.

    Parameters
    ----------
    data
        The frames; those of non-standard planes, and those without boxes, are not used.
    folder
        Empty, or not there yet.
    seed
        Of all edits.
    rounds
        How often each structure of a frame is given each grade.
    workers
        Number of processes.
    watch
        Yields the frames one by one, and may show progress.

    Raises
    ------
    DatasetError
        If no frame can be used, or the folder is not empty.
    """
    usable = [image for image in data.boxed().images if image.plane is not Plane.NON_STANDARD]
    if not usable:
        raise DatasetError(
            "Edits are made of standard frames with boxes", found="none", remedy="Choose another data set or split"
        )
    make_images_folder(folder)
    items = [_Item(image, data.boxes_of(image)) for image in usable]
    function = partial(_write, folder, seed, rounds)
    made = list(run_items(function, items, _nothing, workers=workers, watch=watch))
    images = tuple(image for one in made for image in one.images)
    left_out = tuple(each for one in made for each in one.left_out)
    write_graded_set(folder, images, left_out)
    named = zip(usable, made, strict=True)
    return EditedSet(images, left_out, {image.name: one.problem for image, one in named if one.problem})


def _nothing() -> None:
    """There is nothing to open."""


def _write(folder: Path, seed: int, rounds: int, tools: None, item: _Item) -> _Made:
    """Write a frame and its copies."""
    del tools
    image = item.image
    try:
        frame = first_frame(image.path)
        hidden = hide_overlay(frame).pixels
    except NonetError as problem:
        return _Made(problem=str(problem))
    stem = Path(image.name).stem
    own = GradedImage(
        f"{stem}.png",
        (frame.width, frame.height),
        item.boxes,
        image.patient or stem,
        device=image.device,
        layout=image.layout,
        mm_per_px=image.mm_per_px,
    )
    _save(folder, own.name, frame.pixels)
    images, left_out = [own], []
    for made in copies_of(hidden, item.boxes, seed, mm_per_px=image.mm_per_px, rounds=rounds):
        if isinstance(made, Refused):
            left_out.append(LeftOut(own.name, made.structure, made.variable, made.reason))
            continue
        name = f"{stem}-{made.name}.png"
        _save(folder, name, made.pixels)
        images.append(replace(own, name=name, boxes=made.boxes, sizes=made.sizes, source=own.name))
    return _Made(tuple(images), tuple(left_out))


def _save(folder: Path, name: str, pixels: NDArray[np.uint8]) -> None:
    Image.fromarray(pixels).save(folder / IMAGES / name, compress_level=1)
