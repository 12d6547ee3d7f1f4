"""``nonet simulate``: frames whose truth is known, as PNG and DICOM, with boxes and sizes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nonet.simulate import Simulated

__all__ = ["simulate"]

_CINE_FRAMES = 6


def simulate(
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for the frames.", show_default=False)],
    n: Annotated[int, typer.Option("--n", min=1, help="How many frames.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the first frame; the next has the next.")] = 0,
    graded: Annotated[
        bool,
        typer.Option("--graded", help="Heads with sizes of known grades, as a set to train and test graders on."),
    ] = False,
    workers: Annotated[int, typer.Option(min=1, help="Number of processes, for graded heads.")] = 1,
    sweep: Annotated[
        bool, typer.Option("--sweep", help="Sweeps of the probe through the midline, as multi-frame DICOM.")
    ] = False,
    frames: Annotated[int, typer.Option(min=2, max=10_000, help="Frames of each sweep.")] = 60,
    dicom: Annotated[bool, typer.Option("--dicom", help="Also write each still as a DICOM still and a cine.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the boxes (COCO), not a summary.")] = False,
) -> None:
    """Write simulated frames, their boxes (boxes.json, COCO) and their true sizes in mm (truth.csv).

    With --graded each head has sizes of known grades, and the folder also holds labels.csv and frames.csv, in the form
    of nonet edits. With --sweep each is a loop, and truth.csv has angle and distance from the midline, and the boxes of
    what is still in the plane, of every frame.
    """
    from nonet.simulate.png_export import write_boxes, write_truth

    if sweep:
        if graded:
            raise typer.BadParameter("heads of known grades are stills", param_hint="--graded --sweep")
        _write_sweeps(out, n, seed, frames, json=json)
        return
    if graded:
        _write_graded(out, n, seed, workers, dicom=dicom, json=json)
        return
    out.mkdir(parents=True, exist_ok=True)
    made = list(_written(out, range(seed, seed + n)))
    write_boxes(out / "boxes.json", made)
    write_truth(out / "truth.csv", made)
    if dicom:
        _write_dicom(out, range(seed, seed + n))
    if json:
        sys.stdout.write((out / "boxes.json").read_text())
    else:
        sys.stdout.write(f"{n} simulated frames in {out}, their boxes in boxes.json, their sizes in truth.csv\n")


def _write_graded(out: Path, count: int, seed: int, workers: int, *, dicom: bool, json: bool) -> None:
    """Write graded heads; their seeds are counted from the first of a range of their own."""
    from nonet.cli.progress import watched
    from nonet.simulate.graded_heads_set import write_graded_heads
    from nonet.simulate.graded_set import BOXES, LABELS, TRUTH

    if dicom:
        raise typer.BadParameter("graded heads are written as PNG only", param_hint="--dicom")
    write_graded_heads(out, count, seed=seed, workers=workers, watch=lambda seeds: watched(seeds, "simulating"))
    if json:
        sys.stdout.write((out / BOXES).read_text())
    else:
        sys.stdout.write(f"{count} simulated heads in {out}, their grades in {LABELS}, their sizes in {TRUTH}\n")


def _write_sweeps(out: Path, count: int, seed: int, frames: int, *, json: bool) -> None:
    """Write sweeps; their seeds are counted from the first of a range of their own."""
    from json import dumps

    from nonet.cli.progress import watched
    from nonet.simulate.sweep import SWEEP_SEEDS
    from nonet.simulate.sweep.sweep_export import write_sweeps

    if seed + count > len(SWEEP_SEEDS):
        raise typer.BadParameter(f"sweeps have {len(SWEEP_SEEDS):,} seeds", param_hint="--seed")
    names = write_sweeps(out, count, seed=seed, frames=frames, watch=lambda seeds: watched(seeds, "simulating sweeps"))
    if json:
        sys.stdout.write(dumps({"sweeps": names, "frames": frames, "truth": "truth.csv"}, indent=1) + "\n")
    else:
        sys.stdout.write(f"{count} simulated sweeps of {frames} frames in {out}, where each frame lies in truth.csv\n")


def _written(out: Path, seeds: range) -> Iterator[tuple[str, Simulated]]:
    from nonet.cli.progress import watched
    from nonet.simulate import simulate as simulated
    from nonet.simulate.png_export import write_png

    for seed in watched(seeds, "simulating"):
        frame = simulated(seed)
        name = f"simulated-{seed:07d}.png"
        write_png(out / name, frame)
        yield name, frame


def _write_dicom(out: Path, seeds: range) -> None:
    from nonet.cli.progress import watched
    from nonet.simulate import simulate_cine
    from nonet.simulate.dicom_export import write_cine, write_still

    for seed in watched(seeds, "writing DICOM"):
        frames = simulate_cine(seed, _CINE_FRAMES)
        write_still(out / f"simulated-{seed:07d}.dcm", frames[0], seed)
        write_cine(out / f"simulated-{seed:07d}-cine.dcm", frames, seed)
