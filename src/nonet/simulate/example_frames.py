"""The frames of ``examples/``, written by ``python -m nonet.simulate.example_frames examples``.

Their seeds are `EXAMPLE_SEEDS`, which no training draws from, and one of their machines is
`EXAMPLE_DEVICE`, which no training has seen.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from nonet.simulate.devices import EXAMPLE_DEVICE, TRAINING_DEVICES, Device
from nonet.simulate.dicom_export import write_cine, write_still
from nonet.simulate.png_export import write_boxes, write_png, write_truth
from nonet.simulate.simulated import EXAMPLE_SEEDS, simulate, simulate_cine

__all__ = ["write_examples"]

_ALDER, _BIRCH, _CEDAR, _DOUGLAS, _ELM = TRAINING_DEVICES

_STILLS: tuple[tuple[str, int, Device], ...] = (
    ("alder-right.png", EXAMPLE_SEEDS[8], _ALDER),
    ("cedar-left.png", EXAMPLE_SEEDS[5], _CEDAR),
    ("douglas-inset.png", EXAMPLE_SEEDS[2], _DOUGLAS),
    ("fir-unseen-machine.png", EXAMPLE_SEEDS[7], EXAMPLE_DEVICE),
)
_DICOM_STILL = ("dicom/fir-still.dcm", EXAMPLE_SEEDS[42], EXAMPLE_DEVICE)
_DICOM_CINE = ("dicom/birch-cine.dcm", EXAMPLE_SEEDS[30], replace(_BIRCH, width=480, height=348))
_CINE_FRAMES = 5


def write_examples(folder: Path) -> None:
    """Write four PNGs, a DICOM still and a DICOM cine, with ``boxes.json`` and ``truth.csv`` for them."""
    (folder / "dicom").mkdir(parents=True, exist_ok=True)
    frames = [(name, simulate(seed, device=device)) for name, seed, device in _STILLS]
    for name, frame in frames:
        write_png(folder / name, frame)
    write_boxes(folder / "boxes.json", frames)
    name, seed, device = _DICOM_STILL
    still = simulate(seed, device=device)
    write_still(folder / name, still, seed)
    cine_name, seed, device = _DICOM_CINE
    cine = simulate_cine(seed, _CINE_FRAMES, device=device)
    write_cine(folder / cine_name, cine, seed)
    write_truth(folder / "truth.csv", [*frames, (name, still), (cine_name, cine[0])])


if __name__ == "__main__":
    write_examples(Path(sys.argv[1]))
