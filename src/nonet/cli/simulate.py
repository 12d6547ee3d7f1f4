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
    dicom: Annotated[bool, typer.Option("--dicom", help="Also write each as a DICOM still and a cine.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the boxes (COCO), not a summary.")] = False,
) -> None:
    """Write simulated frames, their boxes (boxes.json, COCO) and their true sizes in mm (truth.csv)."""
    from nonet.simulate.png_export import write_boxes, write_truth

    out.mkdir(parents=True, exist_ok=True)
    frames = list(_written(out, range(seed, seed + n)))
    write_boxes(out / "boxes.json", frames)
    write_truth(out / "truth.csv", frames)
    if dicom:
        _write_dicom(out, range(seed, seed + n))
    if json:
        sys.stdout.write((out / "boxes.json").read_text())
    else:
        sys.stdout.write(f"{n} simulated frames in {out}, their boxes in boxes.json, their sizes in truth.csv\n")


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
