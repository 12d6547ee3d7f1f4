"""One head on several machines: what differs between the frames is the machines' doing, and theirs alone."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nonet.anatomy import STRUCTURES
from nonet.errors import SettingsError
from nonet.reading import Box
from nonet.simulate.devices import STUDY_DEVICES, Device
from nonet.simulate.head.pose import draw_pose
from nonet.simulate.head.subject import Subject, draw_subject
from nonet.simulate.scanner.grid import PolarGrid
from nonet.simulate.scanner.scan import ScanSeeds
from nonet.simulate.scanner.visible_structures import boxes_in_view
from nonet.simulate.screen.draw_screen import draw_overlay
from nonet.simulate.shown_sizes import shown_sizes
from nonet.simulate.simulated import Simulated, picture

__all__ = ["same_head"]

_WHOLE = 1.0


def same_head(
    seed: int, devices: Iterable[Device] = STUDY_DEVICES, *, crl_mm: float | None = None
) -> tuple[Simulated, ...]:
    """The head of a seed on each machine, in their order.

    Anatomy down to the texture of its tissues, tilt and facing are the same; speckle, noise, gain,
    magnification, the place of the probe and what is written on the screen are each machine's own. A
    machine's frame does not depend on which others there are. There are no callipers: nobody has measured yet.

    Parameters
    ----------
    seed
        Any non-negative integer; the head is that of ``simulate(seed)``.
    devices
        The machines, each with a name of its own.
    crl_mm
        Crown-rump length in mm, 45 to 84; by default the seed chooses.

    Returns
    -------
    One frame for each machine. Its boxes are those of the structures that every one of the machines shows
    whole, neither cut by its fan nor covered by its screen: the same structures, and the same in mm.

    Raises
    ------
    SettingsError
        If two machines have one name: it is their name that their speckle is drawn from.
    """
    machines = tuple(devices)
    _named_apart(machines)
    subject = draw_subject(seed, crl_mm)
    frames = [_frame(subject, seed, machine) for machine in machines]
    shared = [structure for structure in STRUCTURES if all(structure in frame.boxes for frame in frames)]
    return tuple(replace(frame, boxes={each: frame.boxes[each] for each in shared}) for frame in frames)


def _named_apart(machines: Sequence[Device]) -> None:
    names = [machine.name for machine in machines]
    if len(set(names)) < len(names):
        raise SettingsError(
            "Each machine has a name of its own", found=", ".join(names), remedy="Name each machine once"
        )


def _frame(subject: Subject, seed: int, machine: Device) -> Simulated:
    """The machine's frame, with the boxes of what it shows whole."""
    own = np.random.SeedSequence([seed, *machine.name.encode()])
    speckle, noise, overlay = own.spawn(3)
    head, texture = subject.head, ScanSeeds.of(subject.scanning).texture
    pose = draw_pose(np.random.default_rng(subject.posing), machine, head.crl_mm)
    grid = PolarGrid.covering(pose, machine)
    plain = picture(head, pose, machine, grid, ScanSeeds(texture, speckle, noise))
    shown = draw_overlay(plain, machine, pose.mm_per_px, np.random.default_rng(overlay))
    boxes = boxes_in_view(head, pose, grid, least=_WHOLE)
    clear = {structure: box for structure, box in boxes.items() if not _any_in(shown != plain, box)}
    return Simulated(shown, clear, head.truth, pose.mm_per_px, machine, pose.facing, shown_sizes(head, machine))


def _any_in(mask: NDArray[np.bool_], box: Box) -> bool:
    rows, columns = slice(int(box.y1), math.ceil(box.y2)), slice(int(box.x1), math.ceil(box.x2))
    return bool(mask[rows, columns].any())
