"""A simulated frame from a seed: head, pose, scan, overlay, and the boxes and sizes that are true of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nonet.anatomy import Structure
from nonet.reading import Box
from nonet.simulate.devices import Device
from nonet.simulate.head.pose import Facing, Pose, draw_pose
from nonet.simulate.head.sketch import Sketch
from nonet.simulate.head.subject import Subject, draw_subject
from nonet.simulate.scanner.grid import PolarGrid
from nonet.simulate.scanner.scan import ScanSeeds, scan
from nonet.simulate.scanner.visible_structures import boxes_in_view
from nonet.simulate.screen.callipers import draw_callipers
from nonet.simulate.screen.draw_screen import draw_overlay
from nonet.simulate.shown_sizes import shown_sizes

__all__ = ["EXAMPLE_SEEDS", "TRAINING_SEEDS", "Facing", "Simulated", "picture", "simulate", "simulate_cine"]

TRAINING_SEEDS = range(1_000_000, 2_000_000)
"""The only seeds that training may draw from."""

EXAMPLE_SEEDS = range(9_000_000, 9_000_100)
"""The seeds of the frames in ``examples/``."""

_SPECKLE_TURN = 0.25


@dataclass(frozen=True, slots=True)
class Simulated:
    """A frame and what is true of it.

    Parameters
    ----------
    pixels
        ``uint8[H, W]``.
    boxes
        The box of every structure that is there and in view, in pixels.
    truth
        Sizes of the head in mm by name: ``crl_mm``, ``nt_mm``, ``nasal_bone_mm``,
        ``fourth_ventricle_mm``, ``cisterna_magna_mm``, ``bs_mm``, ``bsob_mm``, ``palate_mm``, ``palate_gap_mm``,
        ``midbrain_mm``, ``nasal_skin_mm``; what was left out has none.
    mm_per_px
        Pixel size, the same in x and y.
    device
        The machine.
    facing
        The side on which the body lies.
    shown
        What callipers find on this machine's picture, mm, by the names of ``truth``: the distance between the inner
        borders of two lines, or from a point to the outer border of one, as they are shown, see
        `nonet.simulate.shown_sizes`.
    """

    pixels: NDArray[np.uint8]
    boxes: dict[Structure, Box]
    truth: dict[str, float]
    mm_per_px: float
    device: Device
    facing: Facing
    shown: dict[str, float] = field(default_factory=dict)


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
        Any non-negative integer; training uses `TRAINING_SEEDS` only.
    device
        The machine; by default the seed chooses one of `TRAINING_DEVICES`.
    crl_mm
        Crown-rump length in mm, 45 to 84; by default the seed chooses.
    absent
        Structures to leave out: they are neither drawn nor boxed.
    """
    return simulate_cine(seed, 1, device=device, crl_mm=crl_mm, absent=absent)[0]


def simulate_cine(
    seed: int,
    count: int,
    *,
    device: Device | None = None,
    crl_mm: float | None = None,
    absent: Collection[Structure] = (),
) -> tuple[Simulated, ...]:
    """Frames of one head while the probe drifts and the speckle moves on; the first is `simulate`'s.

    Parameters
    ----------
    seed, device, crl_mm, absent
        As for `simulate`.
    count
        Number of frames.
    """
    subject = draw_subject(seed, crl_mm, absent)
    machine = device or subject.device
    pose = draw_pose(np.random.default_rng(subject.posing), machine, subject.head.crl_mm)
    return tuple(_frames(subject, pose, machine, count))


def _frames(subject: Subject, start: Pose, device: Device, count: int) -> Iterator[Simulated]:
    head, seeds = subject.head, ScanSeeds.of(subject.scanning)
    grid = PolarGrid.covering(start, device)
    shown = shown_sizes(head, device)
    for index in range(count):
        pose = start.drifted(index)
        pixels = picture(head, pose, device, grid, seeds, index * _SPECKLE_TURN)
        marked = _burnt_in(pixels, head, pose, device, subject.overlay)
        yield Simulated(marked, boxes_in_view(head, pose, grid), head.truth, pose.mm_per_px, device, pose.facing, shown)


def picture(
    head: Sketch, pose: Pose, device: Device, grid: PolarGrid, seeds: ScanSeeds, phase: float = 0.0
) -> NDArray[np.uint8]:
    """What the machine shows of a posed head, ``uint8[H, W]``, before anything is drawn over it."""
    grey = grid.convert(scan(pose.scene(head.scene), device, grid, seeds, phase), pose)
    return np.round(255 * grey).astype(np.uint8)


def _burnt_in(
    pixels: NDArray[np.uint8], head: Sketch, pose: Pose, device: Device, seed: np.random.SeedSequence
) -> NDArray[np.uint8]:
    """The picture with callipers, text, ruler and inset."""
    rng = np.random.default_rng(seed)
    ends = pose.pixels(head.landmarks["callipers"])
    marked = draw_callipers(pixels, ends, head.truth.get("nt_mm"), rng)
    return draw_overlay(marked, device, pose.mm_per_px, rng)
