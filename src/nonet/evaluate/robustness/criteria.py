"""How often each criterion of the plane fails on standard frames, and on twins made to fail one of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from nonet.anatomy import Structure
from nonet.bundle import Bundle
from nonet.datasets.data_set import Plane
from nonet.datasets.exclusions import Excluded, ExclusionReason
from nonet.datasets.inspection import first_frame
from nonet.detect import Detector
from nonet.detect.outliers import find_outliers
from nonet.errors import DatasetError, NonetError
from nonet.evaluate.bootstrap import RESAMPLES, SEED, frame_weights
from nonet.evaluate.robustness.resampled import figures_json, group_numbers, share
from nonet.evaluate.robustness.run_twins import OWN
from nonet.frame import pixels_sha256
from nonet.frames import hide_overlay
from nonet.frames import picture_changes as change
from nonet.frames.difference_hash import difference_hash
from nonet.grade.plane_criteria import plane_criteria
from nonet.reading import Criterion
from nonet.work import run_items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from nonet.datasets import DataSet
    from nonet.datasets.data_set import ImageRow
    from nonet.frame import Frame
    from nonet.reading import Box

    Pixels = NDArray[np.uint8]
    Boxed = tuple[ImageRow, dict[Structure, Box]]

__all__ = ["CRITERION_TWINS", "CriteriaRun", "CriterionTwin", "criteria_figures", "run_criteria"]


@dataclass(frozen=True, slots=True)
class CriterionTwin:
    """A change of a frame that one criterion should notice.

    Attributes
    ----------
    name, criterion
        As tables call it, and the criterion that should fail.
    pixels
        From ``uint8[H, W]`` to the changed picture, given the boxes of the frame.
    needs
        The structure whose box it needs, if any.
    """

    name: str
    criterion: Criterion
    pixels: Callable[[Pixels, Mapping[Structure, Box]], Pixels]
    needs: Structure | None = None


def _changed(made: Callable[..., Pixels], amount: float, pixels: Pixels, _: Mapping[Structure, Box]) -> Pixels:
    return made(pixels, amount)


def _cut(structure: Structure, pixels: Pixels, boxes: Mapping[Structure, Box]) -> Pixels:
    return change.cut_off(pixels, boxes[structure])


CRITERION_TWINS: tuple[CriterionTwin, ...] = (
    *(
        CriterionTwin(f"zoom {factor:g} on black", Criterion.MAGNIFICATION, partial(_changed, change.on_black, factor))
        for factor in (0.6, 0.68, 0.8)
    ),
    *(
        CriterionTwin(f"cut through the {one.label}", Criterion.EDGES, partial(_cut, one), one)
        for one in (Structure.NASAL_TIP, Structure.NUCHAL_TRANSLUCENCY, Structure.THALAMI)
    ),
    *(
        CriterionTwin(f"blur {sigma:g} px", Criterion.SHARPNESS, partial(_changed, change.blurred, sigma))
        for sigma in (1.0, 1.5)
    ),
)
"""Twins that show the head smaller in its frame, end the picture inside a structure, or smooth it."""


@dataclass(frozen=True, slots=True)
class CriteriaRun:
    """Whether each criterion fails in each picture of each frame; None where nothing can be said.

    Attributes
    ----------
    images
        The frames that were read.
    hashes
        By name, the hashes of their pixels.
    failed
        By name of the image and of the picture.
    unreadable
        Those that could not be read.
    """

    images: tuple[ImageRow, ...]
    hashes: dict[str, tuple[str, str]]
    failed: dict[str, dict[str, dict[Criterion, bool | None]]]
    unreadable: tuple[Excluded, ...]


def run_criteria(
    data: DataSet,
    bundle: Path,
    *,
    frames: Callable[[Sequence[ImageRow]], Sequence[ImageRow]] = tuple,
    workers: int = 1,
    watch: Callable[[Sequence[Boxed]], Iterable[Boxed]] = iter,
) -> CriteriaRun:
    """Hold every standard frame and its twins against the criteria.

    Parameters
    ----------
    data
        Its frames that are filed as standard are looked at.
    bundle
        Folder of a bundle with a detector and a shape prior.
    frames
        Takes some of the standard frames.
    workers, watch
        Number of processes; yields items one by one, and may show progress.

    Raises
    ------
    DatasetError
        If no standard frame can be read.
    """
    standard = frames([image for image in data.images if image.plane is Plane.STANDARD])
    items = [(image, dict(data.boxes_of(image))) for image in standard]
    kept: list[ImageRow] = []
    hashes: dict[str, tuple[str, str]] = {}
    failed: dict[str, dict[str, dict[Criterion, bool | None]]] = {}
    unreadable: list[Excluded] = []
    for result in run_items(_read, items, partial(_Pictures, bundle), workers=workers, watch=watch):
        if isinstance(result, Excluded):
            unreadable.append(result)
            continue
        image, both, pictures = result
        kept.append(image)
        hashes[image.name], failed[image.name] = both, pictures
    if not kept:
        raise DatasetError(
            "Criteria are evaluated on frames that are filed as standard", found="none", remedy="See nonet check"
        )
    return CriteriaRun(tuple(kept), hashes, failed, tuple(unreadable))


def criteria_figures(run: CriteriaRun, *, resamples: int = RESAMPLES, seed: int = SEED) -> dict[str, Any]:
    """The share of pictures in which each criterion fails, with intervals over patients or else frames, as JSON values.

    Where nothing can be said of some, such as a twin in which no head is found, their share stands in a figure of its
    own; they do not count as failing.
    """
    weights = frame_weights(group_numbers(run.images, run.hashes), resamples, seed)
    names = [image.name for image in run.images]

    def shares(picture: str) -> dict[str, dict[str, float | None]]:
        drawn = {}
        for criterion in Criterion:
            found = [run.failed[name].get(picture, {}).get(criterion) for name in names]
            there = np.array([picture in run.failed[name] for name in names])
            drawn[criterion.value] = share(np.array([one is True for one in found]), there, weights)
            unknown = np.array([one is None for one in found]) & there
            drawn[f"{criterion.value}, not assessed"] = share(unknown, there, weights)
        return figures_json({name: one for name, one in drawn.items() if "not assessed" not in name or one[0] > 0})

    return {
        OWN: shares(OWN),
        "twins": [
            {
                "twin": twin.name,
                "criterion": twin.criterion.value,
                "frames": sum(twin.name in run.failed[name] for name in names),
                **shares(twin.name),
            }
            for twin in CRITERION_TWINS
        ],
    }


class _Pictures:
    """The detector of a process."""

    def __init__(self, bundle: Path) -> None:
        self._detector = Detector(Bundle(bundle))

    def failed(self, frame: Frame) -> dict[Criterion, bool | None]:
        """Whether each criterion fails."""
        located = self._detector.locate(hide_overlay(frame))
        boxes = self._detector.visible_boxes(located)
        _, outliers = find_outliers(boxes, self._detector.shape_prior)
        found = plane_criteria(located, boxes, outliers, self._detector.shape_prior)
        return {one.criterion: None if one.met is None else not one.met for one in found}


def _read(
    pictures: _Pictures, item: Boxed
) -> Excluded | tuple[ImageRow, tuple[str, str], dict[str, dict[Criterion, bool | None]]]:
    image, boxes = item
    try:
        frame = first_frame(image.path)
        failed = {OWN: pictures.failed(frame)}
        for twin in CRITERION_TWINS:
            if twin.needs is None or twin.needs in boxes:
                shown = replace(frame, pixels=np.ascontiguousarray(twin.pixels(frame.pixels, boxes)))
                failed[twin.name] = pictures.failed(shown)
    except (NonetError, OSError) as problem:
        return Excluded(image.name, ExclusionReason.UNREADABLE, str(problem))
    return image, (pixels_sha256(frame.pixels), difference_hash(frame.pixels)), failed
