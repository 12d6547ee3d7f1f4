"""What reading a loop as one costs, and how much less its boxes flicker than those of frames read one by one.

Cost: a simulated loop of a drifting probe, each frame's CPU seconds as stills and the whole as a loop, by one process
and by two. Flicker: a still held for many frames with fresh noise; the standard deviation of each edge of each
structure that is seen on all of them, frame by frame, in the tracks, and in the tracks where near-identical frames are
computed all the same.

    python benchmarks/loop.py [--frames 300] [--held 30] [--stills 4] [-o benchmarks/results/loop.json]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from nonet.anatomy import STRUCTURES
from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.bundle.session import set_threads
from nonet.cine import Taken, read_loop
from nonet.cine.gather import Gathered
from nonet.cine.read_loop import gathered_loop
from nonet.frame import Frame, Source, pixels_sha256
from nonet.frames import hide_overlay
from nonet.reader import Reader
from nonet.simulate import simulate, simulate_cine

RESULT = Path(__file__).parent / "results/loop.json"
NOISE_SD = 6.0
"""Grey levels, as in the twins of `nonet evaluate robustness`."""
FIRST_SEED = 9_100_000
"""Of the stills; training draws from other seeds."""
ALONE = 6
"""Frames by which the cost of a frame alone is measured."""


def main() -> None:
    """Measure, print and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--held", type=int, default=30)
    parser.add_argument("--stills", type=int, default=4)
    parser.add_argument("-o", "--out", type=Path, default=RESULT)
    asked = parser.parse_args()
    set_threads(1)
    reader = Reader(Bundle(DEFAULT_BUNDLE))
    result = {
        "machine": platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "bundle": f"{reader.bundle.manifest.name} {reader.bundle.manifest.version}",
        "flicker": flicker(reader, asked.stills, asked.held),
        "cost": cost(reader, asked.frames),
    }
    asked.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


def frame_of(pixels, number: int = 0, frames: int = 1) -> Frame:
    """A frame of grey pixels."""
    return Frame(np.ascontiguousarray(pixels), Source("array", pixels_sha256(pixels), number, frames))


def cost(reader: Reader, count: int) -> dict[str, object]:
    """CPU and wall seconds of a loop, and CPU seconds of a frame alone."""
    frames = [frame_of(one.pixels, number, count) for number, one in enumerate(simulate_cine(FIRST_SEED, count))]
    few = frames[:: max(len(frames) // ALONE, 1)][:ALONE]
    alone, _, _ = timed(lambda: [reader.read_frame(frame) for frame in few])
    found: dict[str, object] = {"frames": count, "cpu_s_a_frame_alone": round(alone / len(few), 3)}
    for workers in (1, 2):
        cpu, wall, loop = timed(lambda workers=workers: read_loop(frames, reader, workers=workers))
        found[f"workers_{workers}"] = {"cpu_s": round(cpu, 1), "wall_s": round(wall, 1)}
        found["taken"] = {how.value: sum(one.taken is how for one in loop.frames) for how in Taken}
    return found


def timed(do) -> tuple[float, float, object]:
    """CPU seconds of this process and of those it waited for, wall seconds, and what was made."""
    before, start = cpu_seconds(), time.perf_counter()
    made = do()
    return cpu_seconds() - before, time.perf_counter() - start, made


def cpu_seconds() -> float:
    """Of this process and of those that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def flicker(reader: Reader, stills: int, held: int) -> dict[str, object]:
    """Standard deviations of edges over time, and how large a share of those frame by frame is left."""
    rows = [held_still(reader, FIRST_SEED + number, held) for number in range(stills)]
    one, tracks, all_computed = (np.concatenate([row[place] for row in rows]) for place in range(3))
    return {
        "stills": stills,
        "frames": held,
        "noise_sd_grey_levels": NOISE_SD,
        "edges": len(one),
        "sd_px_frame_by_frame": spread(one),
        "sd_px_tracks": spread(tracks),
        "sd_px_tracks_all_computed": spread(all_computed),
        "share_tracks": round(float(np.mean(tracks) / np.mean(one)), 3),
        "share_tracks_all_computed": round(float(np.mean(all_computed) / np.mean(one)), 3),
    }


def spread(values) -> dict[str, float]:
    """Mean and 95th centile."""
    return {
        name: round(float(value), 3) for name, value in (("mean", np.mean(values)), ("p95", np.quantile(values, 0.95)))
    }


def held_still(reader: Reader, seed: int, held: int):
    """Standard deviations of edges of structures seen on all frames: one by one, as tracks, as tracks all computed."""
    still, rng = simulate(seed).pixels, np.random.default_rng(seed)
    noisy = [
        np.clip(np.rint(still + rng.normal(0, NOISE_SD, still.shape)), 0, 255).astype(np.uint8) for _ in range(held)
    ]
    frames = [frame_of(pixels, number, held) for number, pixels in enumerate(noisy)]
    alone = [{one.structure: one.box.xyxy for one in reader.read_frame(frame).findings if one.box} for frame in frames]
    loops = [boxes_of(read_loop(frames, reader, best=0)), boxes_of(all_computed(reader, frames))]
    seen = [name for name in STRUCTURES if all(name in boxes for every in (alone, *loops) for boxes in every)]
    return [np.array([[b[name] for name in seen] for b in every]).std(axis=0).ravel() for every in (alone, *loops)]


def with_noise(pixels, rng: np.random.Generator):
    """Grey pixels with normal noise."""
    return np.clip(np.rint(pixels + rng.normal(0, NOISE_SD, pixels.shape)), 0, 255).astype(np.uint8)


def boxes_of(loop) -> list[dict[object, tuple[float, ...]]]:
    """The boxes of each frame by structure."""
    found: list[dict[object, tuple[float, ...]]] = [{} for _ in loop.frames]
    for track in loop.tracks:
        for box in track.boxes:
            found[box.number][track.structure] = box.box
    return found


def all_computed(reader: Reader, frames):
    """The loop where no frame is a copy."""
    gathered, before = Gathered(0), None
    for frame in frames:
        hidden = hide_overlay(frame)
        before = reader.detector.locate(hidden) if before is None else reader.detector.follow(hidden, before)
        reading = reader.read_located(frame, before)
        gathered.add(replace(frame.source), reading.image.pixels_sha256, reading, taken=Taken.FOLLOWED)
    return gathered_loop(gathered, reader.detector.shape_prior)


if __name__ == "__main__":
    main()
