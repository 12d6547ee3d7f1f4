"""A simulated frame from a seed: head, pose, scan, overlay, and the boxes and sizes that are true of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nonet.anatomy import Structure
from nonet.reading import Box
from nonet.simulate.callipers import draw_callipers
from nonet.simulate.devices import TRAINING_DEVICES, Device
from nonet.simulate.grid import PolarGrid
from nonet.simulate.head import draw_head
from nonet.simulate.overlay import draw_overlay
from nonet.simulate.pose import Facing, Pose, draw_pose
from nonet.simulate.scanner import scan
from nonet.simulate.sketch import Sketch
from nonet.simulate.view import boxes_in_view

__all__ = ["CRL_MM", "EXAMPLE_SEEDS", "TRAINING_SEEDS", "Facing", "Simulated", "simulate", "simulate_cine"]

TRAINING_SEEDS = range(1_000_000, 2_000_000)
"""The only seeds that training may draw from."""

EXAMPLE_SEEDS = range(9_000_000, 9_000_100)
"""The seeds of the frames in ``examples/``."""

CRL_MM = (45.0, 84.0)
"""Crown-rump lengths for which the sizes of the head are modelled."""

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
        ``fourth_ventricle_mm``, ``cisterna_magna_mm``, ``bs_mm``, ``bsob_mm``; what was left out has none.
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
    choice, anatomy, posing, scanning, overlay = np.random.SeedSequence(seed).spawn(5)
    rng = np.random.default_rng(choice)
    drawn_device, drawn_crl = TRAINING_DEVICES[int(rng.integers(len(TRAINING_DEVICES)))], float(rng.uniform(*CRL_MM))
    machine = device or drawn_device
    head = draw_head(np.random.default_rng(anatomy), drawn_crl if crl_mm is None else crl_mm, frozenset(absent))
    pose = draw_pose(np.random.default_rng(posing), machine, head.crl_mm)
    return tuple(_frames(head, pose, machine, (scanning, overlay), count))


def _frames(
    head: Sketch, start: Pose, device: Device, seeds: tuple[np.random.SeedSequence, np.random.SeedSequence], count: int
) -> Iterator[Simulated]:
    scanning, overlay = seeds
    grid = PolarGrid.covering(start, device)
    for index in range(count):
        pose = start.drifted(index)
        grey = grid.convert(scan(pose.scene(head.scene), device, grid, scanning, index * _SPECKLE_TURN), pose)
        pixels = _burnt_in(np.round(255 * grey).astype(np.uint8), head, pose, device, overlay)
        boxes = boxes_in_view(head, pose, grid)
        yield Simulated(pixels, boxes, head.truth, pose.mm_per_px, device, pose.facing)


def _burnt_in(
    pixels: NDArray[np.uint8], head: Sketch, pose: Pose, device: Device, seed: np.random.SeedSequence
) -> NDArray[np.uint8]:
    """The picture with callipers, text, ruler and inset."""
    rng = np.random.default_rng(seed)
    ends = pose.pixels(head.landmarks["callipers"])
    marked = draw_callipers(pixels, ends, head.truth.get("nt_mm"), rng)
    return draw_overlay(marked, device, pose.mm_per_px, rng)
