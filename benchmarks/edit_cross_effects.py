"""How much an edit of one structure moves the measured size of the others.

    python benchmarks/edit_cross_effects.py FOLDER --frames 60

FOLDER is the Fetus Framework data. Frames of Set1 with a pixel size and boxes of the five inner structures, their
overlay hidden, are taken in an order drawn by lot. Each variable is edited to abnormal, and to the size it has (sham).
The rulers of a reading measure every other structure in both, in the reference boxes as the edit carries them along,
in the head frame that the reference boxes give. The difference is in millimetres. ``unread`` counts frames where a
ruler reads before the edits, but not after one of both.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from edit_traces import SEED, Job, jobs_of
from rich.progress import track

from nonet.anatomy import Grade, Structure
from nonet.datasets.inspection import first_frame
from nonet.detect.head_frame import HeadFrame, HeadPose
from nonet.errors import SettingsError
from nonet.frames.overlay.hide import hide_overlay
from nonet.measure.patch import HeadPicture
from nonet.measure.protocols import MEASURED, PROTOCOLS
from nonet.reading import Box, Face
from nonet.simulate.edits.edit import EDITED
from nonet.simulate.edits.graded import edit_to_grade
from nonet.simulate.edits.start import agreed, head_unit_px, starting_size
from nonet.simulate.head.structure_positions import INNER

RESULT = Path(__file__).parent / "results/edit-cross-effects.json"
FACE = (Structure.NASAL_TIP, Structure.NASAL_BONE, Structure.NASAL_SKIN, Structure.PALATE)

Sizes = dict[tuple[Structure, str], float]
Change = tuple[str, str, float | None]
"""What was edited, what was measured, and by how many millimetres it differs from the sham; None where unread."""


def main() -> None:
    """Edit, measure, and write the figures."""
    parser = argparse.ArgumentParser(description="Cross-effects of the edits.")
    parser.add_argument("folder", type=Path, help="the Fetus Framework folder")
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=RESULT)
    arguments = parser.parse_args()
    jobs = jobs_of(arguments.folder, arguments.frames)
    with ProcessPoolExecutor(arguments.workers) as pool:
        done = list(track(pool.map(changes_of, jobs), "frames", len(jobs)))
    document = {"frames": len(jobs), "seed": SEED, "pairs": pairs_of([one for rows in done for one in rows])}
    arguments.out.write_text(json.dumps(document, indent=1) + "\n")
    sys.stdout.write(arguments.out.read_text())


def changes_of(job: Job) -> list[Change]:
    """What every edit of a frame does to what is measured of the other structures."""
    if not all(one in job.boxes for one in INNER):
        return []
    pixels = hide_overlay(first_frame(job.path)).pixels
    before, found = measured_mm(pixels, job.boxes, job.mm_per_px), []
    for structure, variable in EDITED:
        try:
            sham, abnormal = sham_and_abnormal(pixels, job, structure, variable)
        except SettingsError:
            continue
        for each in MEASURED:
            if each[0] is structure or each not in before:
                continue
            differ = abnormal[each] - sham[each] if each in sham and each in abnormal else None
            found.append((f"{structure.value} {variable}", f"{each[0].value} {each[1]}", differ))
    return found


def sham_and_abnormal(pixels: np.ndarray, job: Job, structure: Structure, variable: str) -> tuple[Sizes, Sizes]:
    """What is measured after an edit to the size that is there, and after one to abnormal."""
    start = agreed(starting_size(pixels, job.boxes, structure, variable))
    start = start if variable == "echo" else start * job.mm_per_px
    made = [
        edit_to_grade(pixels, job.boxes, structure, variable, grade, SEED, mm_per_px=job.mm_per_px, target=target)
        for grade, target in ((Grade.NORMAL, start), (Grade.ABNORMAL, None))
    ]
    sham, abnormal = (measured_mm(one.edited.pixels, one.edited.boxes, job.mm_per_px, job.boxes) for one in made)
    return sham, abnormal


def measured_mm(
    pixels: np.ndarray, boxes: dict[Structure, Box], mm_per_px: float, placed_by: dict[Structure, Box] | None = None
) -> Sizes:
    """What the rulers read, millimetres, in the head frame of the boxes, or of those before an edit."""
    place = head_frame(placed_by or boxes)
    picture = HeadPicture(place.apply(pixels), None, place)
    inside = dict(zip(boxes, place.boxes(list(boxes.values())), strict=True))
    found = {}
    for structure in boxes:
        for protocol in PROTOCOLS.get(structure, ()):
            span = protocol.measure(picture, inside)
            if not isinstance(span, str):
                found[structure, protocol.name] = span.length / place.scale * mm_per_px
    return found


def head_frame(boxes: dict[Structure, Box]) -> HeadFrame:
    """The head frame that the inner structures give, the face to the left."""
    origin = np.mean([boxes[one].centre for one in INNER], axis=0)
    front = np.mean([boxes[one].centre[0] for one in FACE if one in boxes])
    face = Face.LEFT if front < origin[0] else Face.RIGHT
    place = HeadFrame.around(HeadPose(face, tuple(origin.tolist()), head_unit_px(boxes), 0.0))
    assert place is not None
    return place


def pairs_of(changes: list[Change]) -> list[dict[str, object]]:
    """Of every pair how many frames read, how many do not, median and 90th centile of the change, mm."""
    pairs = defaultdict(list)
    for edited, measured, differ in changes:
        pairs[edited, measured].append(differ)
    rows = []
    for (edited, measured), values in pairs.items():
        read = np.abs([one for one in values if one is not None])
        median, most = (round(float(one), 3) for one in np.percentile(read, (50, 90))) if read.size else (None, None)
        row = {"edited": edited, "measured": measured, "n": len(read), "unread": len(values) - len(read)}
        rows.append(row | {"median_mm": median, "p90_mm": most})
    return rows


if __name__ == "__main__":
    main()
