"""Time nonet.radiomics against its peers: one command, each peer in an environment of its own, one run.

    python benchmarks/radiomics.py

Builds the environments if they are not there yet (pysera 2.1.5, pyradiomics 3.0.1, nyxus), says so
and goes on if one cannot be built, measures all packages in turn on the same boxes of the same
frame, and writes ``benchmarks/results/radiomics.json``. Times are CPU seconds of a call in all its
threads, so that other work on the machine disturbs them little; what counts is the ratios.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[1]
PEERS = Path(__file__).parent / "radiomics_peers"
RESULTS = Path(__file__).parent / "results" / "radiomics.json"
FRAMES = ROOT.parent / "shared/data/fetus-framework"
ORACLE = ROOT / "tests/radiomics/data"

Box = tuple[int, int, int, int]
SIZES: dict[str, Box] = {
    "26 x 9": (200, 200, 226, 209),
    "90 x 70": (150, 215, 240, 285),
    "263 x 34": (100, 300, 363, 334),
}
NINE = "nine boxes of a frame"
FOUR_TIMES = {"90 x 70": (150, 215, 240, 285), "180 x 140": (105, 180, 285, 320)}
SINGLE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS"), "1")


@dataclass(frozen=True)
class Peer:
    """A package to measure: its script, how to install it, and how many rounds its slowness allows."""

    name: str
    script: str
    rounds: int
    repeats: int
    install: tuple[tuple[str, ...], ...] = ()


OURS = Peer("nonet", "nonet_peer.py", rounds=8, repeats=10)
OTHERS = (
    Peer("nyxus", "nyxus_peer.py", 8, 5, (("nyxus==0.11.0",),)),
    Peer(
        "pyradiomics",
        "pyradiomics_peer.py",
        8,
        2,
        (("setuptools==79.0.1", "wheel", "numpy==1.26.4"), ("--no-build-isolation", "pyradiomics==3.0.1")),
    ),
    Peer("pysera", "pysera_peer.py", 1, 1, (("pysera==2.1.5",),)),
)


class Worker:
    """A running peer: jobs in, seconds and features out."""

    def __init__(self, peer: Peer, python: Path, frame: Path) -> None:
        self.peer, self.frame = peer, frame
        self.process = subprocess.Popen(
            [python, PEERS / peer.script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={"PATH": "/usr/bin:/bin", **SINGLE_THREAD},
        )

    def measure(self, boxes: list[Box], repeats: int) -> tuple[float, dict[str, float]]:
        """Least CPU seconds of one call on these boxes, and the features of the first."""
        job = {"image": str(self.frame), "boxes": boxes, "repeats": repeats}
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self.peer.name} stopped")
        found = json.loads(answer)
        return found["seconds"], found["features"]


def main() -> None:
    """Run the benchmark and write its results."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--environments", type=Path, default=Path(tempfile.gettempdir()) / "nonet-radiomics-peers")
    options = arguments.parse_args()
    pythons = {OURS: Path(sys.executable)}
    for peer in OTHERS:
        python = environment(peer, options.environments / peer.name)
        if python:
            pythons[peer] = python
    with tempfile.TemporaryDirectory() as folder:
        pixels, nine = frame()
        path = Path(folder) / "frame.npy"
        np.save(path, pixels)
        workers = [Worker(peer, python, path) for peer, python in pythons.items()]
        results = {
            "machine": f"{platform.machine()}, Python {platform.python_version()}, one core",
            "boxes": per_box(workers, {**{size: [box] for size, box in SIZES.items()}, NINE: nine}),
            **ours_alone(path, nine),
        }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    say(f"written to {RESULTS}")
    report(results)


def environment(peer: Peer, folder: Path) -> Path | None:
    """The Python of a peer's environment, built if need be; None, and a word about it, if that fails."""
    python, done = folder / "bin/python", folder / "complete"
    if done.exists():
        return python
    say(f"building the environment of {peer.name}")
    try:
        run(sys.executable, "-m", "venv", "--clear", folder)
        for packages in peer.install:
            run(python, "-m", "pip", "install", "--quiet", "--no-compile", *packages)
    except subprocess.CalledProcessError as problem:
        say(f"{peer.name} cannot be installed here, so it is left out: {problem.stderr.strip().splitlines()[-1]}")
        return None
    done.touch()
    return python


def frame() -> tuple[np.ndarray, list[Box]]:
    """A real frame with its nine boxes, or, where the data is not there, noise and boxes of their sizes."""
    if FRAMES.exists():
        from nonet.datasets import load

        data = load(FRAMES)
        image = next(
            image for image in data.images if len(data.boxes_of(image)) == 9 and min(image.height, image.width) > 400
        )
        boxes = [tuple(round(edge) for edge in box.xyxy) for box in data.boxes_of(image).values()]
        return np.asarray(Image.open(image.path)), boxes
    noise = np.random.default_rng(0).rayleigh(40, (500, 660)).clip(0, 255)
    sides = ((90, 70), (66, 86), (263, 34), (61, 29), (93, 25), (99, 63), (37, 12), (28, 9), (26, 9))
    return noise.astype(np.uint8), [(100, 50 * n, 100 + w, 50 * n + h) for n, (w, h) in enumerate(sides)]


def per_box(workers: list[Worker], cases: dict[str, list[Box]]) -> dict[str, dict[str, dict[str, float]]]:
    """CPU seconds and number of features, by case and package; the packages take turns.

    A package that allows one round only is not asked for nine boxes.
    """
    found: dict[str, dict[str, dict[str, float]]] = {}
    alive = list(workers)
    for worker in workers:
        if not answers(worker):
            say(f"{worker.peer.name} does not run here, so it is left out")
            alive.remove(worker)
    for turn in range(max(worker.peer.rounds for worker in workers)):
        for size, boxes in cases.items():
            for worker in alive:
                if turn < worker.peer.rounds and (worker.peer.rounds > 1 or len(boxes) == 1):
                    seconds, features = worker.measure(boxes, worker.peer.repeats)
                    known = found.setdefault(size, {}).setdefault(worker.peer.name, {"seconds": seconds})
                    known["seconds"] = min(known["seconds"], seconds)
                    known["features"] = len(features)
        say(f"round {turn + 1} done")
    return found


def answers(worker: Worker) -> bool:
    """Whether the package measures a small box; its first call loads what it needs."""
    try:
        worker.measure([SIZES["26 x 9"]], 1)
    except (RuntimeError, OSError):
        return False
    return True


def ours_alone(path: Path, nine: list[Box]) -> dict[str, object]:
    """Nonet on a box of four times the area, and by family."""
    worker = Worker(OURS, Path(sys.executable), path)
    families = Worker(Peer("families", "nonet_families_peer.py", 1, 1), Path(sys.executable), path)
    spent: dict[str, list[float]] = {}
    growth: dict[str, list[float]] = {size: [] for size in FOUR_TIMES}
    for _ in range(12):
        for size, box in FOUR_TIMES.items():
            growth[size].append(worker.measure([box], 5)[0])
        for family, seconds in families.measure(nine, 1)[1].items():
            spent.setdefault(family, []).append(seconds)
    least = {family: min(seconds) for family, seconds in spent.items()}
    return {
        "four_times_the_area": min(growth["180 x 140"]) / min(growth["90 x 70"]),
        "family_shares": {family: seconds / sum(least.values()) for family, seconds in least.items()},
    }


def report(results: dict[str, object]) -> None:
    """Print what was found."""
    for size, packages in results["boxes"].items():
        ours = packages["nonet"]["seconds"]
        for name, found in packages.items():
            ratio = found["seconds"] / ours
            say(
                f"{size:>21} {name:>12} {found['features']:4d} features {1e3 * found['seconds']:9.2f} ms {ratio:8.1f} x"
            )
    say(f"four times the area: {results['four_times_the_area']:.2f} times the time")
    for family, share in sorted(results["family_shares"].items(), key=lambda item: -item[1]):
        say(f"{100 * share:5.1f} % {family}")


def run(*command: object) -> None:
    """Run a command; an error carries what it printed."""
    subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True)


def say(text: str) -> None:
    """Tell how far it is."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
