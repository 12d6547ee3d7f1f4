"""How large YOLO11 is, and how fast beside the shipped detector in onnxruntime on two threads.

Run ``python benchmarks/yolo11.py``. It writes ``benchmarks/results/yolo11.json``: weights and operations
of the fused n and s at 80 classes and 640 px, published and counted; median milliseconds of the network
alone for YOLO11n of nine classes at 640 x 640 and for both passes of the shipped detector at their inputs, the two
taking turns, and their ratio. Other load on the machine slows both; it is noted.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from nonet.bundle import Bundle
from nonet.bundle.session import THREADS, Session
from nonet.train.batch_norm_folding import folded
from nonet.train.detector.dense import DenseNetwork
from nonet.train.detector.export import export_detector
from nonet.train.trunks.yolo11 import YOLO11
from nonet.train.trunks.yolo_blocks import NANO, SMALL, Scale

RESULT = Path(__file__).parent / "results/yolo11.json"
SIDE = 640
PUBLISHED = {"n": (NANO, 2.6, 6.5), "s": (SMALL, 9.4, 21.5)}
WARM_UP = 3
ROUNDS = 60
STATISTICS_PASSES = 40


def main() -> None:
    """Count, measure, write the result, print it."""
    result = {
        "size": {name: size(*published) for name, published in PUBLISHED.items()},
        "machine": {"cpu": platform.machine(), "cores": os.cpu_count(), "threads": THREADS},
        **speed(),
    }
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


def size(scale: Scale, millions: float, billions: float) -> dict[str, float]:
    """Weights and operations of the fused network; a multiplication with its addition counts as two."""
    with torch.device("meta"), torch.no_grad(), FlopCounterMode(display=False) as counter:
        network = folded(DenseNetwork(YOLO11(scale), scale, classes=80))
        network(torch.zeros(1, 1, SIDE, SIDE))
    return {
        "weights": sum(p.numel() for p in network.parameters()),
        "weights_published_millions": millions,
        "gflops": round(counter.get_total_flops() / 1e9, 2),
        "gflops_published": billions,
    }


def speed() -> dict[str, object]:
    """Median and least milliseconds of both networks, taking turns, and how they compare."""
    shipped = Bundle()
    manifest = shipped.manifest.detector
    at = " and ".join(f"{width} x {height}" for width, height in manifest.passes)
    ours = f"{shipped.manifest.name} {shipped.manifest.version} ({manifest.family}) at {at}"
    yolo = f"yolo11n at {SIDE} x {SIDE}"
    runs = {ours: runner(shipped.file(manifest.file), manifest.passes), yolo: runner(nine_classes(), [(SIDE, SIDE)])}
    load = os.getloadavg()[0]
    rounds = [{name: milliseconds(run) for name, run in runs.items()} for _ in range(WARM_UP + ROUNDS)][WARM_UP:]
    median = {name: statistics.median(row[name] for row in rounds) for name in runs}
    least = {name: min(row[name] for row in rounds) for name in runs}
    return {
        "load_of_the_machine_before": round(load, 1),
        "rounds": ROUNDS,
        "median_ms": {name: round(value, 1) for name, value in median.items()},
        "least_ms": {name: round(value, 1) for name, value in least.items()},
        "yolo11n_over_shipped": {
            "of_medians": round(median[yolo] / median[ours], 2),
            "of_least": round(least[yolo] / least[ours], 2),
        },
    }


def nine_classes() -> bytes:
    """YOLO11n, untrained but for the statistics of its normalisation, so that no number vanishes."""
    torch.manual_seed(0)
    network = DenseNetwork(YOLO11.nano()).train()
    with torch.no_grad():
        for _ in range(STATISTICS_PASSES):
            network(torch.rand(2, 1, 256, 256))
    return export_detector(network, SIDE, SIDE)


def runner(model: bytes, sizes: Sequence[tuple[int, int]]) -> Callable[[], object]:
    """An inference on noise at each width and height, one after the other."""
    session = Session(model, "detector.onnx")
    rng = np.random.default_rng(0)
    inputs = [rng.random((1, 1, height, width), np.float32) for width, height in sizes]
    return lambda: [session.run({"grey": grey}) for grey in inputs]


def milliseconds(run: Callable[[], object]) -> float:
    """What one run takes."""
    begun = time.perf_counter()
    run()
    return 1000 * (time.perf_counter() - begun)


if __name__ == "__main__":
    main()
