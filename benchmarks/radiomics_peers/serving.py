"""The loop that every measured package runs in its own environment: a job a line in, its CPU time a line out."""

import json
import sys
import time
from collections.abc import Callable

import numpy as np

Measure = Callable[[np.ndarray, list[tuple[int, int, int, int]]], list[dict[str, float]]]


def serve(measure: Measure) -> None:
    """Answer jobs ``{"image": path of .npy, "boxes": [[x1, y1, x2, y2], ...], "repeats": n}`` until stdin ends.

    The answer holds the least CPU seconds of one call over the repeats, in all threads of the
    process, and the features of the first box.
    """
    answers = sys.stdout
    sys.stdout = sys.stderr  # packages that print must not disturb the answers
    for line in sys.stdin:
        job = json.loads(line)
        pixels = np.load(job["image"])
        boxes = [tuple(box) for box in job["boxes"]]
        seconds = []
        for _ in range(job["repeats"]):
            start = time.process_time()
            features = measure(pixels, boxes)
            seconds.append(time.process_time() - start)
        answers.write(json.dumps({"seconds": min(seconds), "features": features[0]}) + "\n")
        answers.flush()
