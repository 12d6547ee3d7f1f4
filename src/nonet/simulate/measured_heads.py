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
from nonet.measure.protocols import MEASURED
from nonet.simulate.devices import STUDY_DEVICES, TRAINING_DEVICES
from nonet.simulate.same_head import same_head
from nonet.simulate.shown_length import shown_length_mm
from nonet.work import run_items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from nonet.evaluate.robustness import Twin
    from nonet.measure.protocols import Measured
    from nonet.reading import Measurement
    from nonet.simulate.devices import Device
    from nonet.simulate.simulated import Simulated

__all__ = ["TEST_SEEDS", "TRUTH", "UNSEEN_DEVICES", "is_known", "known_mm", "measure_heads", "measured_sizes"]

TEST_SEEDS = range(3_000_000, 4_000_000)
"""Seeds of heads that no training draws and no constant was chosen on."""

UNSEEN_DEVICES: tuple[Device, ...] = tuple(device for device in STUDY_DEVICES if device not in TRAINING_DEVICES)
"""The machines that no training draws from."""

TRUTH: dict[Measured, str] = {
    (Structure.FOURTH_VENTRICLE, "antero_posterior"): "fourth_ventricle_mm",
    (Structure.CISTERNA_MAGNA, "width"): "cisterna_magna_mm",
    (Structure.NUCHAL_TRANSLUCENCY, "thickness"): "nt_mm",
    (Structure.NASAL_BONE, "length"): "nasal_bone_mm",
    (Structure.PALATE, "length"): "palate_mm",
    (Structure.MIDBRAIN, "extent"): "midbrain_mm",
    (Structure.NASAL_SKIN, "skin_thickness"): "nasal_skin_mm",
}
"""The name of each measured size in `Simulated.truth`. The palate of none of these heads has a gap."""

_SHOWN_ALONE = {"nasal_bone_mm", "palate_mm"}
"""The lines whose length is taken where they are shown alone."""


def known_mm(seed: int, made: Simulated, measured: Measured) -> float:
    """What callipers should find on a picture of a seed's head: gaps and lines as the machine shows them."""
    name = TRUTH[measured]
    if name in _SHOWN_ALONE:
        return shown_length_mm(seed, made.device, name)
    return made.shown.get(name, made.truth[name])


def is_known(made: Simulated, measured: Measured) -> bool:
    """Whether a picture shows a structure whose size is known."""
    return measured[0] in made.boxes and TRUTH.get(measured) in made.truth


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
            known = {each: known_mm(seed, made, each) for each in MEASURED if is_known(made, each)}
            pictures = [(OWN, made.pixels, 1.0)]
            pictures += [(twin.name, twin.pixels(made.pixels, rng), twin.scale) for twin in self.twins]
            for name, pixels, scale in pictures:
                found = measured_sizes(self.detector, pixels, made.mm_per_px / scale)
                rows += [_row(seed, made, name, each, truth, found.get(each)) for each, truth in known.items()]
        return rows


def _measure(heads: _Heads, seed: int) -> list[KnownSize]:
    return heads.measure(seed)


def measured_sizes(detector: Detector, pixels: NDArray[np.uint8], mm_per_px: float) -> dict[Measured, Measurement]:
    """What a reading gives, by structure and name, of each structure that it sees on a picture, whatever the plane."""
    spacing = Spacing(mm_per_px, mm_per_px, SpacingSource.USER)
    frame = Frame(np.ascontiguousarray(pixels), Source("simulated", ""), spacing=spacing)
    located = detector.locate(hide_overlay(frame))
    measured = measure_structures(located, frame, detector.visible_boxes(located))
    return {
        (structure, one.name): one
        for structure, found in measured.items()
        for one in found
        if (structure, one.name) in MEASURED
    }


def _row(
    seed: int, made: Simulated, picture: str, measured: Measured, truth: float, found: Measurement | None
) -> KnownSize:
    row = KnownSize(seed, made.device.name, picture, *measured, truth, made.truth[TRUTH[measured]], None, None, None)
    return row if found is None else replace(row, measured=found.value, low=found.low, high=found.high)
