"""Measure simulated heads, as a reading does, beside what is true of them: on machines that no training saw."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import Structure
from nonet.bundle import Bundle
from nonet.detect import Detector
from nonet.evaluate.measurements.known_sizes import KnownSize
from nonet.evaluate.robustness.run_twins import OWN
from nonet.frame import Frame, Source, Spacing, SpacingSource
from nonet.frames import hide_overlay
from nonet.measure import measure_structures
from nonet.measure.protocols import PROTOCOLS
from nonet.simulate.devices import STUDY_DEVICES, TRAINING_DEVICES
from nonet.simulate.same_head import same_head
from nonet.simulate.shown_length import shown_length_mm
from nonet.work import run_items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from nonet.evaluate.robustness import Twin
    from nonet.reading import Measurement
    from nonet.simulate.devices import Device
    from nonet.simulate.simulated import Simulated

__all__ = ["TEST_SEEDS", "TRUTH", "UNSEEN_DEVICES", "known_mm", "measure_heads", "measured_sizes"]

TEST_SEEDS = range(3_000_000, 4_000_000)
"""Seeds of heads that no training draws and no constant was chosen on."""

UNSEEN_DEVICES: tuple[Device, ...] = tuple(device for device in STUDY_DEVICES if device not in TRAINING_DEVICES)
"""The machines that no training draws from."""

TRUTH: dict[Structure, str] = {
    Structure.FOURTH_VENTRICLE: "fourth_ventricle_mm",
    Structure.CISTERNA_MAGNA: "cisterna_magna_mm",
    Structure.NUCHAL_TRANSLUCENCY: "nt_mm",
    Structure.NASAL_BONE: "nasal_bone_mm",
}
"""The name of each measured structure's size in `Simulated.truth`."""


def known_mm(seed: int, made: Simulated, structure: Structure) -> float:
    """What callipers should find on a picture of a seed's head: the gap or the bone as the machine shows it."""
    name = TRUTH[structure]
    return made.shown[name] if name in made.shown else shown_length_mm(seed, made.device, name)


def measure_heads(
    seeds: Sequence[int],
    bundle: Path,
    twins: Sequence[Twin],
    *,
    devices: Sequence[Device] = UNSEEN_DEVICES,
    workers: int = 1,
    watch: Callable[[Sequence[int]], Iterable[int]] = iter,
) -> list[KnownSize]:
    """Put each head on each machine, and measure the frame and its twins in the boxes that a detector finds.

    Parameters
    ----------
    seeds
        Of the heads.
    bundle
        Folder.
    twins
        What is shown besides the frame itself.
    devices
        The machines.
    workers, watch
        Number of processes; yields seeds one by one, and may show progress.
    """
    opener = partial(_Heads, bundle, tuple(twins), tuple(devices))
    return [row for rows in run_items(_measure, seeds, opener, workers=workers, watch=watch) for row in rows]


class _Heads:
    """A detector and the pictures that it is shown."""

    def __init__(self, bundle: Path, twins: tuple[Twin, ...], devices: tuple[Device, ...]) -> None:
        self.detector = Detector(Bundle(bundle))
        self.twins, self.devices = twins, devices

    def measure(self, seed: int) -> list[KnownSize]:
        rng = np.random.default_rng(seed)
        rows = []
        for made in same_head(seed, self.devices):
            known = {each: known_mm(seed, made, each) for each in PROTOCOLS if _is_known(made, each)}
            pictures = [(OWN, made.pixels, 1.0)]
            pictures += [(twin.name, twin.pixels(made.pixels, rng), twin.scale) for twin in self.twins]
            for name, pixels, scale in pictures:
                found = measured_sizes(self.detector, pixels, made.mm_per_px / scale)
                rows += [_row(seed, made, name, each, truth, found.get(each)) for each, truth in known.items()]
        return rows


def _measure(heads: _Heads, seed: int) -> list[KnownSize]:
    return heads.measure(seed)


def _is_known(made: Simulated, structure: Structure) -> bool:
    return structure in made.boxes and TRUTH[structure] in made.truth


def measured_sizes(detector: Detector, pixels: NDArray[np.uint8], mm_per_px: float) -> dict[Structure, Measurement]:
    """What a reading gives of each structure that it sees on a picture, whatever the plane."""
    spacing = Spacing(mm_per_px, mm_per_px, SpacingSource.USER)
    frame = Frame(np.ascontiguousarray(pixels), Source("simulated", ""), spacing=spacing)
    located = detector.locate(hide_overlay(frame))
    points = detector.manifest.operating_points
    boxes = {one.structure: one.box for one in located.detections if one.score >= points[one.structure]}
    measured = measure_structures(located, frame, boxes)
    return {
        structure: one
        for structure, found in measured.items()
        for one in found
        if structure in PROTOCOLS and one.name == PROTOCOLS[structure].name
    }


def _row(
    seed: int, made: Simulated, picture: str, structure: Structure, truth: float, found: Measurement | None
) -> KnownSize:
    row = KnownSize(seed, made.device.name, picture, structure, truth, made.truth[TRUTH[structure]], None, None, None)
    return row if found is None else replace(row, measured=found.value, low=found.low, high=found.high)
