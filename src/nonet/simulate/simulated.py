"""A simulated frame from a seed: head, pose, scan, overlay, and the boxes and sizes that are true of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nonet.anatomy import STRUCTURES, Structure
from nonet.reading import Box
from nonet.simulate.callipers import draw_callipers
from nonet.simulate.devices import TRAINING_DEVICES, Device
from nonet.simulate.grid import PolarGrid
from nonet.simulate.head import draw_head
from nonet.simulate.overlay import draw_overlay
from nonet.simulate.pose import Facing, Pose, draw_pose
from nonet.simulate.scanner import scan
from nonet.simulate.sketch import Sketch

__all__ = ["EXAMPLE_SEEDS", "TRAINING_SEEDS", "Facing", "Simulated", "simulate"]

TRAINING_SEEDS = range(1_000_000, 2_000_000)
"""The only seeds that training may draw from."""

EXAMPLE_SEEDS = range(9_000_000, 9_000_100)
"""The seeds of the frames in ``examples/``."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """A frame and what is true of it.

    Parameters
    ----------
    pixels
        ``uint8[H, W]``.
    boxes
        The box of every structure that is there, in pixels.
    truth
        Sizes in mm by name; what was left out has none.
    mm_per_px
        Pixel size, the same in x and y.
    device
        The machine.
    facing
        The side on which the body lies.
    """

    pixels: NDArray[np.uint8]
    boxes: dict[Structure, Box]
    truth: dict[str, float]
    mm_per_px: float
    device: Device
    facing: Facing


def simulate(
    seed: int,
    *,
    device: Device | None = None,
    crl_mm: float | None = None,
    absent: Collection[Structure] = (),
) -> Simulated:
    """A frame; the same arguments give the same bytes.

    Head, pose, scan and overlay draw from separate streams of the seed, so that the same head can
    be put on several machines.

    Parameters
    ----------
    seed
        Any non-negative integer; training uses :data:`TRAINING_SEEDS` only.
    device
        The machine; by default the seed chooses one of :data:`TRAINING_DEVICES`.
    crl_mm
        Crown-rump length in mm, 45 to 84; by default the seed chooses.
    absent
        Structures to leave out: they are neither drawn nor boxed.
    """
    streams = np.random.SeedSequence(seed).spawn(5)
    choice, anatomy_rng, pose_rng, scan_rng, overlay_rng = (np.random.default_rng(stream) for stream in streams)
    machine = device or TRAINING_DEVICES[int(choice.integers(len(TRAINING_DEVICES)))]
    crl = float(choice.uniform(45.0, 84.0)) if crl_mm is None else crl_mm
    anatomy = draw_head(anatomy_rng, crl, frozenset(absent))
    pose = draw_pose(pose_rng, machine, crl)
    grid = PolarGrid.covering(pose, machine)
    grey = grid.convert(scan(pose.scene(anatomy.scene), machine, grid, scan_rng), pose)
    pixels = np.round(255 * grey).astype(np.uint8)
    pixels = draw_callipers(
        pixels, pose.pixels(anatomy.landmarks["callipers"]), anatomy.truth.get("nt_mm"), overlay_rng
    )
    pixels = draw_overlay(pixels, machine, pose.mm_per_px, overlay_rng)
    return Simulated(pixels, _boxes(anatomy, pose), anatomy.truth, pose.mm_per_px, machine, pose.facing)


def _boxes(anatomy: Sketch, pose: Pose) -> dict[Structure, Box]:
    """The extent of each outline in pixels, cut at the image's edges."""
    boxes = {}
    for structure in STRUCTURES:
        if structure not in anatomy.absent:
            outline = pose.pixels(anatomy.outlines[structure])
            low = np.maximum(outline.min(axis=0), 0.0)
            high = np.minimum(outline.max(axis=0), (pose.width, pose.height))
            boxes[structure] = Box(float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return boxes
