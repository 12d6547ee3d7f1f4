"""What the deep features of a frame cost beside its detection, on this machine.

Run ``python benchmarks/embedder.py [BUNDLE]`` with a bundle that holds an embedder; by default the
one shipped. Detector and embedder run in turn on the nine boxes of simulated frames, two threads
each, and ``benchmarks/results/embedder.json`` gets medians in milliseconds and their ratio.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.bundle.session import THREADS
from nonet.deep import Embedder, crop
from nonet.detect import Detector
from nonet.simulate import Simulated, simulate

RESULT = Path(__file__).parent / "results/embedder.json"
FRAMES, ROUNDS, WARM_UP = 4, 8, 1


def main() -> None:
    """Time both on every frame, round after round."""
    bundle = Bundle(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_BUNDLE)
    detector, embedder = Detector(bundle), Embedder(bundle)
    frames = [simulate(seed) for seed in range(FRAMES)]
    rounds = [_round(frame, detector, embedder) for _ in range(ROUNDS + WARM_UP) for frame in frames]
    rows = rounds[WARM_UP * FRAMES :]
    medians = {stage: round(statistics.median(row[stage] for row in rows), 1) for stage in rows[0]}
    ratio = statistics.median(row["crops and embedder, nine boxes"] / row["detector"] for row in rows)
    result = {
        "machine": {"cpu": platform.processor() or platform.machine(), "cores": os.cpu_count(), "threads": THREADS},
        "frames": len(rows),
        "median_ms": medians,
        "embedder_per_detector": round(ratio, 2),
    }
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


def _round(frame: Simulated, detector: Detector, embedder: Embedder) -> dict[str, float]:
    pixels, boxes = frame.pixels, list(frame.boxes.values())
    return {
        "detector": _milliseconds(lambda: detector.network.candidates(pixels)),
        "crops": _milliseconds(lambda: [crop(pixels, box, embedder.window) for box in boxes]),
        "crops and embedder, nine boxes": _milliseconds(lambda: embedder.embed(pixels, boxes)),
    }


def _milliseconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


if __name__ == "__main__":
    main()
