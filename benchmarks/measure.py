"""What all measurements of a frame cost: the least of several tries, as on a machine that does nothing else.

Run ``python benchmarks/measure.py PATH...`` (images, folders; default: the examples). It writes
``benchmarks/results/measure.json``: over the frames the median and the most milliseconds of a processor, on one thread.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import time
from pathlib import Path

from nonet.bundle import Bundle
from nonet.detect import Detector
from nonet.frames import find_files, hide_overlay, open_frames
from nonet.measure import measure_structures

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks/results/measure.json"
TRIES = 15


def main() -> None:
    """Time the measurements of single frames, all nine structures taken as seen."""
    files = find_files([Path(each) for each in sys.argv[1:]] or [ROOT / "examples"])
    detector = Detector(Bundle())
    milliseconds = [1000 * _seconds(path, detector) for path in files]
    result = {
        "machine": {"cpu": platform.processor() or platform.machine(), "cores": os.cpu_count()},
        "frames": len(files),
        "tries": TRIES,
        "median_ms": round(statistics.median(milliseconds), 1),
        "most_ms": round(max(milliseconds), 1),
    }
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


def _seconds(path: Path, detector: Detector) -> float:
    frame = next(iter(open_frames(path)))
    located = detector.locate(hide_overlay(frame))
    boxes = {found.structure: found.box for found in located.detections}
    tries = []
    for _ in range(TRIES):
        begun = time.process_time()
        measure_structures(located, frame, boxes)
        tries.append(time.process_time() - begun)
    return min(tries)


if __name__ == "__main__":
    main()
