"""What a read costs, stage by stage, file to JSON, on this machine.

Run ``python benchmarks/read.py PATH...`` (images, folders; default: the examples). It writes
``benchmarks/results/read.json``: median milliseconds a frame of each stage. `benchmarks/batch.py` times whole folders.
"""

from __future__ import annotations

import io
import json
import os
import platform
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from nonet.bundle import Bundle
from nonet.detect import Detector
from nonet.detect.decode_maps import decode_maps
from nonet.detect.letterbox import Letterbox
from nonet.features.parts import FeaturePart
from nonet.frame import Frame
from nonet.frames import find_files, hide_overlay, open_frames
from nonet.measure import measure_structures
from nonet.outputs.picture.draw import draw
from nonet.outputs.thumbnail import shrunk_image
from nonet.reader import Reader

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks/results/read.json"
WARM_UP = 3
T = TypeVar("T")


class Stopwatch:
    """Seconds of each named stage, one value a call."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(list)

    def time(self, stage: str, work: Callable[[], T]) -> T:
        """Do the work and note how long it took."""
        begun = time.perf_counter()
        done = work()
        self.seconds[stage].append(time.perf_counter() - begun)
        return done

    def median_ms(self) -> dict[str, float]:
        """Median of each stage once the first frames are past."""
        return {name: round(statistics.median(s[WARM_UP:] or s) * 1000, 1) for name, s in self.seconds.items()}


def main() -> None:
    """Time the stages of single frames."""
    files = find_files([Path(p) for p in sys.argv[1:]] or [ROOT / "examples"])
    bundle, watch = Bundle(), Stopwatch()
    reader = Reader(bundle)
    for path in files:
        _read_one(path, reader, reader.detector, watch)
    result = {
        "machine": {"cpu": platform.processor() or platform.machine(), "cores": os.cpu_count()},
        "frames": len(files),
        "median_ms": watch.median_ms(),
    }
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


def _read_one(path: Path, reader: Reader, detector: Detector, watch: Stopwatch) -> None:
    frame = watch.time("open and decode the file", lambda: next(iter(open_frames(path))))
    masked = watch.time("hide the overlay", lambda: hide_overlay(frame))
    first, second = detector.manifest.passes
    _once(masked, first, "first pass", detector, watch)
    maps = _once(masked, second, "second pass", detector, watch)
    candidate_count = watch.time(
        "maps to candidates", lambda: decode_maps(*(each[0] for each in maps), detector.candidate_count)
    )
    watch.time("candidates to boxes", lambda: detector.best(candidate_count))
    watch.time("both passes, with the head frame", lambda: detector.locate(masked))
    watch.time("file to boxes", lambda: detector.detect(hide_overlay(next(iter(open_frames(path))))))
    located = detector.locate(masked)
    boxes = {found.structure: found.box for found in located.detections}
    watch.time("all measurements", lambda: measure_structures(located, frame, boxes))
    _plane(frame, reader, watch)
    reading = watch.time("frame to reading", lambda: reader.read_frame(frame))
    watch.time("file to JSON", lambda: reader.read_frame(next(iter(open_frames(path)))).to_json())
    watch.time("reading to JSON", reading.to_json)
    picture = watch.time("draw the picture", lambda: draw(frame.pixels, reading))
    watch.time("picture to PNG", lambda: picture.save(io.BytesIO(), "PNG", compress_level=1))
    watch.time("picture to page", lambda: shrunk_image(picture))


def _once(
    frame: Frame, size: tuple[int, int], name: str, detector: Detector, watch: Stopwatch
) -> list[NDArray[np.float32]]:
    """The network at one input size."""
    letterbox = Letterbox.fit(frame.width, frame.height, *size)
    canvas = watch.time(f"{name}: fit to the network's input", lambda: letterbox.apply(frame.pixels))
    return watch.time(f"{name}: network", lambda: detector.network._session.run({"grey": canvas[None, None]}))


def _plane(frame: Frame, reader: Reader, watch: Stopwatch) -> None:
    """What plane quality adds to the boxes of a reading."""
    extractor, grader = reader._extractor, reader._grader._plane
    located = reader.detector.locate(hide_overlay(frame))
    if extractor is None or grader is None:
        return
    features = extractor.extract(located)
    pixels, boxes = features.pixels, features.place.boxes([detection.box for detection in located.detections])
    watch.time("plane: upright head frame", lambda: reader.detector.upright(located).apply(frame.pixels))
    if FeaturePart.RADIOMICS in extractor.parts:
        watch.time("plane: radiomics of nine boxes", lambda: list(extractor._radiomics.rows(pixels, boxes)))
    if FeaturePart.DEEP in extractor.parts:
        watch.time("plane: deep features of nine boxes", lambda: extractor._embedder.embed(pixels, boxes))
    watch.time("plane: grader", lambda: grader.predict(features))


if __name__ == "__main__":
    main()
