"""What a structured report and a presentation state cost: time for one reading, memory for a long cine.

Run: python benchmarks/dicom_results.py
Writes benchmarks/results/dicom-results.json.
"""

from __future__ import annotations

import io
import json
import os
import statistics
import time
import tracemalloc
from dataclasses import replace
from pathlib import Path

import highdicom
import pydicom

from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.outputs.dicom import presentation_state, structured_report
from nonet.outputs.dicom.source import header_of
from nonet.reader import Reader

ROOT = Path(__file__).parents[1]
STILL = ROOT / "examples/dicom/fir-still.dcm"
RESULT = ROOT / "benchmarks/results/dicom-results.json"
REPEATS = 30
LONG = 300


def encoded(dataset: pydicom.Dataset) -> int:
    """Bytes of a data set as a file."""
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return len(buffer.getvalue())


def timed(make) -> dict[str, float]:
    """How long it takes to make and encode objects."""
    wall, cpu = [], []
    for _ in range(REPEATS):
        wall_start, cpu_start = time.perf_counter(), time.process_time()
        size = sum(map(encoded, make()))
        wall.append(1000 * (time.perf_counter() - wall_start))
        cpu.append(1000 * (time.process_time() - cpu_start))
    return {
        "wall_ms_median": round(statistics.median(wall), 1),
        "wall_ms_least": round(min(wall), 1),
        "cpu_ms_median": round(statistics.median(cpu), 1),
        "bytes": size,
    }


def main() -> None:
    """Measure, write and print."""
    readings = [reading for _, reading in Reader(Bundle(DEFAULT_BUNDLE)).read_source(STILL)]
    start = time.perf_counter()
    structured_report(readings, header_of(STILL))
    first = time.perf_counter() - start
    result = {
        "machine": {"cores": os.cpu_count(), "load_1_min": round(os.getloadavg()[0], 2)},
        "versions": {"highdicom": highdicom.__version__, "pydicom": pydicom.__version__},
        "visible": sum(finding.visible for finding in readings[0].findings),
        "repeats": REPEATS,
        "first_report_ms": round(1000 * first, 1),
        "sr": timed(lambda: [structured_report(readings, header_of(STILL))]),
        "gsps": timed(lambda: [presentation_state(readings, header_of(STILL))]),
        "sr_and_gsps": timed(
            lambda: [structured_report(readings, header_of(STILL)), presentation_state(readings, header_of(STILL))]
        ),
        "cine": cine(readings[0]),
    }
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


def cine(reading) -> dict[str, float]:
    """A made-up loop of so many frames, each with the same findings."""
    header = header_of(STILL)
    header.NumberOfFrames = LONG
    frames = [replace(reading, source=replace(reading.source, frame=index, frames=LONG)) for index in range(LONG)]
    found: dict[str, float] = {"frames": LONG}
    for name, make in (("sr", structured_report), ("gsps", presentation_state)):
        start = time.process_time()
        size = encoded(make(frames, header))
        found[f"{name}_cpu_ms_a_frame"] = round(1000 * (time.process_time() - start) / LONG, 2)
        found[f"{name}_bytes_a_frame"] = round(size / LONG)
        tracemalloc.start()
        make(frames, header)
        found[f"{name}_peak_mib"] = round(tracemalloc.get_traced_memory()[1] / 2**20, 1)
        tracemalloc.stop()
    return found


if __name__ == "__main__":
    main()
