"""Sweeps on disk: a multi-frame DICOM each, and a table of where each frame lies and what it still shows."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from nonet.anatomy import STRUCTURES
from nonet.simulate.dicom_export import write_cine
from nonet.simulate.sweep.simulated_sweep import simulate_sweep, sweep_seeds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from nonet.simulate.devices import Device
    from nonet.simulate.sweep.simulated_sweep import SweepFrame

__all__ = ["SWEEP_COLUMNS", "write_sweeps"]

_BOX = ("visibility", "x1", "y1", "x2", "y2")

SWEEP_COLUMNS = (
    "file", "device", "frame", "angle_deg", "offset_mm", "distance_mm",
    *(f"{structure.value}_{name}" for structure in STRUCTURES for name in _BOX),
)  # fmt: skip
"""Columns of ``truth.csv``: a row a frame, ``frame`` from 0; a structure that is out of the plane has no box."""


def write_sweeps(
    out: Path,
    count: int,
    *,
    seed: int = 0,
    frames: int = 60,
    device: Device | None = None,
    watch: Callable[[Sequence[int]], Iterable[int]] = iter,
) -> tuple[str, ...]:
    """Write sweeps as Ultrasound Multi-frame Images, JPEG 2000 lossless, and ``truth.csv``; the names of the files.

    One sweep is in memory at a time.

    Parameters
    ----------
    out
        Folder; it is made.
    count, seed
        How many, and the place of the first seed in `SWEEP_SEEDS`; the next has the next.
    frames, device
        As for `simulate_sweep`.
    watch
        Yields the seeds one by one, and may show progress.

    Raises
    ------
    SettingsError
        If there are not so many seeds, or fewer than two frames.
    """
    seeds = sweep_seeds(seed, count)
    names = []
    out.mkdir(parents=True, exist_ok=True)
    with (out / "truth.csv").open("w", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(SWEEP_COLUMNS)
        for own in watch(seeds):
            name = f"sweep-{own:07d}.dcm"
            sweep = list(simulate_sweep(own, frames=frames, device=device))
            write_cine(out / name, [one.made for one in sweep], own)
            table.writerows([name, *_row(one)] for one in sweep)
            names.append(name)
    return tuple(names)


def _row(one: SweepFrame) -> Iterator[str]:
    yield from (one.made.device.name, str(one.number))
    yield from (f"{value:.4f}" for value in (one.angle_deg, one.offset_mm, one.distance_mm))
    for structure in STRUCTURES:
        yield f"{one.visibility[structure]:.4f}" if structure in one.visibility else ""
        box = one.made.boxes.get(structure)
        yield from ("",) * 4 if box is None else (f"{edge:.3f}" for edge in box.xyxy)
