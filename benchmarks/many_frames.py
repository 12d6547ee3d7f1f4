"""What many frames cost: one process, two workers, and Ray on the same machine; memory, growth, and bytes a frame.

Run ``python benchmarks/many_frames.py FOLDER`` (default: the examples). The stills of the folder are copied as often as
needed, each under a name of its own, so that all are read; for memory they are made small, and nine of ten show nothing
but noise, so that ten thousand take minutes. Each figure is of a whole ``nonet read`` as a person would start it. It
writes ``benchmarks/results/many-frames.json``. Rates need a machine that does nothing else, memory does not: ``--part
rates`` and ``--part memory`` measure one and leave the other as it is in the file. Smaller numbers (``--frames 24
--memory 16 32 -o try.json``) show whether it runs.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.dataset as pads
from PIL import Image

from nonet.frames import find_files, open_frames

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks/results/many-frames.json"
SMALL_PX = 320
"""Longer side of the pictures that memory is measured with."""
HEADS_IN = 10
"""For memory, one picture of so many shows a head; the others are noise, in which nothing is found."""
NOISE_LEVELS = 40
FEW = 4
EVERY_SECONDS = 0.5

WAYS: dict[str, list[str]] = {
    "one process": ["--workers", "1", "--save", "", "--json"],
    "two workers": ["--workers", "2", "--save", "", "--json"],
    "Ray, two actors": ["--engine", "ray", "--workers", "2"],
}
ALONE, LOCAL, RAY = WAYS


def main() -> None:
    """Time each way over many frames and over a few, and measure memory at two sizes."""
    asked = _arguments()
    found = [path for path in find_files([asked.folder]) if len(list(open_frames(path))) == 1]
    result = json.loads(asked.output.read_text()) if asked.part and asked.output.exists() else {}
    with tempfile.TemporaryDirectory() as place:
        if asked.part != "memory":
            result |= _rates(found, asked, Path(place))
        if asked.part != "rates":
            result |= {"memory": _memory(found, asked.memory, Path(place))}
    asked.output.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


def _rates(found: list[Path], asked: argparse.Namespace, folder: Path) -> dict[str, object]:
    frames = asked.frames
    many = copied(found, frames, folder / "many")
    few, some = copied(found, FEW, folder / "few"), copied(found, min(asked.alone, frames), folder / "some")
    runs = {
        name: run(some if name == ALONE else many, folder / f"many-{name}", options) for name, options in WAYS.items()
    }
    starts = {name: run(few, folder / f"few-{name}", options)["seconds"] for name, options in WAYS.items()}
    return {
        "machine": {
            "cpu": platform.processor() or platform.machine(),
            "cores": os.cpu_count(),
            "load_before": asked.load_before,
        },
        "frames": frames,
        "runs": runs,
        "ray_over_pool": round(runs[RAY]["frames_per_second"] / runs[LOCAL]["frames_per_second"], 3),
        "few_frames": FEW,
        "seconds_for_few": starts,
        "bytes_a_frame": {
            "json": _bytes_a_frame(folder / f"many-{LOCAL}", "*.json", frames),
            "parquet": _bytes_a_frame(folder / f"many-{RAY}", "*.parquet", frames),
            "source": round(sum(path.stat().st_size for path in many.iterdir()) / frames),
        },
        "rows": _rows(folder / f"many-{RAY}"),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "examples")
    parser.add_argument("--frames", type=int, default=2000)
    parser.add_argument("--alone", type=int, default=500, help="frames for one process, whose rate is not compared")
    parser.add_argument("--memory", type=int, nargs=2, default=(1000, 10000), metavar="FRAMES")
    parser.add_argument("--part", choices=("rates", "memory"))
    parser.add_argument("-o", "--output", type=Path, default=RESULT)
    asked = parser.parse_args()
    asked.load_before = round(os.getloadavg()[0], 2)
    return asked


def copied(found: list[Path], count: int, folder: Path) -> Path:
    """A folder of so many files, copied from those found, over and over."""
    folder.mkdir()
    for number in range(count):
        source = found[number % len(found)]
        shutil.copyfile(source, folder / f"{number:06d}{source.suffix}")
    return folder


def small(found: list[Path], folder: Path) -> list[Path]:
    """The pictures found, made small, each before nine of noise."""
    made = []
    for path in found:
        if path.suffix == ".png":
            made.append(folder / f"small-{path.name}")
            with Image.open(path) as picture:
                picture.thumbnail((SMALL_PX, SMALL_PX))
                picture.convert("L").save(made[-1], compress_level=1)
            made += [_noise(len(made) + number, folder) for number in range(HEADS_IN - 1)]
    return made


def _noise(seed: int, folder: Path) -> Path:
    target = folder / f"noise-{seed}.png"
    levels = np.random.default_rng(seed).integers(NOISE_LEVELS, size=(SMALL_PX * 3 // 4, SMALL_PX), dtype=np.uint8)
    Image.fromarray(levels).save(target, compress_level=1)
    return target


def run(folder: Path, out: Path, options: list[str]) -> dict[str, float]:
    """Frames, seconds, frames a second; the most memory of the first process, of any other, of all together, MiB."""
    command = [sys.executable, "-m", "nonet", "read", str(folder), "-o", str(out), *options]
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    peaks = Peaks(process.pid)
    _, said = process.communicate()
    seconds = time.perf_counter() - begun
    most = peaks.stop()
    if process.returncode:
        raise RuntimeError(said.decode(errors="replace"))
    count = len(list(folder.iterdir()))
    return {"frames": count, "seconds": round(seconds, 2), "frames_per_second": round(count / seconds, 3), **most}


class Peaks:
    """Looks at the resident memory of a process and all that it started, until it is stopped."""

    def __init__(self, pid: int) -> None:
        self._pid, self._most = pid, {"first_mib": 0.0, "largest_other_mib": 0.0, "all_mib": 0.0}
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> dict[str, float]:
        """The most that was seen."""
        self._end.set()
        self._thread.join()
        return {name: round(value, 1) for name, value in self._most.items()}

    def _look(self) -> None:
        while not self._end.wait(EVERY_SECONDS):
            sizes = dict(_tree(self._pid))
            first, others = sizes.pop(self._pid, 0.0), list(sizes.values())
            now = (first, max(others, default=0.0), first + sum(others))
            for name, value in zip(self._most, now, strict=True):
                self._most[name] = max(self._most[name], value)


def _tree(pid: int) -> Iterator[tuple[int, float]]:
    """Each process below one, and itself, with its own memory, MiB: pages that it shares count as its part of them."""
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        waiting += [child for child, parent in parents.items() if parent == one]
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        yield one, sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _bytes_a_frame(out: Path, pattern: str, frames: int) -> int:
    files = (path for path in out.rglob(pattern) if ".nonet" not in path.parts)
    return round(sum(path.stat().st_size for path in files) / frames)


def _rows(out: Path) -> dict[str, int]:
    table = pads.dataset(out / "readings").to_table(columns=["failure_rule"])
    failed = table.num_rows - table["failure_rule"].null_count
    return {"rows": table.num_rows, "failed": failed, "parts": len(list(out.rglob("*.parquet")))}


def _memory(found: list[Path], sizes: tuple[int, int], folder: Path) -> dict[str, object]:
    """The most memory at two numbers of small frames, and how much it grows from one to the other."""
    result: dict[str, object] = {"frames": list(sizes), "longer_side_px": SMALL_PX, "one_head_in": HEADS_IN}
    pictures = small(found, folder)
    for name in (LOCAL, RAY):
        runs = []
        for size in sizes:
            copies = copied(pictures, size, folder / f"small-{name}-{size}")
            runs.append(run(copies, folder / f"out-{name}-{size}", WAYS[name]))
            shutil.rmtree(copies)
            shutil.rmtree(folder / f"out-{name}-{size}")
        first, second = runs
        each = [one["seconds"] / size for one, size in zip(runs, sizes, strict=True)]
        result[name] = {
            "runs": runs,
            "all_growth_percent": round(100 * (second["all_mib"] / first["all_mib"] - 1), 1),
            "first_growth_percent": round(100 * (second["first_mib"] / first["first_mib"] - 1), 1),
            "seconds_a_frame": [round(one, 4) for one in each],
        }
    return result


if __name__ == "__main__":
    main()
