"""A sweep of the probe through the midline: frames drawn one at a time, and how far from the midline each lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import STRUCTURES, Structure
from nonet.errors import SettingsError
from nonet.simulate.head.pose import Facing, Pose, draw_pose
from nonet.simulate.head.subject import draw_subject
from nonet.simulate.scanner.grid import PolarGrid
from nonet.simulate.scanner.moving import DriftingDraws, MovingSpeckle, ScattererPlaces
from nonet.simulate.scanner.scan import Draws, ScanSeeds, scan_with
from nonet.simulate.scanner.visible_structures import boxes_in_view
from nonet.simulate.screen.draw_screen import draw_overlay
from nonet.simulate.shown_sizes import shown_sizes
from nonet.simulate.simulated import Simulated
from nonet.simulate.sweep.movement import Movement, draw_movement
from nonet.simulate.sweep.off_midline import cut
from nonet.simulate.sweep.plane import Plane
from nonet.simulate.sweep.sides import draw_sides

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.simulate.devices import Device
    from nonet.simulate.head.sketch import Sketch

__all__ = ["SWEEP_SEEDS", "Sweep", "SweepFrame", "simulate_sweep", "sweep_seeds"]

SWEEP_SEEDS = range(6_000_000, 7_000_000)
"""Seeds of sweeps: no training, example or other test draws from them."""

_STREAM = 6
"""The stream of a seed that sweeps draw from: those before it are those of `draw_subject` and of graded heads."""
_SLICE = 1.6
"""How much thicker the beam is across the plane than in it."""
_LEAST_FRAMES = 2


@dataclass(frozen=True, slots=True)
class SweepFrame:
    """A frame of a sweep and what is true of it.

    Attributes
    ----------
    number
        Its place in the sweep, from 0.
    made
        Pixels, the boxes of what is still in the plane, and the head's sizes.
    angle_deg
        Between the plane and the mid-sagittal plane, signed.
    offset_mm
        Distance from the midline at the middle of the head, signed.
    distance_mm
        Root mean square distance of the nine structures from the midline.
    visibility
        Of each structure of the head the share of it in the slice, 1 at the midline and 0 far away; from a half on it
        has a box, where the picture reaches it.
    """

    number: int
    made: Simulated
    angle_deg: float
    offset_mm: float
    distance_mm: float
    visibility: dict[Structure, float]


class Sweep:
    """The frames of a sweep, drawn as they are asked for: none is kept.

    Parameters
    ----------
    seed
        Any non-negative integer.
    frames
        How many, two or more.
    device
        The machine; by default the seed chooses one of `nonet.simulate.TRAINING_DEVICES`.

    Attributes
    ----------
    device
        The machine.
    planes
        Where each frame cuts the head.
    distance_mm
        ``float[frames]``, see `SweepFrame`.
    """

    def __init__(self, seed: int, frames: int, device: Device | None) -> None:
        if frames < _LEAST_FRAMES:
            raise SettingsError(
                "A sweep has two frames or more", found=str(frames), remedy="Ask for more, or use simulate for a still"
            )
        subject = draw_subject(seed)
        self.seed, self.device = seed, device or subject.device
        self._head, self._overlay = subject.head, subject.overlay
        moving, sides, noise = np.random.SeedSequence(seed, spawn_key=(_STREAM,)).spawn(3)
        self._movement = draw_movement(np.random.default_rng(moving), frames)
        self._sides = draw_sides(self._head, np.random.default_rng(sides))
        self._noise = noise.spawn(frames)
        self._seeds = ScanSeeds.of(subject.scanning)
        self._start = draw_pose(np.random.default_rng(subject.posing), self.device, self._head.crl_mm)
        self._grid = PolarGrid.covering(self._start, self.device)
        self.planes = tuple(_plane(self._head, self._movement, index) for index in range(frames))
        centres = np.array([self._head.boxes[each][:2] for each in STRUCTURES])
        self.distance_mm = np.array([np.sqrt(np.mean(one.across_mm(centres) ** 2)) for one in self.planes])

    def __len__(self) -> int:
        """Number of frames."""
        return len(self.planes)

    def __iter__(self) -> Iterator[SweepFrame]:
        """The frames in their order, each drawn anew."""
        return map(self.frame, range(len(self)))

    def nearest(self, count: int = 1) -> tuple[int, ...]:
        """Numbers of the frames nearest the midline, the nearest first."""
        return tuple(int(index) for index in np.argsort(self.distance_mm, kind="stable")[:count])

    def frame(self, number: int) -> SweepFrame:
        """One frame by its number, from 0.

        Raises
        ------
        SettingsError
            If there is none of that number.
        """
        if not 0 <= number < len(self):
            raise SettingsError(
                f"The frames of this sweep have numbers from 0 to {len(self) - 1}",
                found=str(number),
                remedy="Ask for one of them",
            )
        plane, pose = self.planes[number], self._pose(number)
        there = cut(self._head, self._sides, plane, _SLICE * self.device.beam_mm)
        pixels = self._picture(there.head, plane, pose, number)
        marked = draw_overlay(pixels, self.device, pose.mm_per_px, np.random.default_rng(self._overlay))
        boxes = boxes_in_view(there.head, pose, self._grid)
        sizes = shown_sizes(self._head, self.device)
        made = Simulated(marked, boxes, self._head.truth, pose.mm_per_px, self.device, pose.facing, sizes)
        distance = float(self.distance_mm[number])
        return SweepFrame(number, made, plane.angle_deg, plane.offset_mm, distance, there.visibility)

    def _pose(self, index: int) -> Pose:
        x, y = self._start.origin_mm
        moved = (x + float(self._movement.right_mm[index]), y + float(self._movement.down_mm[index]))
        return replace(self._start, origin_mm=moved, tilt=self._start.tilt + float(self._movement.turned[index]))

    def _picture(self, head: Sketch, plane: Plane, pose: Pose, index: int) -> NDArray[np.uint8]:
        """What the machine shows, ``uint8[H, W]``, before anything is drawn over it."""
        places = _places(self._grid, pose, plane)
        draws = Draws(
            DriftingDraws(self._seeds.texture, plane.offset_mm),
            MovingSpeckle(self._seeds.speckle, places),
            np.random.default_rng(self._noise[index]),
            np.random.default_rng(self._seeds.noise),
        )
        grey = self._grid.convert(scan_with(pose.scene(head.scene), self.device, self._grid, draws), pose)
        return np.round(255 * grey).astype(np.uint8)


def sweep_seeds(first: int, count: int) -> range:
    """So many of `SWEEP_SEEDS`, from a place among them on.

    Raises
    ------
    SettingsError
        If there are not so many, or none is asked for.
    """
    if count < 1 or not 0 <= first <= len(SWEEP_SEEDS) - count:
        raise SettingsError(
            f"Sweeps have {len(SWEEP_SEEDS):,} seeds, counted from 0",
            found=f"{count} from {first} on",
            remedy="Ask for one or more of them",
        )
    return SWEEP_SEEDS[first : first + count]


def simulate_sweep(seed: int, *, frames: int = 60, device: Device | None = None) -> Sweep:
    """A sweep through the midline of the head of a seed; the same arguments give the same bytes.

    In the midline it is the head of ``simulate(seed)``, without callipers. As the plane leaves it, each structure thins
    out and fades by how far it reaches across, and what lies beside comes in.

    Parameters
    ----------
    seed
        Any non-negative integer; `SWEEP_SEEDS` are those that nothing else draws from.
    frames
        How many, two or more.
    device
        The machine; by default the seed chooses one of `nonet.simulate.TRAINING_DEVICES`.

    Raises
    ------
    SettingsError
        If there are fewer than two frames.

    Examples
    --------
    >>> sweep = simulate_sweep(SWEEP_SEEDS[0], frames=21)
    >>> best = sweep.frame(sweep.nearest()[0])
    >>> abs(best.angle_deg) < 2
    True
    >>> len(best.made.boxes) > len(sweep.frame(0).made.boxes)
    True
    """
    return Sweep(seed, frames, device)


def _plane(head: Sketch, movement: Movement, index: int) -> Plane:
    middle = head.landmarks["skull_centre"]
    return Plane(
        float(movement.angle_deg[index]),
        float(head.scale * movement.offset_mm[index]),
        movement.towards,
        (float(middle[0]), float(middle[1])),
    )


def _places(grid: PolarGrid, pose: Pose, plane: Plane) -> ScattererPlaces:
    """Where in the fetus each sample lies."""
    x, y = grid.positions(np.ones(grid.shape, dtype=bool))
    mirror = -1.0 if pose.facing is Facing.RIGHT else 1.0
    right, down = mirror * (x - pose.origin_mm[0]), y - pose.origin_mm[1]
    cos, sin = np.cos(pose.tilt), np.sin(pose.tilt)
    points = np.stack((cos * right + sin * down, cos * down - sin * right), axis=-1)
    fetus = points.reshape(*grid.shape, 2)
    return ScattererPlaces(fetus[..., 0], fetus[..., 1], plane.across_mm(fetus))
