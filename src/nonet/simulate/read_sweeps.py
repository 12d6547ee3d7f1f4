"""Read simulated sweeps as loops, beside what is true of them, on machines that no training saw."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from nonet.bundle import Bundle
from nonet.cine import read_loop
from nonet.evaluate.sweeps.read_sweep import ReadSweep
from nonet.frame import Frame, Source, Spacing, SpacingSource
from nonet.reader import Reader
from nonet.reading import Settings
from nonet.simulate.measured_heads import UNSEEN_DEVICES
from nonet.simulate.sweep import SWEEP_SEEDS, simulate_sweep, sweep_seeds
from nonet.work import run_items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from nonet.simulate.devices import Device
    from nonet.simulate.sweep import Sweep, SweepFrame

__all__ = ["read_sweeps", "sweep_frames"]


def read_sweeps(
    count: int,
    bundle: Path,
    *,
    first: int = 0,
    frames: int = 60,
    devices: Sequence[Device] = UNSEEN_DEVICES,
    workers: int = 1,
    watch: Callable[[Sequence[int]], Iterable[int]] = iter,
) -> list[ReadSweep]:
    """Read sweeps whose seeds follow one another; the machines take turns.

    Parameters
    ----------
    count, first
        How many, and the place of the first seed in `SWEEP_SEEDS`.
    bundle
        Folder.
    frames
        Of each sweep.
    devices
        The machines.
    workers, watch
        Number of processes; yields seeds one by one, and may show progress.

    Raises
    ------
    SettingsError
        If there are not so many seeds, or a sweep has fewer than two frames.
    """
    seeds = sweep_seeds(first, count)
    opener = partial(_Sweeps, bundle, frames, tuple(devices))
    return list(run_items(_read, seeds, opener, workers=workers, watch=watch))


def sweep_frames(sweep: Sweep) -> Iterator[Frame]:
    """The frames of a sweep as a reader takes them, drawn one at a time."""
    return (_frame(sweep, one) for one in sweep)


def _frame(sweep: Sweep, one: SweepFrame) -> Frame:
    spacing = Spacing(one.made.mm_per_px, one.made.mm_per_px, SpacingSource.USER)
    source = Source(f"sweep-{sweep.seed:07d}", "", frame=one.number)
    return Frame(np.ascontiguousarray(one.made.pixels), source, spacing=spacing)


class _Sweeps:
    """A reader, and how sweeps are made."""

    def __init__(self, bundle: Path, frames: int, devices: tuple[Device, ...]) -> None:
        self.reader = Reader(Bundle(bundle), Settings())
        self.frames, self.devices = frames, devices

    def read(self, seed: int) -> ReadSweep:
        machine = self.devices[SWEEP_SEEDS.index(seed) % len(self.devices)]
        sweep = simulate_sweep(seed, frames=self.frames, device=machine)
        loop = read_loop(sweep_frames(sweep), self.reader, best=1)
        angles = np.array([plane.angle_deg for plane in sweep.planes])
        known = [np.nan if one.plane_smoothed is None else one.plane_smoothed for one in loop.frames]
        chosen = loop.best[0].number if loop.best else None
        return ReadSweep(seed, machine.name, angles, sweep.distance_mm, np.array(known, dtype=np.float64), chosen)


def _read(sweeps: _Sweeps, seed: int) -> ReadSweep:
    return sweeps.read(seed)
