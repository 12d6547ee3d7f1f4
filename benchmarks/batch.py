"""What a folder of frames costs with ``nonet read``: first run, second run, number of workers, memory.

Run ``python benchmarks/batch.py FOLDER [FRAMES]`` (default: 2000). The frames of the folder are linked as often as
needed, each under a name of its own, so that all are read. It writes ``benchmarks/results/batch.json``.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from nonet.frames import find_files

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks/results/batch.json"
FEW = 120
"""Frames that are read to compare numbers of workers."""


def main() -> None:
    """Time runs over a few frames with one and two workers, then two runs over many."""
    found = find_files([Path(sys.argv[1])])
    many = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        few = linked(found, FEW, folder / "few")
        result: dict[str, object] = {
            "machine": {"cpu": platform.processor() or platform.machine(), "cores": os.cpu_count()},
            f"{FEW} frames, 1 worker": run(few, folder / "one", 1),
            f"{FEW} frames, 2 workers": run(few, folder / "two", 2),
            f"{FEW} frames, 2 workers, nothing but JSON": run(few, folder / "json", 2, "--save", ""),
        }
        all_of_them = linked(found, many, folder / "many")
        result[f"{many} frames, first run"] = run(all_of_them, folder / "out", 2)
        result[f"{many} frames, second run"] = run(all_of_them, folder / "out", 2)
        pages = [path.stat().st_size for path in (folder / "out").rglob("*.html")]
        result["pages"] = {"number": len(pages), "largest_mb": round(max(pages) / 1e6, 2)}
        result["index_mb"] = round((folder / "out/index.html").stat().st_size / 1e6, 2)
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


def linked(found: list[Path], count: int, folder: Path) -> Path:
    """A folder of so many files, copied from those found, over and over."""
    folder.mkdir()
    for number in range(count):
        source = found[number % len(found)]
        shutil.copyfile(source, folder / f"{number:05d}{source.suffix}")
    return folder


def run(folder: Path, out: Path, workers: int, *options: str) -> dict[str, float]:
    """Seconds, frames a second, and the memory of the largest process."""
    command = [sys.executable, "-m", "nonet", "read", folder, "-o", out, "--workers", str(workers), *options]
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds = time.perf_counter() - begun
    count = len(list(folder.iterdir()))
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {
        "seconds": round(seconds, 2),
        "frames_per_second": round(count / seconds, 2),
        "largest_process_so_far_mb": round(memory),
    }


if __name__ == "__main__":
    main()
