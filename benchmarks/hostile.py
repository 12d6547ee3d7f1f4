"""A campaign of damaged input: images and DICOM, data sets and plans, bundles, and runs that are killed.

Run ``python benchmarks/hostile.py [SCALE]`` (1: 10,000 files, 1,000 data-set files, 300 bundles, 60 kills). Each
case is made from a seed, so that a number names it: ``python benchmarks/hostile.py case KIND NUMBER`` runs one alone.
It writes ``benchmarks/results/hostile.json``: how many cases had which outcome, and what the costliest took.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks/results/hostile.json"
COUNTS = {"files": 10_000, "data sets": 1_000, "bundles": 300, "kills": 60}
SLOW_SECONDS = 5.0
LARGE_MB = 300
SEEDS = [
    *sorted((ROOT / "examples").glob("*.png"))[:3],
    *sorted((ROOT / "examples/dicom").glob("*.dcm")),
    *sorted(path for path in (ROOT / "tests/cases").rglob("*") if path.suffix in {".dcm", ".jpg", ".png"}),
]
NUMBERS = [
    "0",
    "-1",
    "1e999",
    "NaN",
    "-Infinity",
    "1" * 5000,
    "4294967296",
    "0.5",
    '"text"',
    "null",
    "[]",
    "true",
    "1e-320",
]


# What is done to bytes and texts


def damage(data: bytes, other: bytes, rng: random.Random) -> bytes:
    """Bytes with one kind of damage."""
    raw = bytearray(data)
    at = rng.randrange(len(raw))
    kind = rng.randrange(7)
    if kind == 0:
        for _ in range(rng.randint(1, 16)):
            raw[rng.randrange(len(raw))] = rng.randrange(256)
    elif kind == 1:
        del raw[at:]
    elif kind == 2:
        raw[at : at + rng.randint(1, 64)] = b""
    elif kind == 3:
        raw[at:at] = rng.randbytes(rng.randint(1, 64))
    elif kind == 4:
        head = rng.randrange(min(len(raw), 1200))
        raw[head : head + 4] = rng.choice(
            [b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\1\0"]
        )
    elif kind == 5:
        end = min(len(raw), at + rng.randint(1, 4096))
        raw[at:end] = bytes(end - at)
    else:
        raw[at:] = other[rng.randrange(len(other)) :]
    return bytes(raw)


def damage_text(text: str, rng: random.Random) -> bytes:
    """A text with a number, a word or a line that is wrong, or in another encoding."""
    kind = rng.randrange(7)
    if kind == 0 and (numbers := list(re.finditer(r"-?\d+(\.\d+)?", text))):
        found = rng.choice(numbers)
        text = text[: found.start()] + rng.choice(NUMBERS) + text[found.end() :]
    elif kind == 1 and (words := list(re.finditer(r"[A-Za-z_]{3,}", text))):
        found = rng.choice(words)
        text = text[: found.start()] + rng.choice(["", "x" * 300, "\0", "é", "../../etc/passwd"]) + text[found.end() :]
    elif kind == 2:
        lines = text.splitlines(keepends=True)
        del lines[rng.randrange(len(lines))]
        text = "".join(lines)
    elif kind == 3:
        lines = text.splitlines(keepends=True)
        lines.insert(rng.randrange(len(lines)), rng.choice(lines))
        text = "".join(lines)
    elif kind == 4:
        return text.encode(rng.choice(["utf-16", "utf-16-le", "utf-32", "utf-8-sig"]))
    elif kind == 5:
        at = rng.randrange(len(text) + 1)
        text = text[:at] + rng.choice(["[" * 3000, "{" * 3000, '"', "'", "\n", ";", "\0", "=", ","]) + text[at:]
    else:
        return damage(text.encode() or b"\0", b"\xff" * 64, rng)
    return text.encode("utf-8", "surrogatepass")


# One case of each kind


def file_case(number: int, place: Path) -> None:
    """A damaged image or DICOM file is opened to its last frame."""
    from nonet.frames import Limits, open_frames

    rng = random.Random(number)
    data = damage(rng.choice(SEEDS).read_bytes(), rng.choice(SEEDS).read_bytes(), rng)
    path = place / "file"
    path.write_bytes(data or b"\0")
    for frame in open_frames(path, limits=Limits(decode_seconds=SLOW_SECONDS)):
        assert frame.pixels.ndim == 2


def data_case(number: int, place: Path) -> None:
    """A data set, a table of labels, a plan or a recipe with one damaged file is read as a user would."""
    from nonet.datasets import load
    from nonet.datasets.inspection import inspect
    from nonet.datasets.label_table import read_label_table
    from nonet.study.plan_file import load_plan
    from nonet.train.detector.recipe import load_recipe

    rng = random.Random(number)
    kind = rng.randrange(8)
    if kind == 0:
        plan = place / "plan.toml"
        plan.write_bytes(damage_text(rng.choice(sorted((ROOT / "studies").glob("*.toml"))).read_text(), rng))
        load_plan(plan)
    elif kind == 1:
        recipe = place / "recipe.toml"
        recipe.write_bytes(damage_text((ROOT / "recipes/detector-1.0.toml").read_text(), rng))
        load_recipe(recipe)
    elif kind == 2:
        shutil.copytree(ROOT / "tests/cases/labels_silently_ignored/yolo_darknet_flat", place / "d")
        table = place / "labels.csv"
        table.write_bytes(
            damage_text("image,structure,label,patient\na.png,NT,normal,1\na.png,nasal bone,abnormal,1\n", rng)
        )
        read_label_table(table, load(place / "d"))
    else:
        folder = Path(shutil.copytree(_data_set(rng), place / "d"))
        texts = [
            path for path in folder.rglob("*") if path.suffix in {".json", ".txt", ".csv", ".yaml", ".names", ".xlsx"}
        ]
        target = rng.choice(sorted(texts))
        raw = target.read_bytes()
        damaged = damage(raw, raw, rng) if target.suffix == ".xlsx" else damage_text(raw.decode(), rng)
        target.write_bytes(damaged)
        inspect(folder)


def _data_set(rng: random.Random) -> Path:
    cases = ROOT / "tests/cases"
    return rng.choice(
        [
            cases / "labels_silently_ignored/coco_roboflow",
            cases / "labels_silently_ignored/yolo_cvat11",
            cases / "labels_silently_ignored/yolo_darknet_flat",
            cases / "frames_csv_no_match/data",
            cases / "class_names_shift/yolo_list_comma",
            cases / "exif_boxes/exif_yolo",
            cases / "xlsx_wide",
        ]
    )


def bundle_case(number: int, place: Path) -> None:
    """A bundle with one damaged file, its hash put right, is opened and reads a frame."""
    import numpy as np

    from nonet.bundle import DEFAULT_BUNDLE, Bundle
    from nonet.frame import Frame, Source
    from nonet.reader import Reader

    rng = random.Random(number)
    folder = place / "b"
    folder.mkdir()
    for path in DEFAULT_BUNDLE.iterdir():
        os.link(path, folder / path.name) if path.stat().st_dev == place.stat().st_dev else shutil.copy(path, folder)
    target = rng.choice(["manifest.json"] * 3 + sorted(path.name for path in folder.iterdir()))
    raw = (folder / target).read_bytes()
    damaged = damage_text(raw.decode(), rng) if target.endswith((".json", ".csv", ".md")) else damage(raw, raw, rng)
    (folder / target).unlink()
    (folder / target).write_bytes(damaged)
    if target != "manifest.json":
        manifest = json.loads((folder / "manifest.json").read_bytes())
        manifest["files"][target] = hashlib.sha256(damaged).hexdigest()
        (folder / "manifest.json").unlink()
        (folder / "manifest.json").write_text(json.dumps(manifest))
    pixels = np.random.default_rng(0).integers(0, 256, (96, 128), np.uint8)
    Reader(Bundle(folder)).read_frame(Frame(pixels, Source("PNG", "0" * 64))).to_json()


def kill_case(number: int, place: Path) -> None:
    """A run is killed at some moment; the next one finishes, and what was there before is as it was."""
    rng = random.Random(number)
    images, out = place / "images", place / "out"
    images.mkdir()
    for one in range(6):
        shutil.copy(SEEDS[one % 3], images / f"{one}.png")
    command = [sys.executable, "-m", "nonet", "read", images, "-o", out, "--workers", str(1 + number % 2)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, start_new_session=True, **quiet)  # type: ignore[call-overload]
    time.sleep(rng.uniform(0.3, 4))
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    kept = {path: path.read_bytes() for path in out.rglob("*.json") if ".nonet" not in path.parts}
    subprocess.run(command, check=True, **quiet)  # type: ignore[call-overload]
    assert all(path.read_bytes() == raw for path, raw in kept.items()), "a finished reading changed"
    assert len(list(out.rglob("images/*.json"))) == 6, "a reading is missing"
    assert not list(out.rglob("*.part")), "a half-written file is left"


CASES: dict[str, Callable[[int, Path], None]] = {
    "files": file_case,
    "data sets": data_case,
    "bundles": bundle_case,
    "kills": kill_case,
}


# The campaign


def work(kind: str, start: int, stop: int) -> None:
    """Run some cases in this process, a line of JSON each: begun, then its outcome, seconds and memory."""
    from nonet.errors import NonetError

    for number in range(start, stop):
        print(json.dumps({"begun": number}), flush=True)
        with tempfile.TemporaryDirectory() as place:
            begun = time.process_time()
            try:
                CASES[kind](number, Path(place))
                outcome = "read"
            except NonetError as error:
                outcome = type(error).__name__
            except BaseException as error:
                outcome = f"UNTYPED {type(error).__name__}: {str(error)[:120]}"
            seconds = time.process_time() - begun
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"number": number, "outcome": outcome, "seconds": seconds, "mb": memory}), flush=True)


def campaign(kind: str, count: int) -> dict[str, object]:
    """All cases of a kind, in processes that are replaced when one dies."""
    outcomes: Counter[str] = Counter()
    worst: dict[str, int] = {}
    slowest, largest, usual, number = 0.0, 0.0, 0.0, 0
    while number < count:
        stop = min(count, number + (200 if kind == "files" else 50))
        command = [sys.executable, __file__, "work", kind, str(number), str(stop)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        lines = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
        done = [line for line in lines if "outcome" in line]
        for line in done:
            outcome = line["outcome"]
            outcomes[outcome.split(":")[0]] += 1
            if outcome.startswith("UNTYPED"):
                worst.setdefault(outcome, line["number"])
            if line["seconds"] > SLOW_SECONDS:
                outcomes["more than 5 CPU seconds"] += 1
                worst.setdefault("slow", line["number"])
            slowest = max(slowest, line["seconds"])
        if done:
            usual = usual or done[0]["mb"]
            largest = max(largest, done[-1]["mb"])
        begun = [line["begun"] for line in lines if "begun" in line]
        number = begun[-1] + 1 if begun else stop
        if len(done) < len(begun) or not begun:
            outcomes["CRASH of the process"] += 1
            worst.setdefault(f"crash {run.returncode} {run.stderr[-200:]}", number - 1)
    return {
        "cases": count,
        "outcomes": dict(outcomes.most_common()),
        "slowest_cpu_seconds": round(slowest, 2),
        "largest_process_mb_beyond_the_first_case": round(largest - usual),
        "first_number_of_each_fault": worst,
    }


def main() -> None:
    """Run the campaign, or one case of it."""
    if sys.argv[1:2] == ["work"]:
        work(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
        return
    if sys.argv[1:2] == ["case"]:
        with tempfile.TemporaryDirectory() as place:
            CASES[sys.argv[2]](int(sys.argv[3]), Path(place))
        return
    scale = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    result: dict[str, object] = {"machine": {"cpu": platform.machine(), "cores": os.cpu_count()}, "scale": scale}
    for kind, count in COUNTS.items():
        result[kind] = campaign(kind, max(1, round(count * scale)))
        print(kind, json.dumps(result[kind], indent=2), flush=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
